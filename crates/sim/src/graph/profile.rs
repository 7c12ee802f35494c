//! `/{phone_number_id}/whatsapp_business_profile`.

use serde_json::{Value, json};

use super::Reply;
use super::call::Call;
use super::fields::select;
use crate::error::{GraphError, GraphResult};
use crate::sim::Shared;
use crate::validate;

/// Text fields with their longest form in characters (Meta's page of business profiles).
const TEXTS: [(&str, usize); 5] = [
    ("about", 139),
    ("address", 256),
    ("description", 512),
    ("email", 128),
    ("profile_picture_handle", 4_096),
];
const VERTICALS: [&str; 24] = [
    "UNDEFINED",
    "OTHER",
    "AUTO",
    "BEAUTY",
    "APPAREL",
    "EDU",
    "ENTERTAIN",
    "EVENT_PLAN",
    "FINANCE",
    "GROCERY",
    "GOVT",
    "HOTEL",
    "HEALTH",
    "NONPROFIT",
    "PROF_SERVICES",
    "RETAIL",
    "TRAVEL",
    "RESTAURANT",
    "ALCOHOL",
    "ONLINE_GAMBLING",
    "PHYSICAL_GAMBLING",
    "OTC_DRUGS",
    "NOT_A_BIZ",
    "MATRIMONY_SERVICE",
];

pub(super) fn edge(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    match call.method.as_str() {
        "GET" => read(shared, call, id),
        "POST" => write(shared, call, id),
        other => Err(GraphError::unsupported(other)),
    }
}

fn read(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    let world = shared.world();
    let number = world
        .numbers
        .get(id)
        .ok_or_else(|| GraphError::no_object("GET", id))?;
    let mut whole = json!({
        "messaging_product": "whatsapp", "about": null, "address": null, "description": null, "email": null,
        "profile_picture_url": null, "websites": null, "vertical": "OTHER",
    });
    for (key, value) in &number.profile {
        whole[key.as_str()] = value.clone();
    }
    let mut chosen = select(
        &whole,
        call.param("fields"),
        &["messaging_product"],
        "WhatsAppBusinessProfile",
    )?;
    chosen["messaging_product"] = json!("whatsapp");
    Ok(Reply::Json(json!({"data": [chosen]})))
}

fn write(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    validate::product(&call.params)?;
    for (key, limit) in TEXTS {
        if call
            .param(key)
            .is_some_and(|text| text.chars().count() > limit)
        {
            return Err(GraphError::parameter(format!(
                "Param {key} must be at most {limit} characters long."
            )));
        }
    }
    if call.param("about") == Some("") {
        return Err(GraphError::parameter(
            "Param about must be at least 1 character long.",
        ));
    }
    if call
        .param("vertical")
        .is_some_and(|vertical| !VERTICALS.contains(&vertical))
    {
        return Err(GraphError::parameter(format!(
            "Param vertical must be one of {{{}}}.",
            VERTICALS.join(", ")
        )));
    }
    if let Some(websites) = call.params.get("websites") {
        let fits = |site: &Value| site.as_str().is_some_and(|site| site.len() <= 256);
        if !websites
            .as_array()
            .is_some_and(|sites| sites.len() <= 2 && sites.iter().all(fits))
        {
            return Err(GraphError::parameter(
                "Param websites must be an array of at most 2 URLs of at most 256 characters.",
            ));
        }
    }
    let mut world = shared.world();
    if let Some(number) = world.numbers.get_mut(id) {
        for key in [
            "about",
            "address",
            "description",
            "email",
            "websites",
            "vertical",
        ] {
            if let Some(value) = call.params.get(key) {
                number.profile.insert(key.to_owned(), value.clone());
            }
        }
    }
    Ok(Reply::Json(json!({"success": true})))
}
