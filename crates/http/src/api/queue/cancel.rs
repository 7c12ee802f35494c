//! `POST /api/v1/queue/cancel`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use domain::message::Lane;
use engine::outbound::queue::{self, Selection};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::control::label;
use crate::App;
use crate::auth::{Member, SettingsWrite};
use crate::problem::{Problem, Result};

/// What to take out of the queue: what fits all that is given of number, label and lane, or `all`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Which {
    /// Of this number.
    phone_number_id: Option<String>,
    /// Under this label.
    batch: Option<String>,
    /// `reply`, `transactional`, `bulk`.
    lane: Option<String>,
    /// Everything that has not left; stands alone.
    all: bool,
}

/// What was taken out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Taken {
    /// How many messages.
    cancelled: u64,
}

/// Cancels what has not left. It never leaves; what is being handed over at this moment does.
#[utoipa::path(post, path = "/api/v1/queue/cancel", tag = "queue", request_body = Which, responses(
    (status = 200, description = "How many were cancelled", body = Taken),
    (status = 422, description = "Nothing is named, or a value is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn cancel(
    State(app): State<App>,
    member: Member<SettingsWrite>,
    body: std::result::Result<Json<Which>, JsonRejection>,
) -> Result<Json<Taken>> {
    let Json(which) = body?;
    let is_narrow =
        which.phone_number_id.is_some() || which.batch.is_some() || which.lane.is_some();
    if which.all && is_narrow {
        return Err(Problem::invalid(
            "all",
            "cannot stand beside phone_number_id, batch or lane",
        ));
    }
    if !which.all && !is_narrow {
        return Err(Problem::invalid(
            "all",
            "say what to cancel: phone_number_id, batch or lane, or all: true for everything that has not left",
        ));
    }
    let lane = match which.lane.as_deref() {
        None => None,
        Some("reply") => Some(Lane::Reply),
        Some("transactional") => Some(Lane::Transactional),
        Some("bulk") => Some(Lane::Bulk),
        Some(_) => {
            return Err(Problem::invalid(
                "lane",
                "must be reply, transactional or bulk",
            ));
        }
    };
    let selection = Selection {
        number: which.phone_number_id,
        batch: which.batch.map(label).transpose()?,
        lane: lane.map(Lane::rank),
        message: None,
    };
    let who = member.caller.who();
    let cancelled = queue::cancel(&app.engine, member.tenant, &selection, &who).await?;
    Ok(Json(Taken { cancelled }))
}
