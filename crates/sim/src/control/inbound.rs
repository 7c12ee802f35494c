//! A customer writes: Meta's message object is completed with ids, media and the envelope, and sent as a webhook.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Refused, World, ok, read};
use crate::graph::{forget_traffic, media_url, per_second, put_media};
use crate::ids::{self, Direction};
use crate::media::{INBOUND_LIFE_MS, sha256};
use crate::seed::CustomerSpec;
use crate::sim::Shared;
use crate::timeline::Event;
use crate::webhook::{Update, body};
use crate::world::Inbound;

/// People remembered at most, seeded ones included.
const CUSTOMERS: usize = 50_000;
/// Types that carry no object of their own name.
const BARE: [&str; 3] = ["unsupported", "unknown", "request_welcome"];

/// Types that open no customer service window: nothing was said.
const QUIET: [&str; 3] = ["system", "edit", "revoke"];

/// What a customer sends.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InboundRequest {
    /// The business number written to.
    pub phone_number_id: String,
    /// The customer's phone, digits with the country code.
    pub from: String,
    /// Shown in `contacts[].profile.name`; kept for a known customer when absent.
    pub profile_name: Option<String>,
    /// Meta's message object without `id`, `from` and `timestamp`. A medium gets id, URL, hash and real bytes;
    /// `data` (base64) and `mime_type` inside it say which.
    pub message: Value,
    /// Keys to leave out of the webhook, wherever they stand, e.g. `contacts`, `wa_id`, `from`.
    pub omit: Vec<String>,
}

pub(crate) async fn post(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let request: InboundRequest =
        serde_json::from_value(read(&body)?).map_err(|error| Refused::from(error.to_string()))?;
    let wamid = receive(&shared, request)?;
    Ok(ok(&json!({"wamid": wamid})))
}

/// Takes a customer's message: opens the window, counts for throughput, queues the webhook; gives the message id.
pub(crate) fn receive(shared: &Arc<Shared>, request: InboundRequest) -> Result<String, String> {
    let kind = check(&request)?;
    let from: String = request.from.chars().filter(char::is_ascii_digit).collect();
    let now_ms = shared.clock.now_ms();
    let update = {
        let mut world = shared.world();
        let world = &mut *world;
        if !world.numbers.contains_key(&request.phone_number_id) {
            return Err(format!(
                "no business number has the id \"{}\"",
                request.phone_number_id
            ));
        }
        know(shared, world, &from, request.profile_name.as_deref());
        let mut message = request.message.clone();
        if matches!(
            kind.as_str(),
            "image" | "video" | "audio" | "document" | "sticker"
        ) {
            medium(shared, world, &request.phone_number_id, &kind, &mut message)?;
        }
        let Some(number) = world.numbers.get_mut(&request.phone_number_id) else {
            return Err("the number is gone".to_owned());
        };
        let blocked = number.blocked.contains(&from);
        if !blocked && !QUIET.contains(&kind.as_str()) {
            number.windows.written(&from, now_ms);
            if message.get("referral").is_some_and(Value::is_object) {
                number.windows.came_by_ad(&from, now_ms);
            }
        }
        let now = Instant::now();
        forget_traffic(number, now);
        if number.traffic.len() < per_second(number) {
            number.traffic.push_back(now);
        }
        number.received_count += 1;
        let display: String = number
            .spec
            .display_phone_number
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        let count = number.received_count;
        let wamid = ids::wamid(
            shared.chance,
            Direction::FromUser,
            &request.phone_number_id,
            &from,
            count,
        );
        let user_id = ids::bsuid(
            shared.chance,
            world.owner_of_number(&request.phone_number_id),
            &from,
        );
        message["from_user_id"] = json!(user_id);
        complete(world, &mut message, &from, &display, &wamid, now_ms);
        let mut value = json!({
            "messaging_product": "whatsapp",
            "metadata": body::metadata(world, &request.phone_number_id),
            "contacts": [body::contact(shared, world, &request.phone_number_id, &from, true)],
            "messages": [message.clone()],
        });
        if kind == "system"
            && let Some(map) = value.as_object_mut()
        {
            map.remove("contacts");
        }
        for key in &request.omit {
            crate::webhook::omit(&mut value, key);
        }
        let wamid: Arc<str> = wamid.into();
        let inbound = Inbound {
            phone_number_id: request.phone_number_id.as_str().into(),
            from: from.as_str().into(),
            at_ms: now_ms,
            kind: kind.as_str().into(),
            message,
            read: false,
            edited: false,
            deleted: false,
        };
        if blocked {
            // The user's phone shows it as sent; the business never hears of it.
            return Ok(wamid.to_string());
        }
        world.messages.push_inbound(&wamid, inbound);
        (
            Update::of_messages(world, &request.phone_number_id, value),
            wamid,
        )
    };
    let (update, wamid) = update;
    // Meta takes a tenth of a second to a second; the order among webhooks is its own affair.
    let due_ms = now_ms.saturating_add(shared.chance.between("inbound", &wamid, 100, 1_000));
    shared
        .timeline
        .schedule(due_ms, Event::Emit(Box::new(update)));
    Ok(wamid.to_string())
}

fn check(request: &InboundRequest) -> Result<String, String> {
    if request.phone_number_id.is_empty() {
        return Err("phone_number_id is missing".to_owned());
    }
    let digits = request.from.chars().filter(char::is_ascii_digit).count();
    if !(5..=15).contains(&digits) {
        return Err(format!(
            "from must be a phone number of 5 to 15 digits, not \"{}\"",
            request.from
        ));
    }
    let Value::Object(message) = &request.message else {
        return Err("message must be Meta's message object".to_owned());
    };
    let Some(Value::String(kind)) = message.get("type") else {
        return Err("message.type is missing".to_owned());
    };
    let has_content = message.get(kind).is_some_and(|content| !content.is_null());
    if !has_content && !BARE.contains(&kind.as_str()) {
        return Err(format!(
            "message.{kind} is missing for a message of type {kind}"
        ));
    }
    if kind == "text"
        && !message
            .get("text")
            .is_some_and(|text| text["body"].is_string())
    {
        return Err("message.text.body is missing".to_owned());
    }
    Ok(kind.clone())
}

fn know(shared: &Shared, world: &mut crate::world::World, phone: &str, profile_name: Option<&str>) {
    if let Some(customer) = world.customers.get_mut(phone) {
        if let Some(name) = profile_name {
            name.clone_into(&mut customer.profile_name);
        }
        return;
    }
    if world.customers.len() >= CUSTOMERS {
        return;
    }
    let customer = CustomerSpec {
        phone: phone.to_owned(),
        profile_name: profile_name.map_or_else(|| format!("Customer {phone}"), str::to_owned),
        talkative: false,
        ..CustomerSpec::default()
    };
    world.put_customer(shared.chance, &shared.config.business_id, customer);
}

/// Gives a medium its bytes, id, URL and hash, unless the test brought an id of its own.
fn medium(
    shared: &Shared,
    world: &mut crate::world::World,
    phone_number_id: &str,
    kind: &str,
    message: &mut Value,
) -> Result<(), String> {
    let Some(content) = message[kind].as_object_mut() else {
        return Err(format!("message.{kind} must be an object"));
    };
    if content.contains_key("id") {
        return Ok(());
    }
    let draw = shared
        .chance
        .nth("sample", phone_number_id, shared.next_draw());
    let (sample_type, sample) = crate::sample::file(kind, draw);
    let bytes = match content.remove("data") {
        Some(Value::String(data)) => STANDARD
            .decode(data)
            .map_err(|error| format!("message.{kind}.data is not base64: {error}"))?,
        Some(_) => return Err(format!("message.{kind}.data must be base64 text")),
        None => sample,
    };
    let mime_type = content
        .get("mime_type")
        .and_then(Value::as_str)
        .unwrap_or(sample_type)
        .to_owned();
    let dies_ms = shared.clock.now_ms() + INBOUND_LIFE_MS;
    content.insert("mime_type".to_owned(), json!(mime_type));
    content.insert("sha256".to_owned(), json!(STANDARD.encode(sha256(&bytes))));
    let id = put_media(
        shared,
        world,
        phone_number_id,
        mime_type,
        Bytes::from(bytes),
        dies_ms,
    );
    content.insert(
        "url".to_owned(),
        json!(media_url(shared, &shared.base_url(), &id)),
    );
    content.insert("id".to_owned(), json!(id));
    match kind {
        "audio" => {
            content.entry("voice").or_insert(json!(true));
        }
        "document" => {
            content.entry("filename").or_insert(json!("document.pdf"));
        }
        "sticker" => {
            content.entry("animated").or_insert(json!(false));
        }
        _ => {}
    }
    Ok(())
}

/// Adds what Meta adds: who, when, which id; `context.from` where a message quotes one of the business.
fn complete(
    world: &crate::world::World,
    message: &mut Value,
    from: &str,
    display: &str,
    wamid: &str,
    now_ms: u64,
) {
    message["from"] = json!(from);
    message["id"] = json!(wamid);
    if message.get("timestamp").is_none_or(Value::is_null) {
        message["timestamp"] = json!((now_ms / 1_000).to_string());
    }
    let quoted = message["context"]["id"].as_str().map(str::to_owned);
    if let Some(quoted) = quoted
        && message["context"].get("from").is_none()
    {
        let author = if world.messages.inbound(&quoted).is_some() {
            from
        } else {
            display
        };
        message["context"]["from"] = json!(author);
    }
}
