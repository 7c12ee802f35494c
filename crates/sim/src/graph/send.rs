//! `POST /{phone_number_id}/messages`: form, state, rate, and what will become of the message.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::Reply;
use super::call::Call;
use super::messages::{link_is_good, mark_read};
use crate::error::{GraphError, GraphResult};
use crate::ids::{self, Direction};
use crate::media::limit_for;
use crate::phones;
use crate::sim::Shared;
use crate::timeline::Step;
use crate::validate::{self, Checked, MediaSource, template};
use crate::webhook::Update;
use crate::world::{Number, Outbound, Price, World};

/// One message per six seconds to one user …
const PAIR_GAP_MS: u64 = 6_000;
/// … with up to 45 borrowed from the future.
const PAIR_BURST: u64 = 45;
/// Users whose pair quota is remembered per number before those at rest are forgotten.
const PAIRS: usize = 100_000;

/// What is known of a message when it is accepted, beside the record.
pub(crate) struct Accepted {
    pub(crate) wamid: Arc<str>,
    pub(crate) fate: phones::Fate,
}

pub(super) async fn post(
    shared: &Arc<Shared>,
    call: &Call,
    phone_number_id: &str,
) -> GraphResult<Reply> {
    if call.malformed {
        return Err(GraphError::parameter(
            "Invalid parameter: the request body is not a valid JSON object.",
        ));
    }
    if call.params.contains_key("status") {
        return mark_read(shared, &call.params, phone_number_id).map(Reply::Json);
    }
    let checked = validate::message(&call.params)?;
    let raw = if call.is_json {
        Box::from(&*call.body)
    } else {
        Value::Object(call.params.clone())
            .to_string()
            .into_bytes()
            .into_boxed_slice()
    };
    let accepted = accept(shared, phone_number_id, &checked, &call.params, raw)?;
    let faults = shared.faults();
    let links: Vec<_> = checked
        .media
        .iter()
        .filter_map(|media| match &media.source {
            MediaSource::Link(link) => Some((media.kind, link.clone())),
            MediaSource::Id(_) => None,
        })
        .collect();
    let Accepted { wamid, fate } = accepted;
    if links.is_empty() {
        if faults.status_before_answer && fate.failure.is_none() {
            status_first(shared, &wamid).await;
            phones::follow(shared, &wamid, &fate, true);
        } else {
            phones::follow(shared, &wamid, &fate, false);
        }
    } else {
        let shared = Arc::clone(shared);
        let wamid = Arc::clone(&wamid);
        tokio::spawn(async move {
            let mut fate = fate;
            for (kind, link) in links {
                if !link_is_good(&shared, kind, &link).await {
                    fate.failure = fate.failure.or(Some(131053));
                }
            }
            phones::follow(&shared, &wamid, &fate, false);
        });
    }
    Ok(Reply::Json(answer(
        &checked,
        &wamid,
        faults.omits("message_status"),
    )))
}

fn answer(checked: &Checked, wamid: &str, bare: bool) -> Value {
    let mut contact = json!({"input": checked.input});
    match &checked.phone {
        Some(phone) => contact["wa_id"] = json!(phone),
        None => contact["user_id"] = json!(checked.input),
    }
    let mut message = json!({"id": wamid});
    if checked.kind == "template" && !bare {
        message["message_status"] = json!("accepted");
    }
    json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]})
}

/// Delivers `sent` and waits for the receiver's answer, at most two seconds.
async fn status_first(shared: &Arc<Shared>, wamid: &str) {
    let (sender, receiver) = oneshot::channel();
    if phones::reach_telling(shared, wamid, Step::Sent, Some(sender)) {
        // Whatever the receiver said, and if it said nothing: the answer follows.
        let _ = tokio::time::timeout(Duration::from_secs(2), receiver).await;
    }
}

/// Everything that Meta checks while the caller waits; all under one lock, so that rates are exact.
fn accept(
    shared: &Shared,
    phone_number_id: &str,
    checked: &Checked,
    request: &Map<String, Value>,
    raw: Box<[u8]>,
) -> GraphResult<Accepted> {
    let now_ms = shared.clock.now_ms();
    let mut world = shared.world();
    let world = &mut *world;
    let missing = || GraphError::no_object("POST", phone_number_id);
    let number = world.numbers.get(phone_number_id).ok_or_else(missing)?;
    let waba = world.wabas.get(&number.spec.waba_id).ok_or_else(missing)?;
    let category = if checked.kind == "template" {
        let template = template::sendable(waba.templates.iter(), &request["template"])?;
        template::matches(template, &request["template"])?;
        if checked.phone.is_none() && template.category == "AUTHENTICATION" {
            return Err(GraphError::new(
                131062,
                "Authentication templates need a phone number",
            ));
        }
        price_category(&template.category)
    } else {
        "service"
    };
    let bad_media = media_by_id(world, checked, &number.spec.waba_id, now_ms)?;
    let phone = match &checked.phone {
        Some(phone) => Some(phone.clone()),
        None => world.phones_by_bsuid.get(&checked.input).cloned(),
    };
    let to: Box<str> = phone.as_deref().unwrap_or(&checked.input).into();
    recipient(number, &to)?;
    state(number)?;
    let window_open = number
        .windows
        .get(&to)
        .is_some_and(|closes_ms| *closes_ms > now_ms);
    let free_form = checked.kind != "template";
    if free_form && !window_open && shared.config.window_refusal {
        return Err(GraphError::new(
            131047,
            "More than 24 hours have passed since the recipient last replied to the sender number",
        ));
    }
    let customer = world.customers.get(&*to);
    let known = customer.is_some();
    let unreachable = phone.is_none() || customer.is_some_and(|customer| !customer.on_whatsapp);
    let dead_reaction = checked.reaction_target.as_ref().is_some_and(|target| {
        world.messages.inbound(target).is_none_or(|inbound| {
            let old = now_ms.saturating_sub(inbound.at_ms) > 30 * 24 * 3_600 * 1_000;
            old || &*inbound.kind == "reaction" || *inbound.from != *to
        })
    });
    let failure = if unreachable {
        Some(131026)
    } else if free_form && !window_open {
        Some(131047)
    } else if dead_reaction {
        Some(131009)
    } else if bad_media {
        Some(131053)
    } else {
        None
    };
    let number = world.numbers.get_mut(phone_number_id).ok_or_else(missing)?;
    throughput(number)?;
    if shared.config.pair_limit {
        pair_rate(number, &to, now_ms)?;
    }
    number.typing.remove(&*to);
    number.sent_count += 1;
    let wamid: Arc<str> = ids::wamid(
        shared.chance,
        Direction::FromBusiness,
        phone_number_id,
        &to,
        number.sent_count,
    )
    .into();
    let outbound = Outbound {
        wamid: Arc::clone(&wamid),
        phone_number_id: phone_number_id.into(),
        fingerprint: fingerprint(phone_number_id, &to, checked, request),
        to,
        kind: checked.kind,
        body: raw,
        callback_data: checked.callback_data.as_deref().map(Box::from),
        accepted_ms: now_ms,
        price: Price {
            category,
            free: category == "service" || (category == "utility" && window_open),
        },
        status: "accepted",
        by_user_id: checked.phone.is_none(),
    };
    world
        .messages
        .push_outbound(outbound, shared.config.outbound_limit, known);
    let fate = phones::Fate {
        failure,
        voice: checked.voice,
    };
    Ok(Accepted { wamid, fate })
}

fn price_category(category: &str) -> &'static str {
    match category {
        "MARKETING" => "marketing",
        "AUTHENTICATION" => "authentication",
        _ => "utility",
    }
}

/// Media named by id must exist for this account; one of a wrong type or size fails later (`true`).
fn media_by_id(world: &World, checked: &Checked, waba_id: &str, now_ms: u64) -> GraphResult<bool> {
    let mut bad = false;
    for media in &checked.media {
        let MediaSource::Id(id) = &media.source else {
            continue;
        };
        let Some(medium) = world
            .media
            .get(id, now_ms)
            .filter(|medium| medium.waba_id == waba_id)
        else {
            return Err(GraphError::parameter(format!(
                "Param {}['id'] is not a valid whatsapp business account media attachment ID",
                media.path
            )));
        };
        bad |=
            limit_for(media.kind, &medium.mime_type).is_none_or(|limit| medium.bytes.len() > limit);
    }
    Ok(bad)
}

fn recipient(number: &Number, to: &str) -> GraphResult<()> {
    let own: String = number
        .spec
        .display_phone_number
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    if own == to {
        return Err(GraphError::new(
            131021,
            "Sender and recipient phone number is the same.",
        ));
    }
    if let Some(allowed) = &number.spec.allowed_recipients
        && !allowed.iter().any(|phone| phone == to)
    {
        return Err(GraphError::new(
            131030,
            "Recipient phone number not in allowed list: Add recipient phone number to recipient list and try again.",
        ));
    }
    Ok(())
}

fn state(number: &Number) -> GraphResult<()> {
    match number.spec.status.as_str() {
        "CONNECTED" | "FLAGGED" => Ok(()),
        "BANNED" | "RESTRICTED" => Err(GraphError::new(
            131031,
            "Business Account associated with this phone number has been restricted or disabled for violating a policy.",
        )),
        "DELETED" => Err(GraphError::new(
            33,
            "The business phone number has been deleted.",
        )),
        "RATE_LIMITED" => Err(GraphError::new(
            131048,
            "Message failed to send because there are restrictions on how many messages can be sent from this phone number.",
        )),
        "MAINTENANCE" => Err(GraphError::new(
            131057,
            "Business Account is in maintenance mode",
        )),
        _ => Err(GraphError::new(
            133010,
            "Phone number not registered on the WhatsApp Business Platform.",
        )),
    }
}

/// A sliding second of real time, messages in and out counted together.
fn throughput(number: &mut Number) -> GraphResult<()> {
    let now = Instant::now();
    forget_traffic(number, now);
    if number.traffic.len() >= number.spec.mps as usize {
        return Err(GraphError::new(
            130429,
            "Cloud API message throughput has been reached.",
        ));
    }
    number.traffic.push_back(now);
    Ok(())
}

pub(crate) fn forget_traffic(number: &mut Number, now: Instant) {
    while number
        .traffic
        .front()
        .is_some_and(|first| now.duration_since(*first) >= Duration::from_secs(1))
    {
        number.traffic.pop_front();
    }
}

fn pair_rate(number: &mut Number, to: &str, now_ms: u64) -> GraphResult<()> {
    if number.pairs.len() > PAIRS {
        number
            .pairs
            .retain(|_, paid_back_ms| *paid_back_ms > now_ms);
    }
    let paid_back_ms = number.pairs.get(to).copied().unwrap_or(0).max(now_ms) + PAIR_GAP_MS;
    if paid_back_ms - now_ms > PAIR_BURST * PAIR_GAP_MS {
        return Err(GraphError::new(
            131056,
            "Too many messages sent from the sender phone number to the same recipient phone number in a short period of time.",
        ));
    }
    number.pairs.insert(to.into(), paid_back_ms);
    Ok(())
}

/// Equal for sends with the same number, user, content and callback data.
fn fingerprint(
    phone_number_id: &str,
    to: &str,
    checked: &Checked,
    request: &Map<String, Value>,
) -> u64 {
    let mut hasher = DefaultHasher::new();
    (
        phone_number_id,
        to,
        checked.kind,
        checked.callback_data.as_deref(),
    )
        .hash(&mut hasher);
    for key in [checked.kind, "context"] {
        hash_value(request.get(key).unwrap_or(&Value::Null), &mut hasher);
    }
    hasher.finish()
}

/// Hashes JSON whatever the order of its keys.
fn hash_value(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            for key in keys {
                key.hash(hasher);
                hash_value(&map[key], hasher);
            }
            0xfe_u8.hash(hasher);
        }
        Value::Array(items) => {
            items.iter().for_each(|item| hash_value(item, hasher));
            0xfd_u8.hash(hasher);
        }
        Value::String(text) => text.hash(hasher),
        other => other.to_string().hash(hasher),
    }
}

impl Update {
    /// An update of field `messages` about a number.
    pub(crate) fn of_messages(world: &World, phone_number_id: &str, value: Value) -> Self {
        let waba_id = world
            .numbers
            .get(phone_number_id)
            .map(|number| number.spec.waba_id.clone());
        Self {
            waba_id: waba_id.unwrap_or_default(),
            phone_number_id: Some(phone_number_id.to_owned()),
            field: "messages".to_owned(),
            value,
            first: None,
        }
    }
}
