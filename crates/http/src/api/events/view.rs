//! An event as the API shows it.

use domain::Timestamp;
use domain::notification::Reason;
use serde::Serialize;
use serde_json::Value;
use store::events::Event;
use store::events::results::Outcome;
use utoipa::ToSchema;

/// Something that another system reported.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventView {
    /// Its id here.
    #[schema(example = "ev_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
    id: String,
    /// The other system's id.
    event_id: String,
    /// What happened.
    #[serde(rename = "type")]
    kind: String,
    /// `waiting`, `ignored` (no rule is for it), `skipped`, `sent`, `scheduled`, `cancelled`, `held`, `failed`: the worst that
    /// any rule made of it.
    state: String,
    /// When it happened, where the other system said so.
    occurred_at: Option<String>,
    /// When it came.
    received_at: String,
    /// When the rules were last applied.
    handled_at: Option<String>,
    /// The source that posted it, `src_…`; null when it came by an API key.
    source_id: Option<String>,
    /// How many of its messages did not arrive (`failed`, `expired`), or may not have (`uncertain`).
    failed_messages: i64,
}

/// An event with what it carries and what it led to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WholeEventView {
    #[serde(flatten)]
    event: EventView,
    /// What it carries.
    #[schema(value_type = Object)]
    data: Value,
    /// What each rule made of it, in the order in which they came to it.
    results: Vec<ResultView>,
}

/// What one rule made of an event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventResultView)]
pub(crate) struct ResultView {
    /// The rule.
    rule_id: String,
    /// What it was called then.
    rule_name: String,
    /// `sent`, `scheduled`, `cancelled`, `skipped`, `held`, `failed`, `retrying`.
    state: String,
    /// Why, where it is not simply sent: a stable word.
    reason: Option<String>,
    /// What exactly was found.
    detail: Option<String>,
    /// What a person can do.
    what_to_do: Option<&'static str>,
    /// The message, `msg_…`.
    message_id: Option<String>,
    /// What became of it: `queued`, `accepted`, `delivered` …
    message_status: Option<String>,
    /// When it is due, or leaves after the quiet hours.
    due_at: Option<String>,
    /// What a scheduled message belongs to.
    key: Option<String>,
    /// When this last changed.
    updated_at: String,
}

impl EventView {
    /// With the number of its messages that failed.
    pub(super) fn new(row: Event, failed_messages: i64) -> Self {
        Self {
            id: row.id.to_string(),
            event_id: row.event_id,
            kind: row.kind,
            state: row.state,
            occurred_at: row.occurred_at.map(|at| Timestamp(at).rfc3339()),
            received_at: row.received_at.rfc3339(),
            handled_at: row.handled_at.map(|at| Timestamp(at).rfc3339()),
            source_id: row
                .source_id
                .map(|id| domain::EventSourceId(id).to_string()),
            failed_messages,
        }
    }
}

impl WholeEventView {
    /// With results and the state of each message.
    pub(super) fn new(row: Event, failed: i64, results: Vec<(Outcome, Option<String>)>) -> Self {
        let data = serde_json::from_str(&row.data).unwrap_or_default();
        let results = results
            .into_iter()
            .map(|(outcome, status)| ResultView::new(outcome, status));
        Self {
            data,
            results: results.collect(),
            event: EventView::new(row, failed),
        }
    }
}

impl ResultView {
    fn new(mut row: Outcome, message_status: Option<String>) -> Self {
        let waits = message_status
            .as_deref()
            .is_none_or(|status| matches!(status, "queued" | "held"));
        if row.state == "sent" && !waits {
            // What it waited for is over.
            row.due_at = None;
            row.reason = None;
        }
        let reason = row.reason.as_deref().and_then(Reason::parse);
        Self {
            rule_id: row.rule_id.to_string(),
            message_id: row.message().map(|id| id.to_string()),
            rule_name: row.rule_name,
            state: row.state,
            what_to_do: reason.map(Reason::what_to_do),
            reason: row.reason,
            detail: row.detail,
            message_status,
            due_at: row.due_at.map(|at| Timestamp(at).rfc3339()),
            key: row.key,
            updated_at: row.updated_at.rfc3339(),
        }
    }
}
