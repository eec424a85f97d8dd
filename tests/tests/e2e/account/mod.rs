//! Accounts: forgotten passwords, verified and changed addresses, names, the end of an account.

mod address;
mod codes;
mod deletion;
mod lanes;
mod name;
mod new_device;
mod registration;
mod reset;
mod undo;
mod verification;

use tests::Browser;

/// A password that nobody has.
fn new_password(browser: &Browser) -> String {
    Browser::at(&browser.service).password
}
