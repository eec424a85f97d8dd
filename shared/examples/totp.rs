//! Prints the codes of an authenticator app, for `scripts/oathtool`: its arguments are the secret in base32, the first second since
//! the Unix epoch, the seconds between two codes, and how many codes there are to be.

use std::io::{Error, ErrorKind, Write};

use shared::Timestamp;
use shared::factor::TotpSecret;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let bad = || Error::new(ErrorKind::InvalidInput, "SECRET FIRST STEP COUNT");
    let [secret, numbers @ ..] = arguments.as_slice() else { return Err(bad()) };
    let secret = TotpSecret::from_base32(secret).ok_or_else(bad)?;
    let numbers = numbers.iter().map(|text| text.parse::<i64>().ok()).collect::<Option<Vec<_>>>();
    let Some([first, step, count]) = numbers.as_deref() else { return Err(bad()) };
    for number in 0..*count {
        let code = secret.code_at(Timestamp::from_seconds(first + number * step));
        writeln!(std::io::stdout(), "{code}")?;
    }
    Ok(())
}
