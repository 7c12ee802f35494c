//! Numbers that the WhatsApp Business app uses as well: what is on that phone comes over once, and what is done there is told.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::graph::{media_url, put_media};
use crate::ids::{self, Direction};
use crate::media::INBOUND_LIFE_MS;
use crate::sim::Shared;
use crate::timeline::Event;
use crate::webhook::{Update, body};
use crate::world::World;

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;
/// Contacts told in one webhook.
const BATCH: usize = 25;
/// Threads told in one webhook.
const CHUNK: usize = 4;
/// Media of the last two weeks come over with their bytes.
const MEDIA_MS: u64 = 14 * DAY_MS;
/// Phase and age in days of what it holds, youngest first.
const PHASES: [(u8, u64, u64); 3] = [(0, 0, 1), (1, 1, 90), (2, 90, 180)];

/// What is on the phone of a business.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Phone {
    /// People in its address book.
    pub(crate) contacts: u32,
    /// Chats; with the first of the contacts.
    pub(crate) threads: u32,
    /// Messages of each chat in each phase.
    pub(crate) messages: u32,
    /// Whether its owner shares the history.
    pub(crate) share_history: bool,
}

impl Default for Phone {
    fn default() -> Self {
        Self {
            contacts: 40,
            threads: 10,
            messages: 6,
            share_history: true,
        }
    }
}

impl Phone {
    pub(crate) fn mistake(&self) -> Option<&'static str> {
        if self.contacts > 20_000 || self.threads > 2_000 || self.messages > 500 {
            return Some("at most 20,000 contacts, 2,000 threads and 500 messages each");
        }
        (u64::from(self.threads) * u64::from(self.messages) > 100_000)
            .then_some("threads times messages is at most 100,000")
    }
}

const NAMES: [&str; 12] = [
    "Ana", "Luis", "Marta", "Íñigo", "Carmen", "Pau", "Nerea", "Jorge", "Lucía", "Hugo", "Aitana",
    "Omar",
];
const SURNAMES: [&str; 8] = [
    "García",
    "Muñoz",
    "Puig",
    "Etxeberria",
    "Ruiz",
    "Vidal",
    "Nuñez",
    "Ferrer",
];

struct Person {
    phone: String,
    first: &'static str,
    full: String,
}

/// The `index`-th person of the address book of a number.
fn person(shared: &Shared, phone_number_id: &str, index: u32) -> Person {
    let bits = shared
        .chance
        .nth("person", phone_number_id, u64::from(index));
    let first = NAMES[(bits % NAMES.len() as u64) as usize];
    let last = SURNAMES[((bits >> 8) % SURNAMES.len() as u64) as usize];
    Person {
        phone: format!("346{:02}{index:06}", (bits >> 16) % 100),
        first,
        full: format!("{first} {last}"),
    }
}

fn value(world: &World, phone_number_id: &str) -> Value {
    json!({"messaging_product": "whatsapp", "metadata": body::metadata(world, phone_number_id)})
}

fn update(world: &World, phone_number_id: &str, field: &str, value: Value) -> Update {
    Update {
        field: field.to_owned(),
        ..Update::of_messages(world, phone_number_id, value)
    }
}

/// The address book comes over in batches; gives when the last one leaves.
pub(crate) fn send_contacts(shared: &Shared, world: &World, phone_number_id: &str, phone: &Phone) {
    let now_ms = shared.clock.now_ms();
    let people: Vec<Value> = (0..phone.contacts)
        .map(|index| {
            let person = person(shared, phone_number_id, index);
            json!({
                "type": "contact",
                "contact": {"full_name": person.full, "first_name": person.first, "phone_number": person.phone},
                "action": "add",
                "metadata": {"timestamp": (now_ms / 1_000).to_string()},
            })
        })
        .collect();
    for (place, batch) in people.chunks(BATCH).enumerate() {
        let mut value = value(world, phone_number_id);
        value["state_sync"] = json!(batch);
        let update = update(world, phone_number_id, "smb_app_state_sync", value);
        let wait_ms = 1_000 + 1_500 * place as u64;
        let event = Event::Emit(Box::new(update));
        shared
            .timeline
            .schedule(now_ms.saturating_add(wait_ms), event);
    }
}

/// The chats come over in three phases, youngest first; the chunks of a phase come in no order.
pub(crate) fn send_history(
    shared: &Shared,
    world: &mut World,
    phone_number_id: &str,
    phone: &Phone,
) {
    let now_ms = shared.clock.now_ms();
    if !phone.share_history {
        let mut refused = value(world, phone_number_id);
        refused["history"] = json!([{"errors": [{
            "code": 2_593_109,
            "title": "History sync is turned off by the business from the WhatsApp Business App",
            "message": "History sharing is turned off by the business from the WhatsApp Business App",
            "error_data": {"details": "History sharing is turned off by the business"},
        }]}]);
        let update = update(world, phone_number_id, "history", refused);
        let event = Event::Emit(Box::new(update));
        shared
            .timeline
            .schedule(now_ms.saturating_add(2_000), event);
        return;
    }
    let mut media = Vec::new();
    let mut chunks: Vec<(u8, usize, Vec<Value>)> = Vec::new();
    for (phase, youngest, oldest) in PHASES {
        let threads: Vec<Value> = (0..phone.threads)
            .map(|index| {
                let span = (now_ms, youngest * DAY_MS, oldest * DAY_MS);
                thread(
                    shared,
                    world,
                    phone_number_id,
                    phone,
                    index,
                    span,
                    &mut media,
                )
            })
            .collect();
        // A phase without chats is told, too: its progress counts.
        let parts: Vec<Vec<Value>> = if threads.is_empty() {
            vec![Vec::new()]
        } else {
            threads.chunks(CHUNK).map(<[Value]>::to_vec).collect()
        };
        for (place, part) in parts.into_iter().enumerate() {
            chunks.push((phase, place + 1, part));
        }
    }
    let total = chunks.len();
    let mut last_ms = now_ms;
    for (place, (phase, order, threads)) in chunks.into_iter().enumerate() {
        let mut told = value(world, phone_number_id);
        told["history"] = json!([{
            "metadata": {"phase": phase, "chunk_order": order, "progress": (place + 1) * 100 / total},
            "threads": threads,
        }]);
        let update = update(world, phone_number_id, "history", told);
        let subject = format!("{phone_number_id}/{phase}/{order}");
        // Phases follow one another; within one, whatever is ready leaves.
        let start_ms = 3_000 + u64::from(phase) * 60_000;
        let wait_ms = start_ms + shared.chance.between("chunk", &subject, 0, 50_000);
        let due_ms = now_ms.saturating_add(wait_ms);
        last_ms = last_ms.max(due_ms);
        shared
            .timeline
            .schedule(due_ms, Event::Emit(Box::new(update)));
    }
    for (place, message) in media.into_iter().enumerate() {
        let mut told = value(world, phone_number_id);
        told["messages"] = json!([message]);
        let update = update(world, phone_number_id, "history", told);
        let due_ms = last_ms.saturating_add(1_000 + 200 * place as u64);
        shared
            .timeline
            .schedule(due_ms, Event::Emit(Box::new(update)));
    }
}

/// One chat within one phase: `span` is now, and the ages between which its messages lie, in milliseconds.
fn thread(
    shared: &Shared,
    world: &mut World,
    phone_number_id: &str,
    phone: &Phone,
    index: u32,
    (now_ms, youngest_ms, oldest_ms): (u64, u64, u64),
    media: &mut Vec<Value>,
) -> Value {
    let person = person(shared, phone_number_id, index);
    let business = world
        .numbers
        .get(phone_number_id)
        .map(crate::world::Number::digits)
        .unwrap_or_default();
    let mut messages = Vec::new();
    for place in 0..phone.messages {
        let count = u64::from(place) + oldest_ms;
        let draw = shared.chance.nth("old", &person.phone, count);
        // Oldest first, evenly over the span.
        let left = u64::from(phone.messages - place);
        let age_ms = youngest_ms + (oldest_ms - youngest_ms) * left / u64::from(phone.messages + 1);
        let at_ms = now_ms.saturating_sub(age_ms);
        let theirs = draw.is_multiple_of(2);
        let direction = if theirs {
            Direction::FromUser
        } else {
            Direction::FromBusiness
        };
        let id = ids::wamid(
            shared.chance,
            direction,
            phone_number_id,
            &person.phone,
            count << 20 | u64::from(index),
        );
        let status = if theirs {
            "READ"
        } else {
            ["DELIVERED", "READ", "SENT"][(draw >> 4) as usize % 3]
        };
        let mut message = json!({
            "from": if theirs { &person.phone } else { &business },
            "id": id,
            "timestamp": (at_ms / 1_000).to_string(),
            "history_context": {"status": status},
        });
        if !theirs {
            message["to"] = json!(person.phone);
        }
        if theirs && draw.is_multiple_of(16) {
            message["type"] = json!("media_placeholder");
            if age_ms < MEDIA_MS {
                media.push(picture(shared, world, phone_number_id, &message));
            }
        } else {
            message["type"] = json!("text");
            message["text"] = json!({"body": WORDS[(draw >> 8) as usize % WORDS.len()]});
        }
        messages.push(message);
    }
    json!({"id": person.phone, "messages": messages})
}

const WORDS: [&str; 6] = [
    "Hola, ¿tenéis mesa para dos?",
    "Sí, a las nueve",
    "Perfecto, gracias",
    "¿Cuánto cuesta el menú?",
    "Os espero el sábado",
    "¿Abrís los lunes?",
];

/// The message of a placeholder, with its picture.
fn picture(
    shared: &Shared,
    world: &mut World,
    phone_number_id: &str,
    placeholder: &Value,
) -> Value {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let id = placeholder["id"].as_str().unwrap_or_default();
    let (mime_type, bytes) =
        crate::sample::file("image", shared.chance.bits("old-picture", id.as_bytes()));
    let hash = STANDARD.encode(crate::media::sha256(&bytes));
    let dies_ms = shared.clock.now_ms().saturating_add(INBOUND_LIFE_MS);
    let media_id = put_media(
        shared,
        world,
        phone_number_id,
        mime_type.to_owned(),
        Bytes::from(bytes),
        dies_ms,
    );
    let url = media_url(shared, &shared.base_url(), &media_id);
    let mut message = placeholder.clone();
    message["type"] = json!("image");
    message["image"] = json!({"mime_type": mime_type, "sha256": hash, "id": media_id, "url": url});
    if let Some(map) = message.as_object_mut() {
        map.remove("history_context");
    }
    message
}

fn by_app<'a>(world: &'a World, phone_number_id: &str) -> Result<&'a crate::world::Number, String> {
    let number = world.numbers.get(phone_number_id);
    let number =
        number.ok_or_else(|| format!("no business number has the id \"{phone_number_id}\""))?;
    if number.spec.coexistence && number.spec.status == "CONNECTED" {
        Ok(number)
    } else {
        Err("the number is not in use with the WhatsApp Business app (coexistence)".to_owned())
    }
}

/// The business writes on its phone: `smb_message_echoes`; gives the message id.
pub(crate) fn business_writes(
    shared: &Arc<Shared>,
    phone_number_id: &str,
    to: &str,
    message: &Value,
) -> Result<String, String> {
    let to: String = to.chars().filter(char::is_ascii_digit).collect();
    if !(5..=15).contains(&to.len()) {
        return Err("to must be a phone number of 5 to 15 digits".to_owned());
    }
    let kind = message["type"].as_str().unwrap_or_default();
    if kind.is_empty() || !message[kind].is_object() {
        return Err("message must have a type and an object of that name".to_owned());
    }
    let now_ms = shared.clock.now_ms();
    let (update, wamid) = {
        let mut world = shared.world();
        let world = &mut *world;
        let business = by_app(world, phone_number_id)?.digits();
        let number = world.numbers.get_mut(phone_number_id);
        let count = number.map_or(0, |number| {
            number.sent_count += 1;
            number.sent_count
        });
        let wamid = ids::wamid(
            shared.chance,
            Direction::FromBusiness,
            phone_number_id,
            &to,
            count,
        );
        let mut echo = message.clone();
        echo["from"] = json!(business);
        echo["to"] = json!(to);
        echo["to_user_id"] = json!(ids::bsuid(
            shared.chance,
            world.owner_of_number(phone_number_id),
            &to
        ));
        echo["id"] = json!(wamid);
        echo["timestamp"] = json!((now_ms / 1_000).to_string());
        let mut value = value(world, phone_number_id);
        value["contacts"] = json!([body::contact(shared, world, phone_number_id, &to, true)]);
        value["message_echoes"] = json!([echo]);
        (
            update(world, phone_number_id, "smb_message_echoes", value),
            wamid,
        )
    };
    shared.emit(update);
    Ok(wamid)
}

/// The business changes its address book on its phone: `smb_app_state_sync`.
pub(crate) fn business_contact(
    shared: &Shared,
    phone_number_id: &str,
    phone: &str,
    names: Option<(&str, &str)>,
) -> Result<(), String> {
    let phone: String = phone.chars().filter(char::is_ascii_digit).collect();
    if !(5..=15).contains(&phone.len()) {
        return Err("phone_number must be a phone number of 5 to 15 digits".to_owned());
    }
    let now_ms = shared.clock.now_ms();
    let update = {
        let world = shared.world();
        by_app(&world, phone_number_id)?;
        let mut contact = json!({"phone_number": phone});
        if let Some((full, first)) = names {
            contact["full_name"] = json!(full);
            contact["first_name"] = json!(first);
        }
        let mut value = value(&world, phone_number_id);
        value["state_sync"] = json!([{
            "type": "contact", "contact": contact,
            "action": if names.is_some() { "add" } else { "remove" },
            "metadata": {"timestamp": (now_ms / 1_000).to_string()},
        }]);
        update(&world, phone_number_id, "smb_app_state_sync", value)
    };
    shared.emit(update);
    Ok(())
}
