//! WhatsApp Business Accounts: the node and the apps that hear of it.

use serde_json::{Value, json};

use super::Reply;
use super::app::verify_callback;
use super::call::Call;
use super::fields::select;
use crate::error::{GraphError, GraphResult};
use crate::sim::Shared;

const DEFAULTS: [&str; 5] = [
    "id",
    "name",
    "currency",
    "timezone_id",
    "message_template_namespace",
];

pub(super) fn node(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    let world = shared.world();
    let waba = world
        .wabas
        .get(id)
        .ok_or_else(|| GraphError::no_object("GET", id))?;
    let namespace = format!("{:016x}", shared.chance.bits("namespace", id.as_bytes()));
    let whole = json!({
        "id": id,
        "name": waba.name,
        "currency": "EUR",
        "timezone_id": "70",
        "message_template_namespace": namespace,
        "account_review_status": "APPROVED",
        "business_verification_status": "verified",
        "country": "ES",
        "ownership_type": "SELF",
        "status": "ACTIVE",
        "owner_business_info": {"name": shared.config.app_name, "id": shared.config.business_id},
        "on_behalf_of_business_info": null,
        "primary_funding_id": null,
        "purchase_order_number": null,
        "primary_business_location": "ES",
        "is_enabled_for_insights": true,
        "health_status": {
            "can_send_message": "AVAILABLE",
            "entities": [{"entity_type": "WABA", "id": id, "can_send_message": "AVAILABLE"}],
        },
        "marketing_messages_onboarding_status": "ONBOARDED",
        "marketing_messages_lite_api_status": null,
        "disable_marketing_messages_on_cloud_api": false,
        "subscribed_apps": null,
        "auth_international_rate_eligibility": null,
        "whatsapp_business_manager_messaging_limit": "TIER_2K",
        "analytics": null,
        "conversation_analytics": null,
        "pricing_analytics": null,
        "template_analytics": null,
    });
    select(
        &whole,
        call.param("fields"),
        &DEFAULTS,
        "WhatsAppBusinessAccount",
    )
    .map(Reply::Json)
}

/// `GET`, `POST` and `DELETE /{waba}/subscribed_apps`.
pub(super) async fn subscribed_apps(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    match call.method.as_str() {
        "GET" => {
            let world = shared.world();
            let Some(waba) = world.wabas.get(id).filter(|waba| waba.subscribed) else {
                return Ok(Reply::Json(json!({"data": []})));
            };
            let config = &shared.config;
            let mut app = json!({"whatsapp_business_api_data": {
                "id": config.app_id,
                "link": format!("https://www.facebook.com/games/?app_id={}", config.app_id),
                "name": config.app_name,
            }});
            if let Some(url) = &waba.override_url {
                app["override_callback_uri"] = json!(url);
            }
            Ok(Reply::Json(json!({"data": [app]})))
        }
        "POST" => {
            let url = call
                .param("override_callback_uri")
                .filter(|url| !url.is_empty())
                .map(str::to_owned);
            if let Some(url) = &url {
                if url.chars().count() > 200 {
                    return Err(GraphError::parameter(
                        "Param override_callback_uri must be at most 200 characters long.",
                    ));
                }
                let Some(token) = call.param("verify_token") else {
                    return Err(GraphError::missing("verify_token"));
                };
                verify_callback(shared, url, token).await?;
            }
            subscribe(shared, id, true, url)
        }
        "DELETE" => subscribe(shared, id, false, None),
        other => Err(GraphError::unsupported(other)),
    }
}

fn subscribe(
    shared: &Shared,
    id: &str,
    subscribed: bool,
    override_url: Option<String>,
) -> GraphResult<Reply> {
    let success: Value = json!({"success": true});
    if let Some(waba) = shared.world().wabas.get_mut(id) {
        waba.subscribed = subscribed;
        waba.override_url = override_url;
    }
    Ok(Reply::Json(success))
}
