//! `POST /api/v1/events/{id}/retry` and `POST /api/v1/events/retry`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::EventId;
use domain::notification::Reason;
use engine::notify::{self, Retried};
use serde::{Deserialize, Serialize};
use store::events::results::Stuck;
use utoipa::ToSchema;

use super::show::whole;
use super::view::WholeEventView;
use crate::App;
use crate::auth::{EventsWrite, Member};
use crate::given::Perhaps;
use crate::problem::{Problem, Result};

/// What is tried again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RetriedEvent {
    /// Only this rule, also where it skipped the event or was cancelled; without it all that is held.
    rule_id: Option<String>,
}

/// Applies rules again that are held, with the rules as they are now. What was sent is never sent again.
#[utoipa::path(post, path = "/api/v1/events/{id}/retry", tag = "events", request_body = Option<RetriedEvent>, params(("id" = String, Path, description = "ev_…")), responses(
    (status = 202, description = "The event; its results say `retrying` until the rules were applied", body = WholeEventView),
    (status = 404, description = "No such event", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Nothing of it is held (`nothing_to_retry`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn retry(
    State(app): State<App>,
    member: Member<EventsWrite>,
    Path(id): Path<String>,
    Perhaps(body): Perhaps<RetriedEvent>,
) -> Result<(StatusCode, Json<WholeEventView>)> {
    let missing = || Problem::not_found("event");
    let id: EventId = id.parse().map_err(|_| missing())?;
    let wanted = body.unwrap_or_default();
    let rule = wanted.rule_id.map(|rule| rule.parse()).transpose();
    let rule = rule.map_err(|_| Problem::invalid("rule_id", "must be the id of a rule, rule_…"))?;
    let who = member.caller.who();
    match notify::retry(&app.engine, member.tenant, id, rule, &who).await? {
        Retried::Yes => Ok((
            StatusCode::ACCEPTED,
            Json(whole(&app, member.tenant, member.sight, id).await?),
        )),
        Retried::NoEvent => Err(missing()),
        Retried::Nothing => Err(Problem::conflict(
            "nothing_to_retry",
            "nothing of this event is held: what was sent is not sent again, and what is scheduled will be sent",
        )),
    }
}

/// Which results are tried again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetriedEvents {
    /// `held` or `failed`: what a rule came to.
    state: String,
    /// Only those for this reason, such as `template_missing`.
    reason: Option<String>,
    /// Only of events of this type.
    r#type: Option<String>,
    /// Only of this rule.
    rule_id: Option<String>,
    /// `next` of the answer before.
    before: Option<String>,
}

/// What is tried again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RetriedEventsView {
    /// How many events.
    events: usize,
    /// How many results of theirs.
    results: usize,
    /// Where to go on: give it as `before` when there is more; null when nothing is left.
    next: Option<String>,
}

/// Applies rules again to everything that is held, or failed, newest events first and 1,000 events a request, with the rules as they are now.
#[utoipa::path(post, path = "/api/v1/events/retry", tag = "events", request_body = RetriedEvents, responses(
    (status = 200, description = "How many are tried again", body = RetriedEventsView),
    (status = 422, description = "The filter is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn many(
    State(app): State<App>,
    member: Member<EventsWrite>,
    body: std::result::Result<Json<RetriedEvents>, JsonRejection>,
) -> Result<Json<RetriedEventsView>> {
    let Json(wanted) = body?;
    if !["held", "failed"].contains(&wanted.state.as_str()) {
        return Err(Problem::invalid("state", "must be held or failed"));
    }
    if let Some(reason) = &wanted.reason
        && Reason::parse(reason).is_none()
    {
        let said = "must be a reason such as template_missing";
        return Err(Problem::invalid("reason", said));
    }
    let rule = wanted.rule_id.map(|rule| rule.parse()).transpose();
    let rule = rule.map_err(|_| Problem::invalid("rule_id", "must be the id of a rule, rule_…"))?;
    let before = wanted.before.map(|id| id.parse()).transpose();
    let before =
        before.map_err(|_| Problem::invalid("before", "is not one that an answer gave"))?;
    let which = Stuck {
        state: wanted.state,
        reason: wanted.reason,
        kind: wanted.r#type,
        rule,
    };
    let who = member.caller.who();
    let done = notify::retry_many(&app.engine, member.tenant, &which, before, &who).await?;
    Ok(Json(RetriedEventsView {
        events: done.events,
        results: done.results,
        next: done.next.map(|id| id.to_string()),
    }))
}
