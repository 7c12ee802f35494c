//! `/api/v1/connections`: how a tenant is connected to WhatsApp, and connecting.

pub(crate) mod disconnect;
pub(crate) mod embedded_signup;
pub(crate) mod list;
pub(crate) mod own_credentials;
pub(crate) mod pin;
pub(crate) mod resume;
pub(crate) mod runs;
pub(crate) mod setup;
pub(crate) mod show;
pub(crate) mod signup_events;
pub(crate) mod view;

use axum::http::StatusCode;
use domain::ConnectionId;
use engine::onboarding::{BeginError, DisconnectError, PinError};

use crate::problem::Problem;

/// The id of a path; none of ours is none that is there.
pub(crate) fn id_of(text: &str) -> Result<ConnectionId, Problem> {
    text.parse().map_err(|_| Problem::not_found("connection"))
}

impl From<BeginError> for Problem {
    fn from(error: BeginError) -> Self {
        let sentence = error.to_string();
        match error {
            BeginError::NoConnection => Self::not_found("connection"),
            BeginError::NotSetUp(_) => Self::conflict("not_set_up", sentence),
            BeginError::Wrong { field, problem } => Self::invalid(field, problem),
            BeginError::CodeUsed => Self::conflict("code_used", sentence),
            BeginError::CodeNeeded => Self::conflict("code_needed", sentence),
            BeginError::AtWork => Self::conflict("at_work", sentence),
            BeginError::Store(error) => error.into(),
        }
    }
}

impl From<DisconnectError> for Problem {
    fn from(error: DisconnectError) -> Self {
        match error {
            DisconnectError::NoConnection => Self::not_found("connection"),
            DisconnectError::Store(error) => error.into(),
        }
    }
}

impl From<PinError> for Problem {
    fn from(error: PinError) -> Self {
        let sentence = error.to_string();
        match error {
            PinError::NoNumber => Self::not_found("number in this connection"),
            PinError::NoPin => Self::new(StatusCode::NOT_FOUND, "no_pin", "No PIN", sentence),
            PinError::NotSixDigits => Self::invalid("pin", "must have six digits"),
            PinError::NoToken => Self::conflict("no_access", sentence),
            PinError::Unanswered(_) => Self::new(
                StatusCode::BAD_GATEWAY,
                "whatsapp_unreachable",
                "WhatsApp did not answer",
                sentence,
            ),
            PinError::Meta(_) => Self::new(
                StatusCode::BAD_GATEWAY,
                "whatsapp_refused",
                "WhatsApp did not do it",
                sentence,
            ),
            PinError::Store(error) => error.into(),
        }
    }
}
