//! The `value` of a `messages` webhook: statuses and what customers sent.

use serde_json::{Value, json};

use crate::error::in_webhook;
use crate::ids;
use crate::sim::Shared;
use crate::timeline::Step;
use crate::world::{Outbound, World};

/// `metadata` names the business number.
pub(crate) fn metadata(world: &World, phone_number_id: &str) -> Value {
    let display = world
        .numbers
        .get(phone_number_id)
        .map(|number| number.spec.display_phone_number.as_str())
        .unwrap_or_default();
    let digits: String = display.chars().filter(char::is_ascii_digit).collect();
    json!({"display_phone_number": digits, "phone_number_id": phone_number_id})
}

/// `contacts[0]` of a webhook of this business number about `phone`.
pub(crate) fn contact(
    shared: &Shared,
    world: &World,
    phone_number_id: &str,
    phone: &str,
    with_username: bool,
) -> Value {
    let user_id = ids::bsuid(shared.chance, world.owner_of_number(phone_number_id), phone);
    let customer = world.customers.get(phone);
    let name = customer.map_or("", |customer| customer.profile_name.as_str());
    let mut profile = json!({"name": name});
    if with_username
        && let Some(username) = customer.and_then(|customer| customer.username.as_ref())
    {
        profile["username"] = json!(username);
    }
    json!({"profile": profile, "wa_id": phone, "user_id": user_id})
}

/// The whole `value` for one status.
pub(crate) fn status(
    shared: &Shared,
    world: &World,
    outbound: &Outbound,
    step: Step,
    now_ms: u64,
) -> Value {
    let priced = match step {
        Step::Sent | Step::Delivered => true,
        Step::Read { priced } => priced,
        Step::Played | Step::Failed(_) => false,
    };
    let is_phone = outbound.to.bytes().all(|byte| byte.is_ascii_digit());
    let mut status = json!({
        "id": &*outbound.wamid,
        "status": step.word(),
        "timestamp": (now_ms / 1_000).to_string(),
    });
    if is_phone && !outbound.by_user_id {
        status["recipient_id"] = json!(&*outbound.to);
    }
    let failed = matches!(step, Step::Failed(_));
    if !failed || outbound.by_user_id {
        status["recipient_user_id"] = if is_phone {
            json!(ids::bsuid(
                shared.chance,
                world.owner_of_number(&outbound.phone_number_id),
                &outbound.to
            ))
        } else {
            json!(&*outbound.to)
        };
    }
    if let Some(data) = &outbound.callback_data {
        status["biz_opaque_callback_data"] = json!(&**data);
    }
    if priced {
        let price = &outbound.price;
        let (kind, category) = match price.entry_until_ms {
            Some(_) => ("free_entry_point", "referral_conversion"),
            None if price.free => ("free_customer_service", price.category),
            None => ("regular", price.category),
        };
        status["pricing"] = json!({
            "billable": kind == "regular",
            "pricing_model": "PMP",
            "type": kind,
            "category": category,
        });
        // Since v24 only inside a free entry point.
        if let Some(until_ms) = price.entry_until_ms {
            let subject = format!("{}/{}", outbound.phone_number_id, outbound.to);
            let id = format!(
                "{:016x}",
                shared.chance.bits("conversation", subject.as_bytes())
            );
            status["conversation"] = json!({"id": id, "origin": {"type": "referral_conversion"}});
            if step == Step::Sent {
                status["conversation"]["expiration_timestamp"] =
                    json!((until_ms / 1_000).to_string());
            }
        }
    }
    if let Step::Failed(code) = step {
        status["errors"] = json!([in_webhook(code)]);
    }
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": metadata(world, &outbound.phone_number_id),
        "statuses": [status],
    });
    if is_phone && matches!(step, Step::Sent | Step::Delivered | Step::Read { .. }) {
        value["contacts"] = json!([contact(
            shared,
            world,
            &outbound.phone_number_id,
            &outbound.to,
            step != Step::Sent
        )]);
    }
    value
}
