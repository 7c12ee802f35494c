//! `POST /api/v1/admin/platform/subscribe`.

use axum::extract::State;
use axum::http::StatusCode;
use engine::platform::{SubscribeError, subscribe as subscribe_app};
use meta::graph::GraphCallError;

use crate::App;
use crate::auth::{Platform, PlatformWrite};
use crate::problem::{Problem, Result};

/// Subscribes the app at Meta to every webhook field that is handled here, at our address, with our verify token (made
/// where there is none); and the platform's own WABA to the app. Fields that it has beside them stay.
#[utoipa::path(post, path = "/api/v1/admin/platform/subscribe", tag = "admin", responses(
    (status = 204, description = "Subscribed"),
    (status = 409, description = "Something that this takes is not set yet (`not_set_up`)", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "Meta refused (`meta_refused`) or did not answer (`meta_unreachable`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn subscribe(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
) -> Result<StatusCode> {
    subscribe_app(&app.engine, &platform.caller.who()).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<SubscribeError> for Problem {
    fn from(error: SubscribeError) -> Self {
        let sentence = error.to_string();
        match error {
            SubscribeError::Missing(_) => Self::conflict("not_set_up", sentence),
            SubscribeError::Meta(GraphCallError::Refused(_)) => Self::new(
                StatusCode::BAD_GATEWAY,
                "meta_refused",
                "Meta refused",
                sentence,
            ),
            SubscribeError::Meta(_) => Self::new(
                StatusCode::BAD_GATEWAY,
                "meta_unreachable",
                "Meta did not answer",
                sentence,
            ),
            SubscribeError::Change(error) => error.into(),
        }
    }
}
