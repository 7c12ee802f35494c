//! `/api/v1/me`: what is a person's own.

pub(crate) mod password;
pub(crate) mod sessions;
pub(crate) mod totp;
pub(crate) mod update;

use axum::http::StatusCode;
use engine::people::Weak;
use engine::people::account::AccountError;

use crate::problem::Problem;

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        let sentence = error.to_string();
        match error {
            AccountError::NotFound => Self::not_found("user"),
            AccountError::WrongPassword => Self::invalid("current", sentence),
            AccountError::WrongCode => Self::invalid("code", sentence),
            AccountError::Weak(weak) => Self::invalid("new", explained(weak)),
            AccountError::AlreadyOn => Self::conflict("totp_on", sentence),
            AccountError::Guesses(error) => error.into(),
            AccountError::Seal(error) => {
                tracing::error!(error = %error, "a secret could not be sealed");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "Something went wrong here",
                    "the secret could not be sealed; the log says why",
                )
            }
        }
    }
}

fn explained(weak: Weak) -> &'static str {
    match weak {
        Weak::Short => "must have at least 10 characters",
        Weak::Long => "may have at most 200 characters",
        Weak::Easy => "is too easy to guess; use a few words that belong together only for you",
    }
}
