//! Whom a message is for, from which number it leaves, and what it refers to.

use domain::identity::Person;
use domain::{ConversationId, MessageId, Sight, TenantId, phone};
use meta::graph::outbound::is_bsuid;
use serde_json::{Map, Value};
use store::messages::Message;
use store::numbers::PhoneNumber;
use store::page::Page;
use store::{contacts, conversations, messages, numbers, tenants};

use super::request::{Refused, invalid, refused_by_meta};
use crate::Engine;

/// The person, and the number of the conversation where one was named.
pub(super) async fn addressee(
    engine: &Engine,
    tenant: TenantId,
    sight: Sight,
    body: &Map<String, Value>,
) -> Result<(Person, Option<String>), Refused> {
    let (field, value) = match (body.get("to"), body.get("recipient")) {
        (Some(to), _) => ("to", to),
        (None, Some(recipient)) => ("recipient", recipient),
        (None, None) => {
            return Err(refused_by_meta(
                100,
                "to",
                "is missing: a phone number with its country code, such as +34612345678",
            ));
        }
    };
    let Some(text) = value.as_str().map(str::trim) else {
        return Err(refused_by_meta(
            100,
            field,
            "must be text: a phone number with its country code, such as \"+34612345678\"",
        ));
    };
    if let Ok(id) = text.parse::<ConversationId>() {
        let talk = conversations::get(&engine.db, tenant, sight, id)
            .await?
            .ok_or_else(|| invalid(field, "no such conversation"))?;
        let contact = contacts::get(&engine.db, tenant, sight, talk.contact_id.into()).await?;
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
        let person = Person {
            bsuid: Some(text.to_owned()),
            ..Person::default()
        };
        return Ok((person, None));
    }
    if field == "recipient" {
        let said = "must be a business-scoped user id, such as ES.1349120865530274191";
        return Err(refused_by_meta(131_009, field, said));
    }
    let digits = phone::normalise(text)
        .map_err(|error| refused_by_meta(131_009, field, error.to_string()))?;
    Ok((Person::from_phone(&phone::dialled(&digits)), None))
}

/// The tenant's number that a message leaves from.
pub(super) async fn sender(
    engine: &Engine,
    tenant: &tenants::Tenant,
    wanted: Option<&Value>,
    of_conversation: Option<String>,
) -> Result<PhoneNumber, Refused> {
    let own = numbers::of_tenant(&engine.db, tenant.id).await?;
    let fallback = if own.is_empty() && tenant.fallback_allowed {
        numbers::any_tenant_fallback(&engine.db).await?
    } else {
        None
    };
    let mut all = own.into_iter().chain(fallback).collect::<Vec<_>>();
    let mut take = |id: &str| {
        let place = all.iter().position(|number| number.phone_number_id == id)?;
        Some(all.swap_remove(place))
    };
    match wanted {
        Some(Value::String(id)) => {
            return take(id).ok_or_else(|| Refused::ForeignNumber(id.clone()));
        }
        Some(Value::Null) | None => {}
        Some(_) => {
            return Err(invalid(
                "from",
                "must be one of your phone_number_ids, as text",
            ));
        }
    }
    if let Some(number) = of_conversation.and_then(|id| take(&id)) {
        return Ok(number);
    }
    all.into_iter().next().ok_or(Refused::NoNumber)
}

/// Meta's id of the message that is quoted.
pub(super) async fn reply_to(
    engine: &Engine,
    tenant: TenantId,
    sight: Sight,
    body: &Map<String, Value>,
) -> Result<Option<String>, Refused> {
    let quoted = body.get("reply_to").or_else(|| {
        body.get("context")
            .and_then(|context| context.get("message_id"))
    });
    match quoted {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) => {
            let (wamid, _) = referred(engine, tenant, sight, "reply_to", id).await?;
            Ok(Some(wamid))
        }
        Some(_) => Err(refused_by_meta(
            100,
            "reply_to",
            "must be the id of a message, as text",
        )),
    }
}

/// Meta's id of a message that may be named by ours, and the message where it is on file. One that is not there for
/// whoever names it is refused; what is not on file is Meta's to judge.
pub(super) async fn referred(
    engine: &Engine,
    tenant: TenantId,
    sight: Sight,
    field: &str,
    id: &str,
) -> Result<(String, Option<Message>), Refused> {
    let Ok(ours) = id.parse::<MessageId>() else {
        let filter = messages::Filter {
            wamid: Some(id.to_owned()),
            ..messages::Filter::default()
        };
        let found = messages::list(&engine.db, tenant, sight, &filter, Page::new(None, 1)).await?;
        let seen = found.rows.into_iter().next();
        // Somebody else's, or in a conversation that is not seen: it is not there.
        if seen.is_none() && messages::any_tenant_has_wamid(&engine.db, id).await? {
            return Err(invalid(field, "no such message"));
        }
        return Ok((id.to_owned(), seen));
    };
    let message = messages::get(&engine.db, tenant, sight, ours)
        .await?
        .ok_or_else(|| invalid(field, "no such message"))?;
    let Some(wamid) = message.wamid.clone() else {
        let said = "that message has not reached WhatsApp yet, so nothing can refer to it";
        return Err(invalid(field, said));
    };
    Ok((wamid, Some(message)))
}
