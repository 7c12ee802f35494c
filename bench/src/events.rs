//! `events`: events of other systems, from the POST until their messages stand in the queue. Sending is paused, so that
//! what is measured is what the events cost.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::api::Api;
use crate::latency::Histogram;
use crate::options::Options;
use crate::report::{Case, rounded};
use crate::send::Pair;

/// Callers at the same time, where the options say nothing else.
const CALLERS: usize = 64;
/// Events that are posted in a second, as far as the number of them is chosen by it.
const A_SECOND: u64 = 2_000;

/// `trunkline-bench events`.
pub(crate) async fn run(options: &Options) -> anyhow::Result<Vec<Case>> {
    let callers = options.connections.unwrap_or(CALLERS);
    let wanted = options
        .messages
        .unwrap_or(A_SECOND * options.seconds.max(5));
    let mut cases = Vec::new();
    for (in_a_post, callers) in [(1, callers), (100, callers.min(8))] {
        // Each on an installation of its own: what was queued before would be counted again.
        let pair = Pair::start(options).await?;
        cases.push(measure(&pair, options, wanted, in_a_post, callers).await?);
    }
    Ok(cases)
}

async fn measure(
    pair: &Pair,
    options: &Options,
    wanted: u64,
    in_a_post: u64,
    callers: usize,
) -> anyhow::Result<Case> {
    let tenant = pair.sender(1_000, rand::random()).await?;
    let address = pair.server.address;
    let api = Api::new(address, Some(tenant.api_key.clone()));
    api.post("/api/v1/notification-rules", &rule()).await?;
    api.post("/api/v1/queue/pause", &json!({})).await?;
    let name = format!("{wanted} events, {in_a_post} in a POST, until their messages are queued");
    let mut case = Case::new("events", &name, options.database_name(), callers, 0.0);
    eprintln!("{name} …");
    let api = Rc::new(api);
    let next = Rc::new(RefCell::new(0_u64));
    let latency = Rc::new(RefCell::new(Histogram::new()));
    let cpu = pair.server.process.cpu()?;
    let begun = Instant::now();
    let posting: Vec<_> = (0..callers)
        .map(|_| {
            let (api, next, latency) = (Rc::clone(&api), Rc::clone(&next), Rc::clone(&latency));
            tokio::task::spawn_local(post(api, next, latency, wanted, in_a_post))
        })
        .collect();
    for caller in posting {
        caller.await.context("a caller ended")??;
    }
    let accepted = begun.elapsed();
    let queued = queued(pair, wanted).await?;
    let whole = begun.elapsed();
    case.cpu = pair.server.process.cpu()?.saturating_sub(cpu);
    case.seconds = whole.as_secs_f64();
    (case.sent, case.acked, case.stored) = (wanted, wanted, queued);
    case.lost = wanted.saturating_sub(queued);
    case.duplicated = queued.saturating_sub(wanted);
    case.rate_per_s = queued as f64 / whole.as_secs_f64();
    (case.rss_mb, case.peak_rss_mb) = pair.server.process.memory_mb()?;
    case.latency = latency.borrow().clone();
    case.note(
        "accepted_per_s",
        rounded(wanted as f64 / accepted.as_secs_f64()),
    );
    case.note(
        "queued_after_the_last_post_s",
        rounded((whole - accepted).as_secs_f64()),
    );
    Ok(case)
}

async fn post(
    api: Rc<Api>,
    next: Rc<RefCell<u64>>,
    latency: Rc<RefCell<Histogram>>,
    wanted: u64,
    in_a_post: u64,
) -> anyhow::Result<()> {
    loop {
        let first = next.replace_with(|next| *next + in_a_post);
        if first >= wanted {
            return Ok(());
        }
        let mut events: Vec<Value> = (first..wanted.min(first + in_a_post)).map(event).collect();
        let body = if in_a_post == 1 {
            events.remove(0)
        } else {
            Value::Array(events)
        };
        let request = api.request(
            hyper::Method::POST,
            "/api/v1/events",
            Some(&body.to_string()),
            None,
        )?;
        let asked = Instant::now();
        let (status, answer) = api.call(&request).await?;
        if status != 202 {
            bail!("an event was answered with {status}: {answer}");
        }
        latency.borrow_mut().record(asked.elapsed());
    }
}

/// Waits until every message is in the queue; more than those would be seen as well.
async fn queued(pair: &Pair, wanted: u64) -> anyhow::Result<u64> {
    let (mut last, mut since) = (0, Instant::now());
    loop {
        let outbox = pair.server.admin.get("/api/v1/admin/intake").await?["outbox"].clone();
        let count: u64 = ["queued", "held"]
            .iter()
            .map(|state| outbox[state].as_u64().unwrap_or(0))
            .sum();
        if count >= wanted {
            return Ok(count);
        }
        if count > last {
            (last, since) = (count, Instant::now());
        }
        if since.elapsed() > Duration::from_secs(30) {
            bail!(
                "only {count} of {wanted} events became messages\n{}",
                pair.server.process.last_words()
            );
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn event(n: u64) -> Value {
    json!({ "type": "purchase_order.created", "id": format!("po-{n}"), "occurred_at": "2026-11-21T10:00:00+01:00", "data": {
        "supplier": { "name": format!("Proveedor {n}"), "phone": format!("+346{:08}", 40_000_000 + n), "city": "Bilbao" },
        "order": { "number": format!("OC-{n}"), "total": 1_250.5, "currency": "EUR", "lines": [{ "sku": "A-1", "units": 4 }, { "sku": "B-2", "units": 1 }] },
    } })
}

fn rule() -> Value {
    json!({
        "name": "Orders", "event_type": "purchase_order.created",
        "conditions": [{ "path": "$.data.order.total", "op": "gt", "value": 100 }],
        "recipient": { "path": "$.data.supplier.phone", "name_path": "$.data.supplier.name" },
        "template": { "name": "po_notification", "language": { "is": "es" } },
        "parameters": { "body": [
            { "path": "$.data.supplier.name" },
            { "path": "$.data.order.number" },
            { "path": "$.data.order.total", "format": { "kind": "money", "currency": "EUR", "currency_path": "$.data.order.currency" } },
        ] },
    })
}
