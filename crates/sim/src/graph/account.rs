//! WhatsApp Business Accounts: the node and the apps that hear of it.

use serde_json::{Value, json};

use super::Reply;
use super::app::verify_callback;
use super::call::Call;
use super::fields::select;
use crate::error::{GraphError, GraphResult};
use crate::ids;
use crate::sim::Shared;
use crate::world::{Ban, Payment, Tier, Waba, World};

pub(super) const DEFAULTS: [&str; 5] = [
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
    select(
        &whole(shared, &world, waba, id),
        call.param("fields"),
        &DEFAULTS,
        "WhatsAppBusinessAccount",
    )
    .map(Reply::Json)
}

/// Every field of an account; `null` is known but empty.
pub(super) fn whole(shared: &Shared, world: &World, waba: &Waba, id: &str) -> Value {
    let chance = shared.chance;
    let namespace = format!("{:016x}", chance.bits("namespace", id.as_bytes()));
    let owner = world.businesses.all.get(&waba.business_id);
    let verification = owner.map_or("not_verified", |owner| owner.verification.as_str());
    let own = waba.business_id == shared.config.business_id;
    let funding = match &waba.allocation_id {
        Some(allocation) => world
            .businesses
            .allocations
            .get(allocation)
            .map(|allocation| allocation.credential_id.clone()),
        // A card of its own.
        None => (waba.payment == Payment::Ok).then(|| ids::numeric(chance, "card", id, 0)),
    };
    json!({
        "id": id,
        "name": waba.name,
        "currency": waba.currency,
        "timezone_id": waba.timezone_id,
        "message_template_namespace": namespace,
        "account_review_status": waba.review,
        "business_verification_status": verification,
        "country": waba.country,
        "ownership_type": if own { "SELF" } else { "CLIENT_OWNED" },
        "status": if waba.ban == Ban::Disabled { "DISABLED" } else { "ACTIVE" },
        "owner_business_info": {"name": world.businesses.name(&waba.business_id), "id": waba.business_id},
        "on_behalf_of_business_info": null,
        "primary_funding_id": funding,
        "purchase_order_number": null,
        "primary_business_location": waba.country,
        "is_enabled_for_insights": true,
        "health_status": health(shared, waba, id),
        "marketing_messages_onboarding_status": "ONBOARDED",
        "marketing_messages_lite_api_status": null,
        "disable_marketing_messages_on_cloud_api": false,
        "subscribed_apps": null,
        "auth_international_rate_eligibility": null,
        "whatsapp_business_manager_messaging_limit": world.tier(&waba.business_id).map_or(if own { "TIER_2K" } else { "TIER_250" }, Tier::word),
        "analytics": null,
        "conversation_analytics": null,
        "pricing_analytics": null,
        "template_analytics": null,
    })
}

/// Whether the account can send; the worst of account, business and app counts.
fn health(shared: &Shared, waba: &Waba, id: &str) -> Value {
    let entity = entity(waba, id, shared.clock.now_ms());
    let free = |kind: &str, id: &str| json!({"entity_type": kind, "id": id, "can_send_message": "AVAILABLE"});
    json!({
        "can_send_message": entity["can_send_message"],
        "entities": [entity, free("BUSINESS", &waba.business_id), free("APP", &shared.config.app_id)],
    })
}

/// The account's own part of a `health_status`.
pub(super) fn entity(waba: &Waba, id: &str, now_ms: u64) -> Value {
    let (sends, code, what, mend) = if waba.ban == Ban::Disabled {
        (
            "BLOCKED",
            141_001,
            "The WhatsApp Business account is disabled.",
            "Request a review in Business Support Home.",
        )
    } else if waba.review == "REJECTED" {
        (
            "BLOCKED",
            141_004,
            "The WhatsApp Business account was rejected.",
            "Request a review in Business Support Home.",
        )
    } else if waba.is_restricted("RESTRICTED_BIZ_INITIATED_MESSAGING", now_ms)
        || waba.is_restricted("RESTRICTED_CUSTOMER_INITIATED_MESSAGING", now_ms)
    {
        (
            "BLOCKED",
            141_002,
            "The WhatsApp Business account is restricted.",
            "See WhatsApp Manager for the reason and when it ends.",
        )
    } else if waba.payment != Payment::Ok {
        (
            "LIMITED",
            141_006,
            "There is an issue with the payment method.",
            "Add a payment method in WhatsApp Manager.",
        )
    } else {
        return json!({"entity_type": "WABA", "id": id, "can_send_message": "AVAILABLE"});
    };
    json!({"entity_type": "WABA", "id": id, "can_send_message": sends,
           "errors": [{"error_code": code, "error_description": what, "possible_solution": mend}]})
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
