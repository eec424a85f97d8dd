//! The effects of codes: when each code is valid, and how it changes the account.

use super::CodeUse;
use crate::Timestamp;
use crate::account::{Account, LeftAddress, Tombstone, UNDOABLE_FOR};
use crate::code::{Code, OfAccount, Purpose};
use crate::email::Email;
use crate::factor::{Factors, Totp};
use crate::flow::Asking;
use crate::flow::account_change::{AccountChange, Becomes, PasskeyWrites, SessionPolicy};
use crate::flow::mail_reservation::Reserved;
use crate::flow::mailing::Mailing;
use crate::flow::reservation::BlockedError;
use crate::flow::sign_in::{Fresh, Opening};
use crate::mail_lane;
use crate::passkey::{self, CredentialId, Passkey};
use crate::session::OwnSessions;

/// The effect of a code.
#[derive(Clone)]
pub enum Act {
    /// Replaces the password, ends all sessions, and verifies the address.
    Reset,
    /// Verifies the address of the caller's account.
    Verify(Asking),
    /// Moves the caller's account to the new address, verifies it, and ends all sessions but a new one.
    Confirm(Box<Confirmation>),
    /// Restores the old address, ends all sessions, and removes the password. `None` if mail is off: then nobody is told.
    Undo(Option<Box<UndoMails>>),
}

/// The input of a confirmation of a new address.
#[derive(Clone)]
pub struct Confirmation {
    /// The caller. Their session ends.
    pub asking: Asking,
    /// The settings of the new session.
    pub opening: Opening,
    /// The random values of the new session.
    pub fresh: Fresh,
    /// `SESSIONS_PER_USER`: the maximum number of sessions.
    pub keep: usize,
}

/// The mails of an undo.
#[derive(Clone, Debug)]
pub struct UndoMails {
    /// The mail to the restored address, with which the owner sets a password.
    pub reset: Mailing,
    /// The mail about the undo, to the address that the account leaves.
    pub notice: Mailing,
    /// The settings of the lane in which the reset is counted.
    pub limits: mail_lane::Limits,
}

/// What is known of an account when its code is used, beside the account.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// The user's sessions.
    pub(super) own: &'a OwnSessions,
    /// What the count of a mail came to.
    pub(super) counted: Option<&'a Reserved>,
    /// The user's passkeys, if the act may remove some.
    pub(super) passkeys: &'a [Passkey],
}

/// The account after an act.
struct Outcome {
    becomes: Becomes,
    sessions: SessionPolicy,
    mails: Vec<Code>,
    frees: Vec<LeftAddress>,
    /// The passkeys that go.
    removed: Vec<CredentialId>,
}

impl Act {
    pub(super) fn purposes(&self) -> &'static [Purpose] {
        match self {
            Self::Reset => &[Purpose::Reset, Purpose::ResetLink, Purpose::Invitation],
            Self::Verify(_) => &[Purpose::Verify],
            Self::Confirm(_) => &[Purpose::ChangeAddress],
            Self::Undo(_) => &[Purpose::AddressChanged],
        }
    }

    /// Returns the limits of the lane in which a mail of the act is counted.
    pub(super) fn limits(&self) -> Option<mail_lane::Limits> {
        match self {
            Self::Undo(mails) => mails.as_ref().map(|mails| mails.limits),
            Self::Reset | Self::Verify(_) | Self::Confirm(_) => None,
        }
    }

    pub(super) fn asking(&self) -> Option<Asking> {
        match self {
            Self::Reset | Self::Undo(_) => None,
            Self::Verify(asking) => Some(*asking),
            Self::Confirm(confirmation) => Some(confirmation.asking),
        }
    }

    /// Returns the address at which the account is expected.
    pub(super) fn address<'a>(&self, code: &'a Code) -> &'a Email {
        match (self, &code.new_email) {
            (Self::Undo(_), Some(new_email)) => new_email,
            (Self::Undo(_), None) | (Self::Reset | Self::Verify(_) | Self::Confirm(_), _) => &code.email,
        }
    }

    /// Returns whether the code is still valid for its account, which must not be disabled. An undo stays valid whatever
    /// has changed since, unless the change it undoes or an older one was undone: a thief of the account must not be
    /// able to invalidate it.
    pub(super) fn is_allowed(&self, code: &Code, account: &Account) -> bool {
        let is_good = match self {
            Self::Reset | Self::Verify(_) | Self::Confirm(_) => code.is_of(account),
            Self::Undo(_) => {
                let is_of =
                    |of: OfAccount| of.user_id == account.user_id && account.moves.can_undo(of.version);
                code.account.is_some_and(is_of)
            }
        };
        is_good && !account.is_disabled()
    }

    /// Whether passkeys of the account may go.
    pub(super) fn may_remove_passkeys(&self, account: &Account) -> bool {
        let may = match self {
            Self::Reset => account.email_verified_at.is_none(),
            Self::Undo(_) => true,
            Self::Verify(_) | Self::Confirm(_) => false,
        };
        may && account.passkeys > 0
    }
}

/// The undo of a change of the address.
struct Undone<'a> {
    code: &'a Code,
    number: i64,
    mails: &'a Option<Box<UndoMails>>,
}

impl UndoMails {
    /// The code for a new password lives until its lane allows another mail, as the last one of a day does: the thief of
    /// the account may have used up the day.
    fn of(&self, read: &Account, changed: &Account, counted: Option<&Reserved>) -> Vec<Code> {
        let mut reset = self.reset.to(changed);
        reset.expires_at = match counted {
            Some(Ok(row)) if row.is_last(&self.limits) => reset.expires_at.max(row.expires_at),
            Some(Err(BlockedError { retry_after })) => {
                let opens_at = Timestamp::from_seconds((self.reset.now + *retry_after).seconds());
                reset.expires_at.max(opens_at)
            }
            Some(Ok(_)) | None => reset.expires_at,
        };
        let is_left = read.email != changed.email && read.email_verified_at.is_some();
        let notice = is_left.then(|| self.notice.notice_to_left(read, read.email.clone()));
        [reset].into_iter().chain(notice).collect()
    }
}

impl CodeUse {
    /// Returns the change that the code makes. `None` if the row lacks a value that the change needs.
    pub(super) fn change(
        &self,
        code: &Code,
        read: Account,
        known: Known<'_>,
        password_hash: Option<String>,
    ) -> Option<AccountChange> {
        let own = known.own;
        let Outcome { becomes, sessions, mails, frees, removed } = match &self.act {
            Act::Reset => self.reset(&read, known, code, password_hash),
            Act::Verify(_) => self.verified(&read),
            Act::Confirm(confirmation) => self.moved(&read, own, code.new_email.clone()?, confirmation)?,
            Act::Undo(mails) => {
                self.undone(&read, known, Undone { code, number: code.account?.version, mails })
            }
        };
        Some(AccountChange {
            read,
            becomes,
            sessions,
            caller: match &self.act {
                Act::Confirm(confirmation) => Some(confirmation.asking.session_id),
                Act::Reset | Act::Verify(_) | Act::Undo(_) => None,
            },
            code: Some(self.token.code_id),
            mails,
            frees,
            passkeys: PasskeyWrites::deleting(removed),
            counted: None,
            used: None,
            room: self.room,
            now: self.now,
        })
    }

    fn reset(
        &self,
        read: &Account,
        Known { own, passkeys, .. }: Known<'_>,
        code: &Code,
        password_hash: Option<String>,
    ) -> Outcome {
        // A link that an operator hands over proves nothing about the mailbox.
        let is_proof = code.purpose != Purpose::ResetLink;
        let proven = if is_proof { self.proven(read) } else { read.clone() };
        // Who registered the address may be a stranger, and so is what they have set up, until its owner reads a mail.
        let is_first = is_proof && read.email_verified_at.is_none();
        let removed = if is_first { passkey::ids(passkeys) } else { Vec::new() };
        let factors = if is_first { Factors::default() } else { read.factors.clone() };
        let changed = Account { password_hash, factors: Factors { pending_totp: None, ..factors }, ..proven }
            .with_fewer_passkeys(removed.len());
        Outcome {
            mails: self
                .mailing
                .iter()
                .filter(|_| changed.email_verified_at.is_some())
                .map(|notice| notice.to(&changed))
                .collect(),
            frees: Vec::new(),
            removed,
            becomes: Becomes::Account(Box::new(changed)),
            sessions: SessionPolicy::EndAll(own.all()),
        }
    }

    fn verified(&self, read: &Account) -> Outcome {
        let becomes = Becomes::Account(Box::new(self.proven(read)));
        Outcome {
            becomes,
            sessions: SessionPolicy::Update,
            mails: Vec::new(),
            frees: Vec::new(),
            removed: Vec::new(),
        }
    }

    fn moved(
        &self,
        read: &Account,
        own: &OwnSessions,
        new_email: Email,
        Confirmation { asking, opening, fresh, keep }: &Confirmation,
    ) -> Option<Outcome> {
        let session = own.find_living(asking.session_id, self.now)?;
        // An unverified address may be a stranger's, mistyped: it is neither restored nor reserved.
        let is_proven = read.email_verified_at.is_some();
        let changed = Account {
            email: new_email,
            email_verified_at: Some(self.now),
            moves: if is_proven {
                read.moves.with_another(read.email.clone(), self.now)
            } else {
                read.moves.clone()
            },
            ..read.next_version_ending_sessions()
        };
        let opening = opening.instead_of(session);
        let begun = Box::new(opening.open(changed.user_id, changed.profile(), *fresh));
        let known = own.all_but(asking.session_id);
        Some(Outcome {
            mails: self
                .mailing
                .iter()
                .filter(|_| is_proven)
                .map(|notice| notice.to_left_address(read, &changed))
                .collect(),
            frees: Vec::new(),
            removed: Vec::new(),
            becomes: Becomes::Moved {
                account: Box::new(changed),
                leaves: is_proven.then(|| Tombstone::new(read.user_id, self.now)),
            },
            sessions: SessionPolicy::EndAllBut { known, begun, keep: *keep },
        })
    }

    /// The former holder of the account knew its password, so it is removed. What they can have added to sign in with goes too, passkeys as
    /// well: all that is of seven days before the change, or newer. What is older is still asked for.
    fn undone(
        &self,
        read: &Account,
        Known { own, counted, passkeys }: Known<'_>,
        Undone { code, number, mails }: Undone<'_>,
    ) -> Outcome {
        let removed = passkey::added_after(passkeys, read.moves.suspicious_since(number));
        let changed = Account {
            email: code.email.clone(),
            email_verified_at: Some(self.now),
            password_hash: None,
            factors: self.old_factors(read, number),
            moves: read.moves.before(number, self.now),
            ..read.next_version_ending_sessions()
        }
        .with_fewer_passkeys(removed.len());
        let given_up = read.moves.given_up(number, self.now).into_iter();
        let given_up = given_up.filter(|(left, _)| ![&read.email, &changed.email].contains(&left));
        let tombstone = |at| Tombstone::new(read.user_id, at);
        Outcome {
            mails: mails.iter().flat_map(|mails| mails.of(read, &changed, counted)).collect(),
            frees: given_up.map(|(email, at)| LeftAddress { email, tombstone: tombstone(at) }).collect(),
            removed,
            sessions: SessionPolicy::EndAll(own.all()),
            becomes: if changed.email == read.email {
                Becomes::Account(Box::new(changed))
            } else {
                let leaves = changed.moves.may_return_to(&read.email, self.now).map(tombstone);
                Becomes::Moved { account: Box::new(changed), leaves }
            },
        }
    }

    fn old_factors(&self, read: &Account, number: i64) -> Factors {
        let changed_at = read.moves.undoable.iter().find(|undoable| undoable.number == number);
        let is_old =
            |totp: &Totp| changed_at.is_some_and(|change| totp.confirmed_at + UNDOABLE_FOR < change.at);
        let totp = read.factors.totp.clone().filter(is_old);
        // Recovery codes can have been replaced meanwhile, by whoever had one factor: they go with the app, or are made anew.
        Factors { totp, ..Factors::default() }
    }

    /// The holder of the code reads the mail to the address.
    fn proven(&self, account: &Account) -> Account {
        let email_verified_at = account.email_verified_at.or(Some(self.now));
        Account { email_verified_at, ..account.clone() }
    }
}
