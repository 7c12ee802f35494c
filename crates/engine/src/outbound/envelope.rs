//! What stands beside the content of a request: type, lane, when it may leave, under which label, by which door.

use std::time::Duration;

use domain::Timestamp;
use domain::message::Lane;
use meta::graph::outbound::{Marketing, forms};
use serde_json::{Map, Value};

use super::request::{Mistake, Refused, invalid, refused_by_meta};
use crate::outbound::draft::Terms;

/// What a request says beside its content.
pub(super) struct Envelope {
    pub(super) lane: Lane,
    pub(super) terms: Terms,
    pub(super) marketing: Option<Marketing>,
    pub(super) identity_key_hash: Option<String>,
}

/// Members that may stand beside `type` and its content.
const MEMBERS: [&str; 15] = [
    "to",
    "recipient",
    "from",
    "type",
    "reply_to",
    "context",
    "messaging_product",
    "recipient_type",
    "recipient_identity_key_hash",
    "lane",
    "send_at",
    "send_before",
    "batch",
    "marketing",
    "client_ref",
];

/// How far ahead a message may be scheduled.
const FARTHEST: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// Characters of the label of a batch.
const BATCH_MAX: usize = 64;

/// What can be sent.
fn kinds() -> impl Iterator<Item = &'static str> {
    forms::CONTENTS.iter().map(|(kind, _)| *kind)
}

/// `type`, or what the content's own member tells.
pub(super) fn kind_of(body: &Map<String, Value>) -> Result<String, Refused> {
    let kind = match body.get("type") {
        Some(Value::String(kind)) if !kinds().any(|known| known == kind) => {
            return Err(unknown_kind(kind));
        }
        Some(Value::String(kind)) if body.contains_key(kind) => kind.clone(),
        Some(Value::String(kind)) => {
            let said = format!("is missing: a message of type {kind} carries its content there");
            return Err(refused_by_meta(131_008, kind, said));
        }
        Some(_) => {
            let said = "must be text, such as \"text\" or \"template\"";
            return Err(refused_by_meta(100, "type", said));
        }
        None => {
            let others: Vec<_> = body
                .keys()
                .filter(|key| !MEMBERS.contains(&key.as_str()))
                .collect();
            let mut contents = others
                .iter()
                .filter(|key| kinds().any(|known| known == ***key));
            match (contents.next(), contents.next(), others.first()) {
                (Some(only), None, _) => (*only).clone(),
                (Some(one), Some(two), _) => {
                    let said = format!(
                        "stands beside {one}: a message has one content; send two messages, or name the type"
                    );
                    return Err(refused_by_meta(100, two, said));
                }
                (None, _, Some(odd)) if others.len() == 1 => return Err(unknown_kind(odd)),
                _ => {
                    let all = kinds().collect::<Vec<_>>().join(", ");
                    return Err(invalid("type", format!("is missing: {all}")));
                }
            }
        }
    };
    let odd: Vec<Mistake> = body
        .keys()
        .filter(|key| !MEMBERS.contains(&key.as_str()) && **key != kind)
        .map(|key| {
            let said = if kinds().any(|known| known == key) {
                format!("does not belong into a message of type {kind}")
            } else {
                format!("is not known here; there are {}", MEMBERS.join(", "))
            };
            Mistake::of_meta(100, key, said)
        })
        .collect();
    if odd.is_empty() {
        Ok(kind)
    } else {
        Err(Refused::Invalid(odd))
    }
}

fn unknown_kind(kind: &str) -> Refused {
    let kinds = kinds().collect::<Vec<_>>().join(", ");
    let said = format!("{kind:?} is not a message type that can be sent; there are {kinds}");
    refused_by_meta(131_051, "type", said)
}

/// Everything beside the content, with every mistake in it.
pub(super) fn read(
    body: &Map<String, Value>,
    kind: &str,
    now: Timestamp,
) -> Result<Envelope, Refused> {
    let mut mistakes = Vec::new();
    let lane = match given(body, "lane") {
        None => super::terms::usual_lane(kind),
        Some(Value::String(lane)) if lane == "reply" => Lane::Reply,
        Some(Value::String(lane)) if lane == "transactional" => Lane::Transactional,
        Some(Value::String(lane)) if lane == "bulk" => Lane::Bulk,
        Some(_) => {
            mistakes.push(Mistake::new("lane", "must be reply, transactional or bulk"));
            Lane::Reply
        }
    };
    let send_at = moment(body, "send_at", &mut mistakes);
    let send_before = moment(body, "send_before", &mut mistakes);
    if let Some(at) = send_at {
        if at <= now {
            mistakes.push(Mistake::new("send_at", "must be in the future"));
        } else if at > now.plus(FARTHEST) {
            mistakes.push(Mistake::new("send_at", "may be at most 90 days ahead"));
        }
    }
    if let Some(before) = send_before {
        if before <= now {
            mistakes.push(Mistake::new("send_before", "must be in the future"));
        } else if send_at.is_some_and(|at| at >= before) {
            mistakes.push(Mistake::new("send_before", "must be later than send_at"));
        }
    }
    let batch = text(body, "batch", &mut mistakes).filter(|batch| {
        let fits = (1..=BATCH_MAX).contains(&batch.len())
            && batch
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
        if !fits {
            let said = "must have 1 to 64 letters, digits, or _ . -";
            mistakes.push(Mistake::new("batch", said));
        }
        fits
    });
    let identity_key_hash = text(body, "recipient_identity_key_hash", &mut mistakes);
    let marketing = marketing(body, kind, &mut mistakes);
    if !mistakes.is_empty() {
        return Err(Refused::Invalid(mistakes));
    }
    Ok(Envelope {
        lane,
        terms: Terms {
            send_at,
            send_before,
            batch,
            marketing: marketing.is_some(),
            rests: false,
        },
        marketing,
        identity_key_hash,
    })
}

fn given<'a>(body: &'a Map<String, Value>, member: &str) -> Option<&'a Value> {
    body.get(member).filter(|value| !value.is_null())
}

fn text(body: &Map<String, Value>, member: &str, mistakes: &mut Vec<Mistake>) -> Option<String> {
    match given(body, member)? {
        Value::String(text) => Some(text.clone()),
        _ => {
            mistakes.push(Mistake::new(member, "must be text"));
            None
        }
    }
}

fn moment(
    body: &Map<String, Value>,
    member: &str,
    mistakes: &mut Vec<Mistake>,
) -> Option<Timestamp> {
    let text = text(body, member, mistakes)?;
    let read = Timestamp::parse(&text);
    if read.is_none() {
        let said = "must be a time such as 2026-12-31T18:00:00Z";
        mistakes.push(Mistake::new(member, said));
    }
    read
}

/// `marketing`: the message goes by the Marketing Messages API.
fn marketing(
    body: &Map<String, Value>,
    kind: &str,
    mistakes: &mut Vec<Mistake>,
) -> Option<Marketing> {
    let value = given(body, "marketing")?;
    let Some(map) = value.as_object() else {
        mistakes.push(Mistake::of_meta(
            100,
            "marketing",
            "must be an object, such as {\"product_policy\": \"STRICT\"}; {} takes what Meta takes by itself",
        ));
        return None;
    };
    if kind != "template" {
        let said = "only templates go by the Marketing Messages API";
        mistakes.push(Mistake::of_meta(131_055, "marketing", said));
    }
    for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
        let wrong = match name.as_str() {
            "product_policy"
                if !matches!(value.as_str(), Some("CLOUD_API_FALLBACK" | "STRICT")) =>
            {
                "must be CLOUD_API_FALLBACK or STRICT"
            }
            "message_activity_sharing" if !value.is_boolean() => "must be true or false",
            "product_policy" | "message_activity_sharing" => continue,
            _ => "is not known here; there are product_policy, message_activity_sharing",
        };
        mistakes.push(Mistake::of_meta(100, format!("marketing.{name}"), wrong));
    }
    serde_json::from_value(value.clone()).ok()
}
