//! Business phone numbers: reading, webhook override, registration.

use serde_json::{Value, json};

use super::Reply;
use super::app::verify_callback;
use super::call::Call;
use super::fields::select;
use super::paging::page;
use crate::error::{GraphError, GraphResult};
use crate::seed::NumberSpec;
use crate::sim::Shared;
use crate::validate;
use crate::world::{Number, World};

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
fn whole(world: &World, number: &Number) -> Value {
    let spec = &number.spec;
    let waba = world.wabas.get(&spec.waba_id);
    let mut webhooks = json!({"application": world.callback_url.as_deref().unwrap_or_default()});
    if let Some(url) = waba.and_then(|waba| waba.override_url.as_ref()) {
        webhooks["whatsapp_business_account"] = json!(url);
    }
    if let Some(url) = &number.override_url {
        webhooks["phone_number"] = json!(url);
    }
    let sends = if spec.status == "CONNECTED" {
        "AVAILABLE"
    } else {
        "BLOCKED"
    };
    let level = if spec.mps > 80 { "HIGH" } else { "STANDARD" };
    json!({
        "id": spec.phone_number_id,
        "verified_name": spec.verified_name,
        "display_phone_number": spec.display_phone_number,
        "code_verification_status": spec.code_verification_status,
        "quality_rating": spec.quality_rating,
        "platform_type": "CLOUD_API",
        "throughput": {"level": level},
        "last_onboarded_time": "2026-01-15T10:00:00+0000",
        "webhook_configuration": webhooks,
        "status": spec.status,
        "quality_score": {"score": spec.quality_rating},
        "name_status": spec.name_status,
        "new_name_status": "NONE",
        "new_display_name": null,
        "whatsapp_business_manager_messaging_limit": spec.messaging_limit,
        "messaging_limit_tier": spec.messaging_limit,
        "account_mode": if spec.allowed_recipients.is_some() { "SANDBOX" } else { "LIVE" },
        "is_official_business_account": false,
        "is_pin_enabled": true,
        "is_on_biz_app": false,
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
        "health_status": {
            "can_send_message": sends,
            "entities": [{"entity_type": "PHONE_NUMBER", "id": spec.phone_number_id, "can_send_message": sends}],
        },
    })
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
        &whole(&world, number),
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
                &whole(&world, number),
                call.param("fields"),
                &LIST_DEFAULTS,
                NODE_TYPE,
            )?);
        }
    }
    page(shared, call, "phone_numbers", items).map(Reply::Json)
}

/// `POST /{phone_number_id}`: the webhook override, set or cleared.
pub(super) async fn update(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
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

/// `register` connects a number, `deregister` takes it off.
pub(super) fn registration(
    shared: &Shared,
    call: &Call,
    id: &str,
    edge: Option<&str>,
) -> GraphResult<Reply> {
    let status = if edge == Some("register") {
        validate::product(&call.params)?;
        match call.param("pin") {
            Some(pin) if pin.len() == 6 && pin.bytes().all(|byte| byte.is_ascii_digit()) => {
                "CONNECTED"
            }
            Some(_) => {
                return Err(GraphError::parameter(
                    "Param pin must be 6 characters long.",
                ));
            }
            None => return Err(GraphError::missing("pin")),
        }
    } else {
        "DISCONNECTED"
    };
    if let Some(number) = shared.world().numbers.get_mut(id) {
        status.clone_into(&mut number.spec.status);
    }
    Ok(Reply::Json(json!({"success": true})))
}
