//! `/api/v1/media`, and what can go wrong with files.

pub(crate) mod missing;
pub(crate) mod settings;
pub(crate) mod upload;
pub(crate) mod usage;

use axum::http::StatusCode;
use engine::shared_account::Unreached;
use meta::graph::GraphCallError;

use crate::problem::Problem;

impl From<Unreached> for Problem {
    fn from(error: Unreached) -> Self {
        let sentence = error.to_string();
        match error {
            Unreached::NoNumber => Self::conflict("no_number", sentence),
            Unreached::NoToken => Self::conflict("no_waba", sentence),
            Unreached::Store(error) => error.into(),
            Unreached::Meta(GraphCallError::Refused(refused)) => {
                let why = refused.details.as_deref().unwrap_or(&refused.message);
                Self::new(
                    StatusCode::BAD_GATEWAY,
                    "meta_refused",
                    "WhatsApp refused",
                    format!("WhatsApp refused with code {}: {why}", refused.code),
                )
            }
            Unreached::Meta(
                error @ (GraphCallError::Transport(_)
                | GraphCallError::NotMeta { .. }
                | GraphCallError::NotAllowed(_)),
            ) => {
                tracing::warn!(error = %error, "a call to WhatsApp failed");
                Self::new(
                    StatusCode::BAD_GATEWAY,
                    "meta_unreachable",
                    "WhatsApp does not answer",
                    "WhatsApp did not answer as it should; try again in a moment",
                )
            }
        }
    }
}
