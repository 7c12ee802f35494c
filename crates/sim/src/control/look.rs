//! Looking inside.

use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{World, ok};
use crate::codes;
use crate::validate::filled;
use crate::world::Ban;

#[derive(Deserialize)]
pub(super) struct OutboundQuery {
    phone_number_id: Option<String>,
    to: Option<String>,
    /// Records to skip and to give at most; all by default.
    offset: Option<usize>,
    limit: Option<usize>,
}

pub(super) async fn outbound(State(shared): World, Query(query): Query<OutboundQuery>) -> Response {
    let (records, total) = {
        let world = shared.world();
        let mut total = 0_usize;
        let mut records = Vec::new();
        let offset = query.offset.unwrap_or(0);
        let limit = query.limit.unwrap_or(usize::MAX);
        for outbound in world.messages.all_outbound() {
            let number = query
                .phone_number_id
                .as_deref()
                .is_none_or(|id| id == &*outbound.phone_number_id);
            let to = query.to.as_deref().is_none_or(|to| to == &*outbound.to);
            if number && to {
                total += 1;
                if total > offset && records.len() < limit {
                    records.push(world.messages.record(outbound));
                }
            }
        }
        (records, total)
    };
    let Ok(data) = serde_json::to_string(&records) else {
        return ok(&json!({"data": [], "total": total}));
    };
    let text = format!("{{\"data\":{data},\"total\":{total}}}");
    ([("content-type", "application/json")], Body::from(text)).into_response()
}

pub(super) async fn summary(State(shared): World) -> Response {
    let summary = shared.world().messages.summary();
    ok(&serde_json::to_value(summary).unwrap_or_default())
}

#[derive(Deserialize)]
pub(super) struct CallsQuery {
    #[serde(default)]
    since: u64,
}

pub(super) async fn calls(State(shared): World, Query(query): Query<CallsQuery>) -> Response {
    ok(&json!({"data": shared.calls.since(query.since)}))
}

pub(super) async fn webhooks(State(shared): World) -> Response {
    ok(&shared.webhooks.report(
        shared.timeline.waiting_webhooks(),
        shared.timeline.coming_statuses(),
    ))
}

pub(super) async fn faults(State(shared): World) -> Response {
    ok(&serde_json::to_value(&*shared.faults()).unwrap_or_default())
}

pub(super) async fn clock(State(shared): World) -> Response {
    ok(&json!({"now_ms": shared.clock.now_ms(), "speed": shared.clock.speed()}))
}

/// Numbers, customers, chats and queues, for the page.
pub(super) async fn state(State(shared): World) -> Response {
    let waiting = shared.timeline.waiting_webhooks();
    let coming = shared.timeline.coming_statuses();
    let mut world = shared.world();
    let portfolio = portfolio_view(
        &mut world,
        &shared.config.business_id,
        shared.clock.now_ms(),
    );
    let numbers: Vec<Value> = world
        .numbers
        .values()
        .map(|number| {
            let mut shown = serde_json::to_value(&number.spec).unwrap_or_default();
            shown["waba_name"] =
                json!(world.wabas.get(&number.spec.waba_id).map(|waba| &waba.name));
            shown["verification_code"] = json!(number.line.code);
            shown["sent"] = json!(number.sent_count);
            shown["received"] = json!(number.received_count);
            shown
        })
        .collect();
    let customers: Vec<Value> = world
        .customers
        .values()
        .take(1_000)
        .map(|customer| serde_json::to_value(customer).unwrap_or_default())
        .collect();
    let threads: Vec<Value> = world
        .messages
        .threads()
        .map(|(number, customer, thread)| json!({"phone_number_id": number, "customer": customer, "messages": thread.len()}))
        .collect();
    let pacing = &world.pacing;
    let wabas: Vec<Value> = world
        .wabas
        .iter()
        .map(|(id, waba)| {
            json!({"id": id, "name": waba.name, "payment": waba.payment, "business_id": waba.business_id,
                   "currency": waba.currency, "shared": waba.shared, "subscribed": waba.subscribed,
                   "override_url": waba.override_url, "assigned": waba.assigned, "review": waba.review,
                   "allocation_id": waba.allocation_id, "disabled": waba.ban == Ban::Disabled})
        })
        .collect();
    let templates: Vec<Value> = world
        .wabas
        .iter()
        .flat_map(|(waba_id, waba)| {
            waba.templates.iter().map(move |template| {
                let pacing = pacing.get(&template.id);
                json!({"id": template.id, "waba_id": waba_id, "name": template.name, "language": template.language,
                       "status": template.status, "category": template.category,
                       "pacing": pacing.map(|pacing| pacing.spec), "held": pacing.map_or(0, |pacing| pacing.held.len())})
            })
        })
        .collect();
    let businesses: Vec<Value> = world
        .businesses
        .all
        .iter()
        .map(|(id, business)| json!({"id": id, "name": business.name, "verification": business.verification}))
        .collect();
    let config = &shared.config;
    ok(&json!({
        "now_ms": shared.clock.now_ms(),
        "speed": shared.clock.speed(),
        "app": {"app_id": config.app_id, "config_ids": config.config_ids, "business_id": config.business_id,
                "credit_line_id": config.credit_line_id},
        "businesses": businesses,
        "callback_url": world.callback_url,
        "numbers": numbers,
        "customers": customers,
        "threads": threads,
        "templates": templates,
        "wabas": wabas,
        "portfolio": portfolio,
        "webhooks": shared.webhooks.report(waiting, coming),
        "faults": &*shared.faults(),
    }))
}

pub(super) fn portfolio_view(
    world: &mut crate::world::World,
    business_id: &str,
    now_ms: u64,
) -> Value {
    let portfolio = world.portfolio(business_id);
    let used = portfolio.used(now_ms);
    json!({"limit": portfolio.tier, "used": used, "refusal": portfolio.refusal, "verified": portfolio.verified,
           "raising": portfolio.raising})
}

/// The messaging limit of the portfolio and how much of it is used.
pub(super) async fn portfolio(State(shared): World) -> Response {
    let now_ms = shared.clock.now_ms();
    ok(&portfolio_view(
        &mut shared.world(),
        &shared.config.business_id,
        now_ms,
    ))
}

/// Meta's table of codes, as scripts may ask for them.
pub(super) async fn codes() -> Response {
    let data: Vec<Value> = codes::all()
        .map(|(code, row)| {
            let mode = row.seen.by_status().map(|status| if status { "status" } else { "sync" });
            json!({"code": code, "http": row.http, "seen": row.seen.word(), "mode": mode, "title": row.title})
        })
        .collect();
    let subcodes: Vec<Value> = codes::all_subcodes()
        .map(|of| json!({"code": of.code, "subcode": of.subcode, "title": of.title}))
        .collect();
    ok(&json!({"data": data, "subcodes": subcodes}))
}

#[derive(Deserialize)]
pub(super) struct ThreadQuery {
    phone_number_id: String,
    customer: String,
}

/// The chat of one number with one customer, oldest first, templates rendered.
pub(super) async fn thread(State(shared): World, Query(query): Query<ThreadQuery>) -> Response {
    let now_ms = shared.clock.now_ms();
    let world = shared.world();
    let number = world.numbers.get(&query.phone_number_id);
    let templates = number
        .and_then(|number| world.wabas.get(&number.spec.waba_id))
        .map(|waba| waba.templates.as_slice())
        .unwrap_or_default();
    let typing = number.is_some_and(|number| {
        number
            .typing
            .get(&query.customer)
            .is_some_and(|until| *until > now_ms)
    });
    let window = number.and_then(|number| number.windows.service_until(&query.customer, now_ms));
    let entry = number.and_then(|number| number.windows.entry_until(&query.customer, now_ms));
    let mut data = Vec::new();
    for wamid in world
        .messages
        .thread(&query.phone_number_id, &query.customer)
    {
        if let Some(outbound) = world.messages.outbound(&wamid) {
            let body: Value = serde_json::from_slice(&outbound.body).unwrap_or_default();
            let sent = &body["template"];
            let shown = templates
                .iter()
                .find(|known| {
                    sent["name"] == known.name.as_str()
                        && sent["language"]["code"] == known.language.as_str()
                })
                .map(|known| filled::shown(known, sent));
            data.push(json!({"from": "business", "wamid": &*wamid, "at_ms": outbound.accepted_ms, "status": outbound.status,
                             "type": outbound.kind, "content": body[outbound.kind], "context": body["context"], "shown": shown}));
        } else if let Some(inbound) = world.messages.inbound(&wamid) {
            // What they change is shown on the message they are about.
            let about = inbound.message["unsupported"]["type"].as_str();
            if matches!(&*inbound.kind, "edit" | "revoke")
                || matches!(about, Some("edit" | "revoke"))
            {
                continue;
            }
            data.push(json!({"from": "customer", "wamid": &*wamid, "at_ms": inbound.at_ms, "type": &*inbound.kind,
                             "status": if inbound.read { "read" } else { "delivered" },
                             "content": inbound.message[&*inbound.kind], "context": inbound.message["context"],
                             "referral": inbound.message["referral"], "edited": inbound.edited, "deleted": inbound.deleted}));
        }
    }
    ok(
        &json!({"data": data, "typing": typing, "window_closes_ms": window, "entry_closes_ms": entry}),
    )
}
