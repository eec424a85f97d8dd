//! The senders of mail on AWS: Amazon SES, or the deployer's own function.
//!
//! # Invariants
//! No error contains an address, a code or a text of the answer: SES repeats addresses in its messages.

mod function;
mod ses;

use std::time::Duration;

use aws_sdk_sesv2::config::timeout::TimeoutConfig;
use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_types::SdkConfig;
use shared::config::{self, ConfigError, Lookup, MailSink};

use crate::mail::Sink;

/// The timeout of one mail. The function's timeout exceeds that of a whole batch: if Lambda ended it in the middle, the
/// mails that were sent would be sent again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Returns the sink named in the settings.
///
/// # Errors
/// Returns [`ConfigError`], which names the variable.
pub(crate) fn from_settings(lookup: Lookup<'_>, config: &SdkConfig) -> Result<Sink, ConfigError> {
    match config::required_mail_sink(lookup)? {
        MailSink::Ses { from, configuration_set } => {
            let sender_name = config::mail_wording(lookup)?.sender_name;
            Ok(ses::sink(config, &sender_name, &from, configuration_set))
        }
        MailSink::Function(arn) => Ok(function::sink(config, arn)),
    }
}

/// One try may take the whole timeout: a mail without a timely answer may have been sent. The SDK repeats temporary refusals
/// at once.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(PATIENCE)
        .operation_timeout(PATIENCE)
        .build()
}

/// Returns the name of an error, without its message.
fn name_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> &str {
    match error {
        SdkError::TimeoutError(_) => "no answer in time",
        SdkError::DispatchFailure(_) => "no connection",
        SdkError::ServiceError(error) => error.err().code().unwrap_or("an error without a code"),
        SdkError::ConstructionFailure(_) | SdkError::ResponseError(_) | _ => "an answer that can't be read",
    }
}
