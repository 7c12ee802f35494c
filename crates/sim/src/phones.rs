//! The phones behind Meta: what becomes of a message, and what customers say.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::chance::mix;
use crate::control::inbound::{self, InboundRequest};
use crate::seed::CustomerSpec;
use crate::sim::Shared;
use crate::timeline::{Event, Step};
use crate::webhook::{FirstAttempt, Update, body};
use crate::world::Outbound;

/// What was decided about a message when it was accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fate {
    /// It will fail with this code.
    pub(crate) failure: Option<i64>,
    /// A voice note may be played.
    pub(crate) voice: bool,
}

/// Schedules the statuses of an accepted message. The draws depend on the message id alone.
pub(crate) fn follow(shared: &Shared, wamid: &Arc<str>, fate: &Fate, sent_already: bool) {
    let accepted_ms = {
        let world = shared.world();
        world
            .messages
            .outbound(wamid)
            .map(|outbound| outbound.accepted_ms)
    };
    if let Some(accepted_ms) = accepted_ms {
        follow_from(shared, wamid, fate, accepted_ms, sent_already);
    }
}

/// As [`follow`], counted from another moment than that of acceptance.
pub(crate) fn follow_from(
    shared: &Shared,
    wamid: &Arc<str>,
    fate: &Fate,
    from_ms: u64,
    sent_already: bool,
) {
    let chance = shared.chance;
    let customer = {
        let world = shared.world();
        let Some(outbound) = world.messages.outbound(wamid) else {
            return;
        };
        world.customers.get(&*outbound.to).cloned()
    };
    let at = |delay_ms: u64, step: Step| {
        let wamid = Arc::clone(wamid);
        shared.timeline.schedule(
            from_ms.saturating_add(delay_ms),
            Event::Status { wamid, step },
        );
    };
    if let Some(code) = fate.failure {
        let (low, high) = match code {
            131026 => (1_000, 10_000),
            131053 => (1_000, 15_000),
            _ => (500, 2_000),
        };
        at(chance.between("fail", wamid, low, high), Step::Failed(code));
        return;
    }
    let sent = chance.between("sent", wamid, 300, 1_000);
    if !sent_already {
        at(sent, Step::Sent);
    }
    if customer.as_ref().is_some_and(|customer| !customer.online) {
        return;
    }
    let delivered = chance
        .between("delivered", wamid, 500, 5_000)
        .max(sent + 50);
    arrive(
        shared,
        wamid,
        from_ms.saturating_add(delivered),
        customer.as_ref(),
        fate.voice,
    );
}

/// Schedules what happens on the phone from `delivered_ms` on: delivered, read, played, answered.
fn arrive(
    shared: &Shared,
    wamid: &Arc<str>,
    delivered_ms: u64,
    customer: Option<&CustomerSpec>,
    voice: bool,
) {
    let chance = shared.chance;
    let at = |due_ms: u64, step: Step| {
        let wamid = Arc::clone(wamid);
        shared
            .timeline
            .schedule(due_ms, Event::Status { wamid, step });
    };
    let reads = match customer {
        Some(customer) => customer.reads,
        None => chance.happens(0.6, "reads", wamid, 0),
    };
    let chat_open = customer.is_some_and(|customer| customer.chat_open);
    let mut last = delivered_ms;
    if chat_open {
        at(delivered_ms, Step::Read { priced: true });
    } else {
        at(delivered_ms, Step::Delivered);
        if reads {
            last = delivered_ms.saturating_add(chance.between("read", wamid, 1_000, 30_000));
            at(last, Step::Read { priced: false });
        }
    }
    if voice && (reads || chat_open) {
        last = last.saturating_add(chance.between("played", wamid, 500, 8_000));
        at(last, Step::Played);
    }
    let talkative =
        customer.is_some_and(|customer| customer.talkative) && !shared.config.quiet_phones;
    if talkative && (reads || chat_open) && chance.happens(0.7, "answers", wamid, 0) {
        let wamid = Arc::clone(wamid);
        let due_ms = last.saturating_add(chance.between("answer", &wamid, 3_000, 25_000));
        shared.timeline.schedule(due_ms, Event::Answer { wamid });
    }
}

/// A message reaches a status: remembered and told.
pub(crate) fn reach(shared: &Shared, wamid: &str, step: Step) {
    reach_telling(shared, wamid, step, None);
}

/// As [`reach`], telling `first` how the first delivery of the webhook ended; `false` when the message is forgotten.
pub(crate) fn reach_telling(
    shared: &Shared,
    wamid: &str,
    step: Step,
    first: Option<oneshot::Sender<FirstAttempt>>,
) -> bool {
    let now_ms = shared.clock.now_ms();
    let update = {
        let mut world = shared.world();
        let world = &mut *world;
        let Some(outbound) = world.messages.outbound_mut(wamid) else {
            return false;
        };
        let on_phone = !matches!(step, Step::Sent | Step::Failed(_));
        let offline = world
            .customers
            .get(&*outbound.to)
            .is_some_and(|customer| !customer.online);
        // A phone that went away meanwhile gets it when it is back; what was reached before is not told again.
        if (on_phone && offline) || rank(step.word()) <= rank(outbound.status) {
            return false;
        }
        outbound.status = step.word();
        let phone_number_id = Arc::clone(&outbound.phone_number_id);
        let Some(outbound) = world.messages.outbound(wamid) else {
            return false;
        };
        let value = body::status(shared, world, outbound, step, now_ms);
        let mut update = Update::of_messages(world, &phone_number_id, value);
        update.first = first;
        update
    };
    shared.emit(update);
    true
}

fn rank(status: &str) -> u8 {
    match status {
        "accepted" | "held" => 0,
        "sent" => 1,
        "delivered" => 2,
        "read" => 3,
        "played" => 4,
        _ => 5,
    }
}

/// How long Meta tries to deliver: 30 days, an authentication template ten minutes.
fn life_ms(outbound: &Outbound) -> u64 {
    if outbound.price.category == "authentication" {
        10 * 60 * 1_000
    } else {
        30 * 24 * 3_600 * 1_000
    }
}

/// A phone comes online: what waited for it is delivered, unless Meta has given it up; then it is read as usual.
pub(crate) fn back_online(shared: &Shared, phone: &str) {
    let now_ms = shared.clock.now_ms();
    let (waiting, customer) = {
        let world = shared.world();
        let waits = |outbound: &&Outbound| {
            &*outbound.to == phone
                && matches!(outbound.status, "accepted" | "sent")
                && now_ms.saturating_sub(outbound.accepted_ms) < life_ms(outbound)
        };
        let waiting: Vec<Arc<str>> = world
            .messages
            .all_outbound()
            .filter(waits)
            .map(|outbound| Arc::clone(&outbound.wamid))
            .collect();
        (waiting, world.customers.get(phone).cloned())
    };
    for wamid in waiting {
        let due_ms = now_ms.saturating_add(shared.chance.between("back", &wamid, 200, 2_000));
        arrive(shared, &wamid, due_ms, customer.as_ref(), false);
    }
}

/// Lets the talkative customers begin, unless phones are quiet.
pub(crate) fn start(shared: &Shared) {
    if shared.config.quiet_phones {
        return;
    }
    let phones: Vec<Arc<str>> = {
        let world = shared.world();
        let talkative = world
            .customers
            .values()
            .filter(|customer| customer.talkative);
        talkative
            .map(|customer| customer.phone.as_str().into())
            .collect()
    };
    for phone in phones {
        schedule_initiative(shared, phone, 0);
    }
}

fn schedule_initiative(shared: &Shared, phone: Arc<str>, round: u64) {
    let spread = shared.chance.nth("initiative", &phone, round);
    let wait_ms = if round == 0 {
        2_000 + spread % 28_000
    } else {
        90_000 + spread % 510_000
    };
    let due_ms = shared.clock.now_ms().saturating_add(wait_ms);
    shared
        .timeline
        .schedule(due_ms, Event::Initiative { phone, round });
}

const OPENERS: [&str; 8] = [
    "Hola, ¿a qué hora abrís mañana?",
    "Buenas, ¿tenéis disponible para esta tarde?",
    "Hola 👋 quería hacer un pedido",
    "¿Cuánto cuesta el envío a domicilio?",
    "Hi! Do you speak English?",
    "¿Me podéis confirmar mi pedido, por favor?",
    "Buenos días, ¿hay alguna oferta esta semana?",
    "Necesito cambiar la dirección de entrega",
];
const ANSWERS: [&str; 8] = [
    "¡Perfecto, gracias!",
    "Vale, muchas gracias 😊",
    "De acuerdo",
    "¿Y a qué hora?",
    "Genial 👍",
    "Ok",
    "Gracias, un saludo",
    "¿Puedo pagar con tarjeta?",
];

fn pick(words: &[&str], draw: u64) -> Value {
    let text = words
        .get((draw % words.len() as u64) as usize)
        .copied()
        .unwrap_or_default();
    json!({"type": "text", "text": {"body": text}})
}

/// A customer writes by itself, and will again.
pub(crate) fn write(shared: &Arc<Shared>, phone: &Arc<str>, round: u64) {
    let customer = shared.world().customers.get(&**phone).cloned();
    let Some(customer) = customer.filter(|customer| customer.talkative && customer.on_whatsapp)
    else {
        return;
    };
    let number = {
        let world = shared.world();
        let first = || world.numbers.keys().next().cloned();
        Some(customer.writes_to)
            .filter(|id| world.numbers.contains_key(id))
            .or_else(first)
    };
    if let Some(phone_number_id) = number {
        let draw = shared.chance.nth("opener", phone, round);
        let message = match mix(draw) % 10 {
            0 => json!({"type": "image", "image": {"caption": "¿Tenéis algo así?"}}),
            1 => json!({"type": "audio", "audio": {"voice": true}}),
            _ => pick(&OPENERS, draw),
        };
        say(shared, &phone_number_id, phone, message);
    }
    schedule_initiative(shared, Arc::clone(phone), round + 1);
}

fn say(shared: &Arc<Shared>, phone_number_id: &str, from: &str, message: Value) {
    let request = InboundRequest {
        phone_number_id: phone_number_id.to_owned(),
        from: from.to_owned(),
        message,
        ..InboundRequest::default()
    };
    if let Err(why) = inbound::receive(shared, request) {
        tracing::debug!(why, "a simulated customer could not write");
    }
}

/// A customer answers what it received: a tap where there is something to tap, words otherwise.
pub(crate) fn answer(shared: &Arc<Shared>, wamid: &str) {
    let (phone_number_id, to, request) = {
        let world = shared.world();
        let Some(outbound) = world.messages.outbound(wamid) else {
            return;
        };
        let request: Value = serde_json::from_slice(&outbound.body).unwrap_or_default();
        (
            outbound.phone_number_id.to_string(),
            outbound.to.to_string(),
            request,
        )
    };
    let draw = shared.chance.bits("answer-text", wamid.as_bytes());
    let message = tap(&request, wamid, draw).unwrap_or_else(|| pick(&ANSWERS, draw));
    say(shared, &phone_number_id, &to, message);
}

fn tap(request: &Value, wamid: &str, draw: u64) -> Option<Value> {
    let interactive = &request["interactive"];
    let action = &interactive["action"];
    let reply = match interactive["type"].as_str()? {
        "button" => {
            let buttons = action["buttons"].as_array()?;
            let button = buttons.get((draw % buttons.len() as u64) as usize)?;
            json!({"type": "button_reply", "button_reply": button["reply"]})
        }
        "list" => {
            let rows: Vec<&Value> = action["sections"]
                .as_array()?
                .iter()
                .filter_map(|section| section["rows"].as_array())
                .flatten()
                .collect();
            let row = rows.get((draw % rows.len().max(1) as u64) as usize)?;
            json!({"type": "list_reply", "list_reply": row})
        }
        _ => return None,
    };
    Some(json!({"type": "interactive", "interactive": reply, "context": {"id": wamid}}))
}
