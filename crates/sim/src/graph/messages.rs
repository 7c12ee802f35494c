//! Read receipts, and whether a linked medium can be fetched.

use serde_json::{Map, Value, json};

use crate::config::LinkCheck;
use crate::error::{GraphError, GraphResult};
use crate::media::limit_for;
use crate::sim::Shared;
use crate::validate;

/// Meta keeps a fetched link for ten minutes.
const LINK_LIFE_MS: u64 = 10 * 60 * 1_000;
/// The typing bubble ends after 25 seconds.
const TYPING_MS: u64 = 25_000;

/// `{"status":"read","message_id"}`, with or without a typing indicator.
pub(super) fn mark_read(
    shared: &Shared,
    body: &Map<String, Value>,
    phone_number_id: &str,
) -> GraphResult<Value> {
    validate::product(body)?;
    if body["status"] != "read" {
        return Err(GraphError::parameter("Param status must be one of {READ}."));
    }
    let Some(id) = body.get("message_id").and_then(Value::as_str) else {
        return Err(GraphError::missing("message_id"));
    };
    let typing = match body.get("typing_indicator") {
        None | Some(Value::Null) => false,
        Some(indicator) if indicator["type"] == "text" => true,
        Some(_) => {
            return Err(GraphError::parameter(
                "Param typing_indicator['type'] must be one of {TEXT}.",
            ));
        }
    };
    let now_ms = shared.clock.now_ms();
    let mut world = shared.world();
    let Some(inbound) = world
        .messages
        .inbound_mut(id)
        .filter(|inbound| &*inbound.phone_number_id == phone_number_id)
    else {
        return Err(GraphError::new(
            131009,
            "Message id is invalid or too old to be marked as read",
        ));
    };
    inbound.read = true;
    let from = inbound.from.to_string();
    let at_ms = inbound.at_ms;
    let thread = world.messages.thread(phone_number_id, &from);
    for earlier in thread {
        if let Some(earlier) = world
            .messages
            .inbound_mut(&earlier)
            .filter(|earlier| earlier.at_ms <= at_ms)
        {
            earlier.read = true;
        }
    }
    if typing && let Some(number) = world.numbers.get_mut(phone_number_id) {
        number.typing.insert(from, now_ms + TYPING_MS);
    }
    Ok(json!({"success": true}))
}

/// Whether Meta would get a medium of this kind from `link`; remembered for ten minutes.
pub(super) async fn link_is_good(shared: &Shared, kind: &str, link: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(link) else {
        return false;
    };
    let host = url.host_str().unwrap_or_default();
    // RFC 2606: a name that never resolves, so tests can ask for a dead link without a network.
    if host.ends_with(".invalid") {
        return false;
    }
    let here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    if shared.config.link_check == LinkCheck::Never || !here {
        return true;
    }
    let key = format!("{kind} {link}");
    let now_ms = shared.clock.now_ms();
    if let Some((good, dies_ms)) = shared.world().link_cache.get(&key)
        && *dies_ms > now_ms
    {
        return *good;
    }
    let good = fetch(shared, kind, url).await;
    let mut world = shared.world();
    world.link_cache.retain(|_, (_, dies_ms)| *dies_ms > now_ms);
    world.link_cache.insert(key, (good, now_ms + LINK_LIFE_MS));
    good
}

async fn fetch(shared: &Shared, kind: &str, url: reqwest::Url) -> bool {
    let Ok(mut answer) = shared.http.get(url).send().await else {
        return false;
    };
    let mime = answer
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let Some(limit) = limit_for(kind, &mime).filter(|_| answer.status().is_success()) else {
        return false;
    };
    let mut size = 0;
    while let Ok(Some(chunk)) = answer.chunk().await {
        size += chunk.len();
        if size > limit {
            return false;
        }
    }
    size > 0
}
