//! What customers do beside writing: come by an ad, stop marketing, change or delete what they wrote, change their number.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::inbound::{InboundRequest, receive};
use super::{Refused, World, ok, typed};
use crate::ids;
use crate::sim::Shared;
use crate::webhook::{Update, body as shape};

/// Users may edit for 15 minutes …
const EDIT_MS: u64 = 15 * 60 * 1_000;
/// … and delete for everyone for about two days.
const DELETE_MS: u64 = 2 * 24 * 3_600 * 1_000;

fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AdClick {
    phone_number_id: String,
    /// What the customer writes.
    text: String,
    headline: String,
    body: String,
    /// `ad` or `post`.
    source_type: String,
}

impl Default for AdClick {
    fn default() -> Self {
        Self {
            phone_number_id: String::new(),
            text: "Hola, vengo del anuncio".to_owned(),
            headline: "Pan recién hecho".to_owned(),
            body: "Pide por WhatsApp".to_owned(),
            source_type: "ad".to_owned(),
        }
    }
}

/// The customer clicks an ad and writes: `referral`, and a free entry point that waits for an answer.
pub(super) async fn ad_click(
    State(shared): World,
    Path(phone): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let click: AdClick = typed(&body)?;
    if !matches!(click.source_type.as_str(), "ad" | "post") {
        return Err("source_type must be \"ad\" or \"post\"".into());
    }
    let draw = shared.next_draw();
    let mut referral = json!({
        "source_url": "https://fb.me/3simulated",
        "source_id": ids::numeric(shared.chance, "ad", &phone, draw),
        "source_type": click.source_type,
        "headline": click.headline,
        "body": click.body,
        "media_type": "image",
        "image_url": "https://scontent.invalid/ad.jpg",
        "welcome_message": {"text": "¡Hola! ¿Qué te apetece?"},
    });
    if referral["source_type"] == "ad" {
        referral["ctwa_clid"] = json!(ids::trace(shared.chance, draw));
    }
    let request = InboundRequest {
        phone_number_id: click.phone_number_id,
        from: phone,
        message: json!({"type": "text", "text": {"body": click.text}, "referral": referral}),
        ..InboundRequest::default()
    };
    let wamid = receive(&shared, request)?;
    Ok(ok(&json!({"wamid": wamid})))
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Choice {
    Stop,
    Resume,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Marketing {
    phone_number_id: String,
    value: Choice,
}

/// The customer stops marketing messages, or lets them come again: `user_preferences`.
pub(super) async fn marketing(
    State(shared): World,
    Path(phone): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let Marketing {
        phone_number_id,
        value,
    } = typed(&body)?;
    let phone = digits(&phone);
    let now_ms = shared.clock.now_ms();
    let update = {
        let mut world = shared.world();
        if !world.numbers.contains_key(&phone_number_id) {
            return Err(format!("no business number has the id \"{phone_number_id}\"").into());
        }
        let customer = world
            .customers
            .get_mut(&phone)
            .ok_or_else(|| unknown(&phone))?;
        let (word, verb) = match value {
            Choice::Stop => ("stop", "stop"),
            Choice::Resume => ("resume", "resume"),
        };
        customer.marketing_stopped = matches!(value, Choice::Stop);
        let value = json!({
            "messaging_product": "whatsapp",
            "metadata": shape::metadata(&world, &phone_number_id),
            "contacts": [shape::contact(&shared, &world, &phone_number_id, &phone, true)],
            "user_preferences": [{
                "wa_id": phone,
                "user_id": ids::bsuid(shared.chance, world.owner_of_number(&phone_number_id), &phone),
                "detail": format!("User requested to {verb} marketing messages"),
                "category": "marketing_messages",
                "value": word,
                "timestamp": now_ms / 1_000,
            }],
        });
        let mut update = Update::of_messages(&world, &phone_number_id, value);
        "user_preferences".clone_into(&mut update.field);
        update
    };
    shared.emit(update);
    Ok(ok(&json!({"success": true})))
}

fn unknown(phone: &str) -> String {
    format!("no customer has the phone \"{phone}\"")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    wamid: String,
    text: String,
}

/// The customer changes the words of a message.
pub(super) async fn edit(
    State(shared): World,
    Path(phone): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let Edit { wamid, text } = typed(&body)?;
    if text.trim().is_empty() {
        return Err("text is empty".into());
    }
    let original = original(
        &shared,
        &phone,
        &wamid,
        EDIT_MS,
        "can be edited for 15 minutes",
    )?;
    let key = match original.kind.as_str() {
        "text" => "body",
        "image" | "video" | "document" => "caption",
        other => return Err(format!("a message of type {other} has no words to edit").into()),
    };
    let mut content = original.content;
    content[key] = json!(text);
    let kind = &original.kind;
    let message = json!({"type": "edit", "edit": {
        "original_message_id": wamid,
        "message": {"type": kind, kind.as_str(): content},
    }});
    let told = tell(&shared, &phone, &original.phone_number_id, message)?;
    if let Some(inbound) = shared.world().messages.inbound_mut(&wamid) {
        inbound.message[kind.as_str()][key] = json!(text);
        inbound.edited = true;
    }
    Ok(ok(&json!({"wamid": told})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delete {
    wamid: String,
}

/// The customer deletes a message for everyone.
pub(super) async fn delete(
    State(shared): World,
    Path(phone): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let Delete { wamid } = typed(&body)?;
    let original = original(
        &shared,
        &phone,
        &wamid,
        DELETE_MS,
        "can be deleted for two days",
    )?;
    let message = json!({"type": "revoke", "revoke": {"original_message_id": wamid}});
    let told = tell(&shared, &phone, &original.phone_number_id, message)?;
    if let Some(inbound) = shared.world().messages.inbound_mut(&wamid) {
        inbound.deleted = true;
    }
    Ok(ok(&json!({"wamid": told})))
}

struct Original {
    phone_number_id: String,
    kind: String,
    content: Value,
}

fn original(
    shared: &Shared,
    phone: &str,
    wamid: &str,
    life_ms: u64,
    rule: &str,
) -> Result<Original, String> {
    let now_ms = shared.clock.now_ms();
    let world = shared.world();
    let inbound = world
        .messages
        .inbound(wamid)
        .filter(|inbound| *inbound.from == *digits(phone));
    let inbound = inbound.ok_or_else(|| format!("this customer wrote no message \"{wamid}\""))?;
    if inbound.deleted {
        return Err("the message was deleted already".to_owned());
    }
    if now_ms.saturating_sub(inbound.at_ms) > life_ms {
        return Err(format!("a message {rule}"));
    }
    Ok(Original {
        phone_number_id: inbound.phone_number_id.to_string(),
        kind: inbound.kind.to_string(),
        content: inbound.message[&*inbound.kind].clone(),
    })
}

/// Only numbers in coexistence hear what was changed; others get a message of an unsupported type.
fn tell(
    shared: &Arc<Shared>,
    phone: &str,
    phone_number_id: &str,
    message: Value,
) -> Result<String, String> {
    let coexistence = {
        let world = shared.world();
        world
            .numbers
            .get(phone_number_id)
            .is_some_and(|number| number.spec.coexistence)
    };
    let message = if coexistence {
        message
    } else {
        json!({"type": "unsupported", "unsupported": {"type": message["type"]}, "errors": [crate::error::in_webhook(131051)]})
    };
    let request = InboundRequest {
        phone_number_id: phone_number_id.to_owned(),
        from: phone.to_owned(),
        message,
        ..InboundRequest::default()
    };
    receive(shared, request)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNumber {
    new_phone: String,
    /// The new phone may not be shown: only the new BSUID is told.
    #[serde(default)]
    hidden: bool,
}

/// The customer moves to another phone number, and so to another BSUID: told to every business number it talks with.
pub(super) async fn number(
    State(shared): World,
    Path(phone): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let NewNumber { new_phone, hidden } = typed(&body)?;
    let (old, new) = (digits(&phone), digits(&new_phone));
    if !(5..=15).contains(&new.len()) || new == old {
        return Err(format!(
            "new_phone must be another phone number of 5 to 15 digits, not \"{new_phone}\""
        )
        .into());
    }
    let (customer, numbers) = {
        let world = shared.world();
        let customer = world
            .customers
            .get(&old)
            .cloned()
            .ok_or_else(|| unknown(&old))?;
        if world
            .customers
            .get(&new)
            .is_some_and(|other| other.on_whatsapp)
        {
            return Err(format!("somebody else has the phone \"{new}\"").into());
        }
        let threads = world
            .messages
            .threads()
            .filter(|(_, known, _)| *known == old);
        let numbers: Vec<String> = threads.map(|(number, _, _)| number.to_owned()).collect();
        (customer, numbers)
    };
    let bsuid = |phone: &str| ids::bsuid(shared.chance, &shared.config.business_id, phone);
    let mut system = json!({});
    if hidden {
        system["type"] = json!("user_changed_user_id");
        system["body"] = json!("User changed");
    } else {
        system["type"] = json!("user_changed_number");
        system["body"] = json!(format!(
            "User {} changed from {old} to {new}",
            customer.profile_name
        ));
        system["wa_id"] = json!(new);
    }
    for phone_number_id in &numbers {
        // Each business knows the person by another id.
        let owner = shared.world().owner_of_number(phone_number_id).to_owned();
        system["user_id"] = json!(ids::bsuid(shared.chance, &owner, &new));
        system["previous_user_id"] = json!(ids::bsuid(shared.chance, &owner, &old));
        let request = InboundRequest {
            phone_number_id: phone_number_id.clone(),
            from: old.clone(),
            message: json!({"type": "system", "system": system}),
            ..InboundRequest::default()
        };
        receive(&shared, request)?;
    }
    let mut world = shared.world();
    for number in world.numbers.values_mut() {
        number.windows.moved(&old, &new);
    }
    for phone_number_id in &numbers {
        world.messages.moved(phone_number_id, &old, &new);
    }
    let business_id = &shared.config.business_id;
    let mut left = customer.clone();
    // Nobody is reached under the old number or its user id any more.
    left.on_whatsapp = false;
    left.talkative = false;
    world.put_customer(shared.chance, business_id, left);
    let mut moved = customer;
    moved.phone.clone_from(&new);
    world.put_customer(shared.chance, business_id, moved);
    Ok(ok(
        &json!({"phone": new, "user_id": bsuid(&new), "told": numbers}),
    ))
}
