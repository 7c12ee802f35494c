//! `GET /api/v1/messages/{id}/life`: everything that is known about one message.

use axum::Json;
use axum::extract::State;
use domain::Timestamp;
use engine::outbound::life::{self, Heard};
use serde::Serialize;
use serde_json::{Value, json};
use store::message_events::Event;
use store::messages::Message;
use store::{contacts, message_events, numbers, outbox};
use utoipa::ToSchema;

use super::MessageView;
use crate::App;
use crate::auth::{InboxRead, OwnMessage};
use crate::problem::{Problem, Result};

/// The life of one message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LifeView {
    /// The message as it stands.
    message: MessageView,
    /// The contact's name, if known.
    contact_name: Option<String>,
    /// The contact's number in digits, if known.
    contact_phone: Option<String>,
    /// The business number, as people write it.
    display_phone_number: Option<String>,
    /// What happened, oldest first.
    events: Vec<StepView>,
    /// What it costs, as far as Meta has told.
    cost: Option<CostView>,
    /// What Meta posted about it, oldest first.
    webhooks: Vec<WebhookView>,
    /// Whether every report that stands on the message is among `webhooks`: false when the log does not reach back so far.
    webhooks_complete: bool,
    /// How long webhooks are kept, in hours.
    webhooks_kept_hours: u64,
}

/// A step.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepView {
    /// When; Meta's own time for what it reports.
    at: String,
    /// `received`, `enqueued`, `held`, `refused`, `uncertain`, `policy`, `settled`, `accepted`, `status`, `failed`, `cancelled`, `expired`, `retried`.
    #[schema(example = "status")]
    kind: String,
    /// A sentence, where there is more to say.
    detail: Option<String>,
    /// Facts of the step: `status`, `code`, `next_at`, `by`, `message_id` …
    #[schema(value_type = Object)]
    data: Value,
}

/// What a message costs, by Meta's pricing block.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CostView {
    /// Whether Meta charges for it; null when it did not say.
    billable: Option<bool>,
    /// `marketing`, `utility`, `authentication`, `service`, `referral_conversion` …
    category: Option<String>,
    /// `regular`, `free_customer_service`, `free_entry_point`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// `PMP`: per message.
    model: Option<String>,
}

/// Something that Meta posted about this message. What else stood in the same POST is not shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookView {
    /// When it came in.
    received_at: String,
    /// `message` or `status`.
    kind: &'static str,
    /// Meta's word of a status.
    status: Option<String>,
    /// Meta's own object.
    #[schema(value_type = Object)]
    item: Value,
}

/// Shows what became of a message: every step, time, try, cost and webhook.
#[utoipa::path(get, path = "/api/v1/messages/{id}/life", tag = "messages", params(("id" = String, Path, description = "msg_…")), responses(
    (status = 200, description = "Its life", body = LifeView),
    (status = 404, description = "No such message", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn life(
    State(app): State<App>,
    own: OwnMessage<InboxRead>,
) -> Result<Json<LifeView>> {
    let (db, tenant, row) = (&app.engine.db, own.member.tenant, own.row);
    let place = outbox::place(db, tenant, row.id).await?;
    let contact = contacts::get(db, tenant, own.member.sight, row.contact_id.into()).await?;
    let number = numbers::any_tenant_get(db, &row.phone_number_id).await?;
    let found = life::heard(&app.engine, &row).await?;
    let mut events = steps(&row);
    let noted = message_events::of(db, tenant, row.id).await?;
    events.extend(noted.into_iter().map(noted_step));
    events.sort_by_key(|(at, step)| within_second(*at, &step.kind));
    Ok(Json(LifeView {
        contact_name: contact.as_ref().and_then(|contact| contact.name.clone()),
        contact_phone: contact.and_then(|contact| contact.phone.or(contact.wa_id)),
        display_phone_number: number.map(|number| number.display_phone_number),
        events: events.into_iter().map(|(_, step)| step).collect(),
        cost: row.pricing.as_deref().and_then(cost),
        webhooks: found.heard.into_iter().map(webhook).collect(),
        webhooks_complete: found.complete,
        webhooks_kept_hours: app.engine.inbound.keep.as_secs() / 3_600,
        message: MessageView::from(row).with_queue(place),
    }))
}

/// Meta counts in seconds: what it reports of a second comes after what we did in it.
fn within_second(at: i64, kind: &str) -> i64 {
    const SECOND: i64 = 1_000_000;
    if kind == "status" && at % SECOND == 0 {
        at + SECOND - 1
    } else {
        at
    }
}

/// The steps that stand on the message itself.
fn steps(row: &Message) -> Vec<(i64, StepView)> {
    let mut steps = Vec::new();
    let mut step = |at: Option<i64>, kind: &str, detail: Option<String>, data: Value| {
        if let Some(at) = at {
            let view = StepView {
                at: Timestamp(at).rfc3339(),
                kind: kind.to_owned(),
                detail,
                data,
            };
            steps.push((at, view));
        }
    };
    match row.direction.as_str() {
        "inbound" => step(Some(row.occurred_at.0), "received", None, json!({})),
        "outbound" if row.origin == "business_app" || row.origin == "history" => {
            let data = json!({ "origin": row.origin });
            step(Some(row.occurred_at.0), "received", None, data);
        }
        _ => {
            let data = json!({ "origin": row.origin, "author": row.author_name });
            step(Some(row.created_at.0), "enqueued", None, data);
        }
    }
    let wamid = json!({ "wamid": row.wamid });
    step(row.accepted_at, "accepted", None, wamid);
    for (at, word) in [
        (row.sent_at, "sent"),
        (row.delivered_at, "delivered"),
        (row.read_at, "read"),
        (row.played_at, "played"),
    ] {
        step(at, "status", None, json!({ "status": word }));
    }
    step(row.ended_at, &row.status, None, json!({}));
    let failure: Option<Value> = row
        .failure
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok());
    let detail = failure.as_ref().and_then(|failure| {
        let text = failure["details"].as_str().or(failure["title"].as_str());
        text.map(str::to_owned)
    });
    let code = failure.map(|failure| failure["code"].clone());
    step(row.failed_at, "failed", detail, json!({ "code": code }));
    steps
}

fn noted_step(event: Event) -> (i64, StepView) {
    let mut data: Value = event
        .data
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_else(|| json!({}));
    if let Some(code) = event.code {
        data["code"] = json!(code);
    }
    let view = StepView {
        at: Timestamp(event.at).rfc3339(),
        kind: event.kind,
        detail: event.detail,
        data,
    };
    (event.at, view)
}

fn cost(pricing: &str) -> Option<CostView> {
    let pricing: meta::webhook::Pricing = serde_json::from_str(pricing).ok()?;
    Some(CostView {
        billable: pricing.billable,
        category: pricing.category,
        kind: pricing.kind,
        model: pricing.pricing_model,
    })
}

fn webhook(heard: Heard) -> WebhookView {
    WebhookView {
        received_at: heard.received_at.rfc3339(),
        kind: heard.kind,
        status: heard.status,
        item: serde_json::from_str(&heard.item).unwrap_or(Value::String(heard.item)),
    }
}
