//! What codes do: when each is good, and what it makes of the account.

use super::CodeUse;
use crate::account::{Account, Tombstone};
use crate::code::{Code, OfAccount, Purpose};
use crate::email::Email;
use crate::flow::Asking;
use crate::flow::account_change::{AccountChange, Becomes, SessionPolicy};
use crate::flow::sign_in::{Fresh, Opening};
use crate::session::OwnSessions;

/// What a code does.
#[derive(Clone)]
pub enum Act {
    /// Replaces the password, ends all sessions, and proves the address.
    Reset,
    /// Proves the address of the caller's account.
    Verify(Asking),
    /// Moves the caller's account to the new address, which it proves, and ends all sessions but one that it begins.
    Confirm(Box<Confirmation>),
    /// Brings the old address back, ends all sessions, and voids the password.
    Undo,
}

/// What the confirmation of a new address begins with.
#[derive(Clone)]
pub struct Confirmation {
    /// Who asks. Their session ends.
    pub asking: Asking,
    /// What the session begins with that takes its place.
    pub opening: Opening,
    /// What is drawn for it.
    pub fresh: Fresh,
    /// `SESSIONS_PER_USER`: how many sessions stay.
    pub keep: usize,
}

/// What an act makes of an account.
struct Outcome {
    becomes: Becomes,
    sessions: SessionPolicy,
    mail: Option<Code>,
}

impl Act {
    pub(super) fn purposes(&self) -> &'static [Purpose] {
        match self {
            Self::Reset => &[Purpose::Reset, Purpose::ResetLink, Purpose::Invitation],
            Self::Verify(_) => &[Purpose::Verify],
            Self::Confirm(_) => &[Purpose::ChangeAddress],
            Self::Undo => &[Purpose::AddressChanged],
        }
    }

    pub(super) fn asking(&self) -> Option<Asking> {
        match self {
            Self::Reset | Self::Undo => None,
            Self::Verify(asking) => Some(*asking),
            Self::Confirm(confirmation) => Some(confirmation.asking),
        }
    }

    /// The address under which the account is expected.
    pub(super) fn address<'a>(&self, code: &'a Code) -> &'a Email {
        match (self, &code.new_email) {
            (Self::Undo, Some(new_email)) => new_email,
            (Self::Undo, None) | (Self::Reset | Self::Verify(_) | Self::Confirm(_), _) => &code.email,
        }
    }

    /// Whether the code is still good for its account, which no operator has disabled. That of an undo is, whatever has changed since, unless the change it
    /// undoes or an older one is undone: who has taken an account over must not be able to void it.
    pub(super) fn is_allowed(&self, code: &Code, account: &Account) -> bool {
        let is_good = match self {
            Self::Reset | Self::Verify(_) | Self::Confirm(_) => code.is_of(account),
            Self::Undo => {
                let is_of =
                    |of: OfAccount| of.user_id == account.user_id && account.moves.can_undo(of.version);
                code.account.is_some_and(is_of)
            }
        };
        is_good && !account.is_disabled()
    }
}

impl CodeUse {
    /// Returns the change that the code makes. None if the row lacks what the change needs.
    pub(super) fn change(
        &self,
        code: &Code,
        read: Account,
        own: &OwnSessions,
        password_hash: Option<String>,
    ) -> Option<AccountChange> {
        let Outcome { becomes, sessions, mail } = match &self.act {
            Act::Reset => self.reset(&read, own, code, password_hash),
            Act::Verify(_) => self.verified(&read),
            Act::Confirm(confirmation) => self.moved(&read, own, code.new_email.clone()?, confirmation),
            Act::Undo => self.undone(&read, own, code, code.account?.version),
        };
        Some(AccountChange {
            read,
            becomes,
            sessions,
            caller: match &self.act {
                Act::Confirm(confirmation) => Some(confirmation.asking.session_id),
                Act::Reset | Act::Verify(_) | Act::Undo => None,
            },
            code: Some(self.token.code_id),
            mail: mail.map(Box::new),
            counted: None,
            room: self.room,
            now: self.now,
        })
    }

    fn reset(
        &self,
        read: &Account,
        own: &OwnSessions,
        code: &Code,
        password_hash: Option<String>,
    ) -> Outcome {
        // A link that an operator hands over says nothing about the mailbox.
        let is_proof = code.purpose != Purpose::ResetLink;
        let proven = if is_proof { self.proven(read) } else { read.clone() };
        let changed = Account { password_hash, ..proven };
        Outcome {
            mail: self
                .mailing
                .as_ref()
                .filter(|_| changed.email_verified_at.is_some())
                .map(|notice| notice.to(&changed)),
            becomes: Becomes::Account(Box::new(changed)),
            sessions: SessionPolicy::EndAll(own.all()),
        }
    }

    fn verified(&self, read: &Account) -> Outcome {
        let becomes = Becomes::Account(Box::new(self.proven(read)));
        Outcome { becomes, sessions: SessionPolicy::Update, mail: None }
    }

    fn moved(
        &self,
        read: &Account,
        own: &OwnSessions,
        new_email: Email,
        Confirmation { asking, opening, fresh, keep }: &Confirmation,
    ) -> Outcome {
        // An address that was never proved may be a stranger's, by a typing error: it brings no account back, and is not kept.
        let is_proven = read.email_verified_at.is_some();
        let changed = Account {
            email: new_email,
            email_verified_at: Some(self.now),
            moves: if is_proven { read.moves.with_another(self.now) } else { read.moves.clone() },
            ..read.next_version_ending_sessions()
        };
        let begun = Box::new(opening.open(changed.user_id, changed.profile(), *fresh));
        let known = own.all_but(asking.session_id);
        Outcome {
            mail: self
                .mailing
                .as_ref()
                .filter(|_| is_proven)
                .map(|notice| notice.to_left_address(read, &changed)),
            becomes: Becomes::Moved {
                account: Box::new(changed),
                leaves: is_proven.then(|| Tombstone::new(read.user_id, self.now)),
            },
            sessions: SessionPolicy::EndAllBut { known, begun, keep: *keep },
        }
    }

    /// Whoever had the account knew its password, so that is void. What else they can have added to sign in with since the change
    /// goes here too, once there is such a thing.
    fn undone(&self, read: &Account, own: &OwnSessions, code: &Code, number: i64) -> Outcome {
        let changed = Account {
            email: code.email.clone(),
            email_verified_at: Some(self.now),
            password_hash: None,
            moves: read.moves.before(number, self.now),
            ..read.next_version_ending_sessions()
        };
        Outcome {
            mail: self.mailing.as_ref().map(|reset| reset.to(&changed)),
            sessions: SessionPolicy::EndAll(own.all()),
            becomes: if changed.email == read.email {
                Becomes::Account(Box::new(changed))
            } else {
                Becomes::Moved { account: Box::new(changed), leaves: None }
            },
        }
    }

    /// Whoever has the code reads what is mailed to the address.
    fn proven(&self, account: &Account) -> Account {
        let email_verified_at = account.email_verified_at.or(Some(self.now));
        Account { email_verified_at, ..account.clone() }
    }
}
