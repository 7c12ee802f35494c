//! Business phone numbers: reading, webhook override, registration.

use serde_json::{Value, json};

use super::Reply;
use super::account::entity;
use super::app::verify_callback;
use super::call::Call;
use super::fields::select;
use super::paging::page;
use super::registration;
use crate::error::{GraphError, GraphResult};
use crate::seed::NumberSpec;
use crate::sim::Shared;
use crate::world::{Ban, Number, Waba, World};

const NODE_TYPE: &str = "WhatsAppBusinessPhoneNumberMetadata";
const NODE_DEFAULTS: [&str; 5] = [
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "id",
];
const LIST_DEFAULTS: [&str; 9] = [
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
    "last_onboarded_time",
    "webhook_configuration",
    "id",
];

/// Every field of a number; `null` is known but empty.
fn whole(shared: &Shared, world: &World, number: &Number) -> Value {
    let spec = &number.spec;
    let waba = world.wabas.get(&spec.waba_id);
    let mut webhooks = json!({"application": world.callback_url.as_deref().unwrap_or_default()});
    if let Some(url) = waba.and_then(|waba| waba.override_url.as_ref()) {
        webhooks["whatsapp_business_account"] = json!(url);
    }
    if let Some(url) = &number.override_url {
        webhooks["phone_number"] = json!(url);
    }
    let disabled = waba.is_some_and(|waba| waba.ban == Ban::Disabled);
    let status = if disabled {
        "BANNED"
    } else {
        spec.status.as_str()
    };
    let health = health(shared, spec, status, waba);
    let tier = waba.and_then(|waba| world.tier(&waba.business_id));
    let limit = tier.map_or(spec.messaging_limit.as_str(), |tier| tier.word());
    let level = if spec.mps > 80 && !spec.coexistence {
        "HIGH"
    } else {
        "STANDARD"
    };
    json!({
        "id": spec.phone_number_id,
        "verified_name": spec.verified_name,
        "display_phone_number": spec.display_phone_number,
        "code_verification_status": spec.code_verification_status,
        "quality_rating": spec.quality_rating,
        "platform_type": "CLOUD_API",
        "throughput": {"level": level},
        "last_onboarded_time": number.line.onboarded_ms.map_or(json!("2026-01-15T10:00:00+0000"), |at_ms| json!(at_ms / 1_000)),
        "webhook_configuration": webhooks,
        "status": status,
        "quality_score": {"score": spec.quality_rating},
        "name_status": spec.name_status,
        "new_name_status": if number.line.new_display_name.is_some() { "PENDING_REVIEW" } else { "NONE" },
        "new_display_name": number.line.new_display_name,
        "whatsapp_business_manager_messaging_limit": limit,
        "messaging_limit_tier": limit,
        "account_mode": if spec.allowed_recipients.is_some() { "SANDBOX" } else { "LIVE" },
        "is_official_business_account": false,
        "is_pin_enabled": spec.pin.is_some(),
        "is_on_biz_app": spec.coexistence,
        "is_preverified_number": false,
        "certificate": null,
        "new_certificate": null,
        "country_code": crate::ids::country(&digits(spec)),
        "country_dial_code": null,
        "search_visibility": "NON_VISIBLE",
        "eligibility_for_api_business_global_search": "NON_ELIGIBLE_UNDEFINED_COUNTRY",
        "conversational_automation": null,
        "username": null,
        "official_business_account": null,
        "health_status": health,
    })
}

/// Whether it can send: the worst of number, account, business and app.
fn health(shared: &Shared, spec: &NumberSpec, status: &str, waba: Option<&Waba>) -> Value {
    let blocked = |code: i64, what: &str| {
        json!({
            "entity_type": "PHONE_NUMBER", "id": spec.phone_number_id, "can_send_message": "BLOCKED",
            "errors": [{"error_code": code, "error_description": what, "possible_solution": "See WhatsApp Manager."}],
        })
    };
    let own = match spec.health_error {
        Some(code) => blocked(
            code,
            crate::codes::find(code).map_or("Unknown error", |row| row.title),
        ),
        None => {
            let sends = if status == "CONNECTED" {
                "AVAILABLE"
            } else {
                "BLOCKED"
            };
            json!({"entity_type": "PHONE_NUMBER", "id": spec.phone_number_id, "can_send_message": sends})
        }
    };
    let mut entities = vec![own];
    if let Some(waba) = waba {
        entities.push(entity(waba, &spec.waba_id, shared.clock.now_ms()));
        entities.push(json!({"entity_type": "BUSINESS", "id": waba.business_id, "can_send_message": "AVAILABLE"}));
    }
    entities.push(
        json!({"entity_type": "APP", "id": shared.config.app_id, "can_send_message": "AVAILABLE"}),
    );
    let any = |word: &str| {
        entities
            .iter()
            .any(|entity| entity["can_send_message"] == word)
    };
    let worst = ["BLOCKED", "LIMITED"].into_iter().find(|word| any(word));
    json!({"can_send_message": worst.unwrap_or("AVAILABLE"), "entities": entities})
}

fn digits(spec: &NumberSpec) -> String {
    spec.display_phone_number
        .chars()
        .filter(char::is_ascii_digit)
        .collect()
}

pub(super) fn node(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    let world = shared.world();
    let number = world
        .numbers
        .get(id)
        .ok_or_else(|| GraphError::no_object("GET", id))?;
    select(
        &whole(shared, &world, number),
        call.param("fields"),
        &NODE_DEFAULTS,
        NODE_TYPE,
    )
    .map(Reply::Json)
}

pub(super) fn list(shared: &Shared, call: &Call, waba_id: &str) -> GraphResult<Reply> {
    let mut items = Vec::new();
    {
        let world = shared.world();
        for number in world
            .numbers
            .values()
            .filter(|number| number.spec.waba_id == waba_id)
        {
            items.push(select(
                &whole(shared, &world, number),
                call.param("fields"),
                &LIST_DEFAULTS,
                NODE_TYPE,
            )?);
        }
    }
    page(shared, call, "phone_numbers", items).map(Reply::Json)
}

/// `POST /{phone_number_id}`: the PIN, another display name, or the webhook override, set or cleared.
pub(super) async fn update(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    if call.params.contains_key("pin") {
        return registration::change_pin(shared, call, id);
    }
    if call.params.contains_key("new_display_name") {
        return registration::rename(shared, call, id);
    }
    let Some(configuration) = call.params.get("webhook_configuration") else {
        return Ok(Reply::Json(json!({"success": true})));
    };
    let Some(url) = configuration["override_callback_uri"].as_str() else {
        return Err(GraphError::missing(
            "webhook_configuration['override_callback_uri']",
        ));
    };
    let url = (!url.is_empty()).then(|| url.to_owned());
    if let Some(url) = &url {
        let Some(token) = configuration["verify_token"].as_str() else {
            return Err(GraphError::missing("webhook_configuration['verify_token']"));
        };
        verify_callback(shared, url, token).await?;
    }
    if let Some(number) = shared.world().numbers.get_mut(id) {
        number.override_url = url;
    }
    Ok(Reply::Json(json!({"success": true})))
}
