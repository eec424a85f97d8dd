//! The destination of mail: the inbox, and by SMTP a program on this machine if one is named.

mod smtp;

use std::net::SocketAddr;
use std::sync::Arc;

use mailer::{Mail as Ready, Sink};
use shared::config::{ConfigError, Lookup};

use crate::error::StartError;
use crate::inbox::Inbox;
use crate::options::{Clock, Mail, Options};
use smtp::Smtp;

/// The sender for the function `mailer`.
#[derive(Clone)]
pub(crate) struct Outbox {
    inbox: Arc<Inbox>,
    smtp: Option<SocketAddr>,
    clock: Clock,
    are_links_logged: bool,
}

impl Outbox {
    /// Returns an outbox for these options.
    ///
    /// # Errors
    /// Returns [`StartError::SmtpElsewhere`] for a program on another machine.
    pub(crate) fn new(options: &Options) -> Result<Self, StartError> {
        let smtp = match options.mail {
            Mail::Smtp(address) if !address.ip().is_loopback() => {
                return Err(StartError::SmtpElsewhere(address));
            }
            Mail::Smtp(address) => Some(address),
            Mail::Off | Mail::Inbox => None,
        };
        Ok(Self {
            inbox: Arc::default(),
            smtp,
            clock: Arc::clone(&options.clock),
            are_links_logged: options.are_links_logged,
        })
    }

    /// Returns an outbox without readers.
    #[cfg(test)]
    pub(crate) fn nowhere() -> Self {
        Self { inbox: Arc::default(), smtp: None, clock: Arc::new(Default::default), are_links_logged: false }
    }

    /// Returns its inbox.
    pub(crate) fn inbox(&self) -> Arc<Inbox> {
        Arc::clone(&self.inbox)
    }

    /// Returns the sinks of a function with these settings: the inbox first, and the program that speaks SMTP. Each gets
    /// all mails independently, so that a mail is in the inbox even if it cannot be sent.
    ///
    /// # Errors
    /// Returns [`ConfigError`], which names the variable.
    pub(crate) fn sinks(&self, lookup: Lookup<'_>) -> Result<Vec<Sink>, ConfigError> {
        let smtp = self.smtp.map(|address| Smtp::new(address, lookup)).transpose()?;
        Ok([self.keeping()].into_iter().chain(smtp.map(|smtp| self.sending(smtp))).collect())
    }

    fn keeping(&self) -> Sink {
        let outbox = self.clone();
        Arc::new(move |mail: Ready| {
            let outbox = outbox.clone();
            Box::pin(async move {
                if outbox.inbox.add(&mail, (outbox.clock)()) && outbox.are_links_logged {
                    log(&mail);
                }
                Ok(())
            })
        })
    }

    fn sending(&self, smtp: Smtp) -> Sink {
        let (smtp, clock) = (Arc::new(smtp), Arc::clone(&self.clock));
        Arc::new(move |mail: Ready| {
            let (smtp, now) = (Arc::clone(&smtp), clock());
            Box::pin(async move { smtp.send(&mail, now).await })
        })
    }
}

fn log(mail: &Ready) {
    let (kind, to) = (mail.kind.kind(), mail.to.as_str());
    match &mail.link {
        Some(link) => tracing::info!("mail ({kind}) to {to}: {link}"),
        None => tracing::info!("mail ({kind}) to {to}"),
    }
}
