//! What a request carries, held against Meta's limits and, for a template, against its definition.

use domain::message::Direction;
use domain::{Sight, TenantId};
use meta::graph::outbound::{Content, OutboundMessage, check, without_nulls};
use meta::limits;
use serde_json::{Map, Value, json};
use store::numbers::PhoneNumber;

use super::address;
use super::envelope::Envelope;
use super::request::{Mistake, Refused, refused_by_meta};
use crate::Engine;
use crate::templates::{Judged, Templates};

/// The content in Meta's own form.
pub(super) fn value(kind: &str, body: &Map<String, Value>) -> Value {
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
    without_nulls(value)
}

/// Everything that Meta would refuse whatever the state of its world.
pub(super) fn mistakes(kind: &str, value: &Value, envelope: &Envelope) -> Vec<Mistake> {
    let mut mistakes: Vec<_> = check(kind, value).into_iter().map(Mistake::from).collect();
    if kind == "template" && !envelope.terms.marketing {
        // The only parameter that the ordinary endpoint does not know.
        let components = value["components"].as_array();
        for (n, component) in components.into_iter().flatten().enumerate() {
            let parameters = component["parameters"].as_array();
            for (m, parameter) in parameters.into_iter().flatten().enumerate() {
                if parameter["type"] == "gif" {
                    mistakes.push(Mistake::of_meta(
                        100,
                        format!("template.components[{n}].parameters[{m}].type"),
                        "a gif goes by the Marketing Messages API only: add \"marketing\": {}",
                    ));
                }
            }
        }
    }
    mistakes
}

/// The typed content, its references made Meta's.
pub(super) async fn read(
    engine: &Engine,
    tenant: TenantId,
    sight: Sight,
    kind: &str,
    mut value: Value,
) -> Result<Content, Refused> {
    if kind == "reaction"
        && let Some(id) = value.get("message_id").and_then(Value::as_str)
    {
        let wamid = reaction_target(engine, tenant, sight, id).await?;
        value["message_id"] = Value::String(wamid);
    }
    let whole =
        json!({ "messaging_product": "whatsapp", "to": "+10000000", "type": kind, kind: value });
    let message: OutboundMessage = serde_json::from_value(whole)
        .map_err(|error| refused_by_meta(100, kind, error.to_string()))?;
    Ok(message.content)
}

/// One reacts to what was received, in the last 30 days, and not to a reaction. Meta refuses anything else much later,
/// with a failed status.
async fn reaction_target(
    engine: &Engine,
    tenant: TenantId,
    sight: Sight,
    id: &str,
) -> Result<String, Refused> {
    const FIELD: &str = "reaction.message_id";
    let (wamid, message) = address::referred(engine, tenant, sight, FIELD, id).await?;
    let Some(message) = message else {
        return Ok(wamid);
    };
    let age = engine.clock.now().since(message.occurred_at);
    let wrong = if message.direction != Direction::Inbound.as_str() {
        "must be a message that was received"
    } else if message.kind == "reaction" {
        "must be a message, not a reaction"
    } else if age > limits::REACTION_TARGET_LIFE {
        "must be a message of the last 30 days"
    } else {
        return Ok(wamid);
    };
    Err(refused_by_meta(131_009, FIELD, wrong))
}

/// A template send that is to be held against its definition.
pub(super) struct Wanted<'a> {
    pub(super) template: &'a Value,
    pub(super) marketing: bool,
    pub(super) by_user_id: bool,
}

/// What Meta would refuse of a template send, as far as its definition is known here.
pub(super) async fn against_definition(
    engine: &Engine,
    templates: &Templates,
    tenant: TenantId,
    number: &PhoneNumber,
    wanted: &Wanted<'_>,
) -> store::Result<Vec<Mistake>> {
    let Judged::Known {
        category,
        mut problems,
    } = templates
        .judge(engine, tenant, number, wanted.template)
        .await?
    else {
        return Ok(Vec::new());
    };
    let mut more = Vec::new();
    if wanted.marketing && category != "MARKETING" && !category.is_empty() {
        let said = format!("only MARKETING templates go there; this one is {category}");
        more.push(Mistake::of_meta(134_100, "marketing", said));
    }
    if wanted.by_user_id && category == "AUTHENTICATION" {
        let said = "an authentication template needs the person's phone number";
        more.push(Mistake::of_meta(131_062, "to", said));
    }
    more.extend(problems.drain(..).map(Mistake::from));
    Ok(more)
}
