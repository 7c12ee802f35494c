//! `POST /api/v1/queue/uncertain/settle`: one decision about many sends whose outcome nobody knows.

use std::collections::HashSet;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use domain::MessageId;
use engine::outbound::settle::{Which, decide_many};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::api::messages::settle::Word;
use crate::auth::{InboxWrite, Member};
use crate::problem::{Problem, Result};

/// Messages that one request decides about at the most.
const MOST: usize = 1_000;

/// What is decided, and about which: `ids`, or `all`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettleMany {
    /// At most 1,000 message ids.
    ids: Option<Vec<String>>,
    /// All that need a decision, the oldest 1,000 in one request; those that a report may still settle are left alone.
    #[serde(default)]
    all: bool,
    /// With `all`: only those of this number.
    phone_number_id: Option<String>,
    /// `send_again` (they did not arrive), `mark_sent` (they did), `give_up`.
    decision: Word,
}

/// What was decided about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettledMany {
    /// How many.
    settled: usize,
    /// Those that were not, and why.
    refused: Vec<NotSettled>,
    /// Whether `all` found as many as one request takes: ask again for the rest.
    more: bool,
}

/// A message that nothing was decided about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotSettled {
    /// Which.
    id: String,
    /// Why, in a sentence.
    reason: &'static str,
}

/// Settles many uncertain messages by one decision.
#[utoipa::path(post, path = "/api/v1/queue/uncertain/settle", tag = "queue", request_body = SettleMany, responses(
    (status = 200, description = "How many, and which not", body = SettledMany),
    (status = 422, description = "Neither ids nor all, or a value is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn settle(
    State(app): State<App>,
    member: Member<InboxWrite>,
    body: std::result::Result<Json<SettleMany>, JsonRejection>,
) -> Result<Json<SettledMany>> {
    let Json(body) = body?;
    let which = match (body.ids, body.all, body.phone_number_id) {
        (Some(_), true, _) => return Err(Problem::invalid("all", "cannot stand beside ids")),
        (Some(_), false, Some(_)) => {
            return Err(Problem::invalid(
                "phone_number_id",
                "stands only beside all",
            ));
        }
        (None, false, _) => {
            return Err(Problem::invalid(
                "ids",
                "are missing; give ids, or all: true",
            ));
        }
        (Some(ids), false, None) if (1..=MOST).contains(&ids.len()) => {
            let ids: std::result::Result<HashSet<MessageId>, _> =
                ids.iter().map(|id| id.parse()).collect();
            let ids = ids.map_err(|_| Problem::invalid("ids", "must be ids of messages"))?;
            Which::Ids(ids.into_iter().collect())
        }
        (Some(_), false, None) => return Err(Problem::invalid("ids", "must be 1 to 1000 ids")),
        (None, true, number) => Which::Oldest(number, MOST as i64),
    };
    let (tenant, sight, who) = (member.tenant, member.sight, member.caller.who());
    let decision = body.decision.into();
    let settled = decide_many(&app.engine, tenant, sight, &which, decision, &who).await?;
    let (refused, more) = match &which {
        Which::Oldest(..) => (Vec::new(), settled.len() == MOST),
        Which::Ids(ids) => {
            let done: HashSet<_> = settled.iter().collect();
            let left = ids.iter().filter(|id| !done.contains(id));
            let refused = left.map(|id| NotSettled {
                id: id.to_string(),
                reason: "there is no such message, or its outcome is known by now",
            });
            (refused.collect(), false)
        }
    };
    Ok(Json(SettledMany {
        settled: settled.len(),
        refused,
        more,
    }))
}
