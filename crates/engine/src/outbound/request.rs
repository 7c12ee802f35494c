//! What a client asks for, checked before anything is recorded.
//!
//! The shape is Meta's own with three comforts: `text` may be a plain string, `reply_to` replaces
//! `context`, and `to` may also be a BSUID or one of our conversation ids.

use domain::identity::Person;
use domain::message::{Lane, Origin};
use domain::{ConversationId, MessageId, TenantId, UserId, phone};
use meta::graph::outbound::{Content, OutboundMessage};
use serde_json::{Map, Value, json};
use store::{contacts, conversations, messages, numbers, tenants};

use crate::Engine;
use crate::outbound::draft::addressed;

/// A request to send.
#[derive(Debug, Clone)]
pub struct Request {
    /// The JSON object that the client sent.
    pub body: Map<String, Value>,
    /// `Idempotency-Key`, if it gave one.
    pub idempotency_key: Option<String>,
    /// The person who sends it; none for a system with a key.
    pub author: Option<UserId>,
}

/// A request that can be recorded.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub(crate) tenant: TenantId,
    pub(crate) number: String,
    pub(crate) person: Person,
    pub(crate) message: OutboundMessage,
    pub(crate) lane: Lane,
    pub(crate) origin: Origin,
    pub(crate) author: Option<UserId>,
}

/// One mistake in a request.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Mistake {
    /// Which member.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The request is wrong.
    #[error("the message cannot be sent as it is")]
    Invalid(Vec<Mistake>),
    /// The tenant has no number to send from.
    #[error("no WhatsApp number is assigned to this business; ask the platform's support for one")]
    NoNumber,
    /// The named number is not the tenant's.
    #[error("the number {0} is not one of this business's numbers")]
    ForeignNumber(String),
    /// The tenant is suspended.
    #[error("this business is suspended and cannot send")]
    Suspended,
    /// The tenant has switched WhatsApp off.
    #[error("WhatsApp is switched off for this business; it can be switched on in the settings")]
    SwitchedOff,
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::DbError),
}

fn invalid(field: &str, problem: impl Into<String>) -> Refused {
    Refused::Invalid(vec![Mistake {
        field: field.to_owned(),
        problem: problem.into(),
    }])
}

/// Members that may stand beside `type` and its content.
const ENVELOPE: [&str; 9] = [
    "to",
    "recipient",
    "from",
    "type",
    "reply_to",
    "context",
    "messaging_product",
    "recipient_type",
    "lane",
];

/// What can be sent.
const KINDS: [&str; 11] = [
    "text",
    "template",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "interactive",
    "reaction",
];

/// Checks a request against the tenant, its numbers and Meta's limits.
pub(crate) async fn check(
    engine: &Engine,
    tenant: TenantId,
    body: Map<String, Value>,
    author: Option<UserId>,
) -> Result<Checked, Refused> {
    let owner = tenants::get(&engine.db, tenant)
        .await?
        .ok_or(Refused::NoNumber)?;
    if owner.status != "active" {
        return Err(Refused::Suspended);
    }
    if !owner.whatsapp_enabled {
        return Err(Refused::SwitchedOff);
    }
    let kind = kind_of(&body)?;
    let lane = match body.get("lane").and_then(Value::as_str) {
        None if kind == "template" => Lane::Transactional,
        None | Some("reply") => Lane::Reply,
        Some("transactional") => Lane::Transactional,
        Some("bulk") => Lane::Bulk,
        Some(_) => return Err(invalid("lane", "must be reply, transactional or bulk")),
    };
    let (person, talk_number) = addressee(engine, tenant, &body).await?;
    let number = sender(engine, &owner, body.get("from"), talk_number).await?;
    let content = content(engine, tenant, &kind, &body).await?;
    let reply_to = match body.get("reply_to").or_else(|| {
        body.get("context")
            .and_then(|context| context.get("message_id"))
    }) {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) => Some(wamid(engine, tenant, "reply_to", id).await?),
        Some(_) => return Err(invalid("reply_to", "must be the id of a message, as text")),
    };
    let mut message = addressed(&person, content).ok_or_else(|| {
        invalid(
            "to",
            "this contact has neither a phone number nor a user id",
        )
    })?;
    message.reply_to = reply_to;
    let problems = message.validate();
    if !problems.is_empty() {
        let mistakes = problems.into_iter().map(|problem| Mistake {
            field: problem.field,
            problem: problem.problem,
        });
        return Err(Refused::Invalid(mistakes.collect()));
    }
    Ok(Checked {
        tenant,
        number,
        person,
        message,
        lane,
        origin: if author.is_some() {
            Origin::Member
        } else {
            Origin::Api
        },
        author,
    })
}

/// `type`, or what the content's own member tells.
fn kind_of(body: &Map<String, Value>) -> Result<String, Refused> {
    match body.get("type") {
        Some(Value::String(kind)) if !KINDS.contains(&kind.as_str()) => Err(unknown_kind(kind)),
        Some(Value::String(kind)) if body.contains_key(kind) => Ok(kind.clone()),
        Some(Value::String(kind)) => Err(invalid(
            kind,
            format!("is missing: a message of type {kind} carries its content there"),
        )),
        Some(_) => Err(invalid(
            "type",
            "must be text, such as \"text\" or \"template\"",
        )),
        None => {
            let mut others = body.keys().filter(|key| !ENVELOPE.contains(&key.as_str()));
            match (others.next(), others.next()) {
                (Some(only), None) if KINDS.contains(&only.as_str()) => Ok(only.clone()),
                (Some(only), None) => Err(unknown_kind(only)),
                _ => Err(invalid("type", format!("is missing: {}", KINDS.join(", ")))),
            }
        }
    }
}

fn unknown_kind(kind: &str) -> Refused {
    let kinds = KINDS.join(", ");
    invalid(
        "type",
        format!("{kind:?} is not a message type that can be sent; there are {kinds}"),
    )
}

async fn addressee(
    engine: &Engine,
    tenant: TenantId,
    body: &Map<String, Value>,
) -> Result<(Person, Option<String>), Refused> {
    let (field, value) = match (body.get("to"), body.get("recipient")) {
        (Some(to), _) => ("to", to),
        (None, Some(recipient)) => ("recipient", recipient),
        (None, None) => {
            return Err(invalid(
                "to",
                "is missing: a phone number with its country code, such as +34612345678",
            ));
        }
    };
    let Some(text) = value.as_str().map(str::trim) else {
        return Err(invalid(
            field,
            "must be text: a phone number with its country code, such as \"+34612345678\"",
        ));
    };
    if let Ok(id) = text.parse::<ConversationId>() {
        let talk = conversations::get(&engine.db, tenant, id)
            .await?
            .ok_or_else(|| invalid(field, "no such conversation"))?;
        let contact = contacts::get(&engine.db, tenant, talk.contact_id.into()).await?;
        let contact =
            contact.ok_or_else(|| invalid(field, "the contact of this conversation is gone"))?;
        let person = Person {
            wa_id: contact.wa_id.or(contact.phone),
            bsuid: contact.bsuid,
            ..Person::default()
        };
        return Ok((person, Some(talk.phone_number_id)));
    }
    if is_bsuid(text) {
        return Ok((
            Person {
                bsuid: Some(text.to_owned()),
                ..Person::default()
            },
            None,
        ));
    }
    let digits = phone::normalise(text).map_err(|error| invalid(field, error.to_string()))?;
    Ok((Person::from_phone(&digits), None))
}

/// Two capital letters, a dot, and up to 128 letters and digits (with `ENT.` for a parent BSUID).
fn is_bsuid(text: &str) -> bool {
    let Some((country, rest)) = text.split_once('.') else {
        return false;
    };
    let rest = rest.strip_prefix("ENT.").unwrap_or(rest);
    country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && (1..=128).contains(&rest.len())
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

async fn sender(
    engine: &Engine,
    tenant: &tenants::Tenant,
    wanted: Option<&Value>,
    of_conversation: Option<String>,
) -> Result<String, Refused> {
    let own = numbers::of_tenant(&engine.db, tenant.id).await?;
    let fallback = if own.is_empty() && tenant.fallback_allowed {
        numbers::any_tenant_fallback(&engine.db).await?
    } else {
        None
    };
    let may = |id: &str| {
        own.iter()
            .chain(&fallback)
            .any(|number| number.phone_number_id == id)
    };
    match wanted {
        Some(Value::String(id)) if may(id) => return Ok(id.clone()),
        Some(Value::String(id)) => return Err(Refused::ForeignNumber(id.clone())),
        Some(Value::Null) | None => {}
        Some(_) => {
            return Err(invalid(
                "from",
                "must be one of your phone_number_ids, as text",
            ));
        }
    }
    if let Some(id) = of_conversation.filter(|id| may(id)) {
        return Ok(id);
    }
    own.into_iter()
        .chain(fallback)
        .next()
        .map(|number| number.phone_number_id)
        .ok_or(Refused::NoNumber)
}

async fn content(
    engine: &Engine,
    tenant: TenantId,
    kind: &str,
    body: &Map<String, Value>,
) -> Result<Content, Refused> {
    let mut value = body.get(kind).cloned().unwrap_or(Value::Null);
    match (kind, &value) {
        ("text", Value::String(text)) => value = json!({ "body": text }),
        ("template", Value::Object(template)) => {
            if let Some(Value::String(code)) = template.get("language") {
                value["language"] = json!({ "code": code });
            }
        }
        ("image" | "video" | "audio" | "document" | "sticker", Value::String(link)) => {
            value = json!({ "link": link });
        }
        _ => {}
    }
    if kind == "reaction"
        && let Some(id) = value.get("message_id").and_then(Value::as_str)
    {
        value["message_id"] =
            Value::String(wamid(engine, tenant, "reaction.message_id", id).await?);
    }
    let whole =
        json!({ "messaging_product": "whatsapp", "to": "+10000000", "type": kind, kind: value });
    let message: OutboundMessage =
        serde_json::from_value(whole).map_err(|error| invalid(kind, error.to_string()))?;
    Ok(message.content)
}

/// Meta's id of a message that may be named by ours.
async fn wamid(
    engine: &Engine,
    tenant: TenantId,
    field: &str,
    id: &str,
) -> Result<String, Refused> {
    let Ok(ours) = id.parse::<MessageId>() else {
        return Ok(id.to_owned());
    };
    let message = messages::get(&engine.db, tenant, ours)
        .await?
        .ok_or_else(|| invalid(field, "no such message"))?;
    message.wamid.ok_or_else(|| {
        invalid(
            field,
            "that message has not reached WhatsApp yet, so nothing can refer to it",
        )
    })
}
