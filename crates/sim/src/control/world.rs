//! Changing the world: faults, clock, numbers, people, templates, events of accounts.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Refused, World, ok, read};
use crate::faults::Faults;
use crate::phones;
use crate::seed::{CustomerSpec, NumberSpec, TemplateSpec};
use crate::webhook::Update;

pub(super) async fn faults(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let mut faults = Faults::clone(&shared.faults());
    faults.apply(&read(&body)?)?;
    shared.replace_faults(faults);
    Ok(super::look::faults(State(shared)).await)
}

/// `{"speed"}` and/or `{"advance_ms"}`.
pub(super) async fn clock(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let body = read(&body)?;
    let speed = body
        .get("speed")
        .map(|speed| speed.as_f64().filter(|speed| *speed > 0.0));
    if speed == Some(None) {
        return Err("speed must be a number above 0".into());
    }
    let advance = body.get("advance_ms").map_or(Some(0), Value::as_u64);
    let Some(advance) = advance else {
        return Err("advance_ms must be a whole number of milliseconds".into());
    };
    shared.move_clock(speed.flatten(), advance);
    Ok(super::look::clock(State(shared)).await)
}

pub(super) async fn reset(State(shared): World) -> Response {
    shared.reset();
    ok(&json!({"success": true}))
}

/// `{"url"}`: where webhooks go.
pub(super) async fn callback(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let body = read(&body)?;
    shared.set_callback_url(body["url"].as_str().map(str::to_owned));
    Ok(ok(&json!({"success": true})))
}

/// `known` with the keys of `change` laid over it.
fn merged<T: serde::Serialize + DeserializeOwned>(known: &T, change: &Value) -> Result<T, Refused> {
    let mut whole = serde_json::to_value(known).map_err(|error| error.to_string())?;
    for (key, value) in change.as_object().into_iter().flatten() {
        whole[key.as_str()] = value.clone();
    }
    Ok(serde_json::from_value(whole).map_err(|error| error.to_string())?)
}

/// Adds a number, changes one, or takes one away (`"delete": true`). A change of quality is told by webhook.
pub(super) async fn numbers(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let mut change = read(&body)?;
    let Some(id) = change["phone_number_id"]
        .as_str()
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
    else {
        return Err("phone_number_id is missing".into());
    };
    let delete = change
        .as_object_mut()
        .and_then(|change| change.remove("delete"));
    let mut world = shared.world();
    if delete == Some(json!(true)) {
        let gone = world.numbers.remove(&id).is_some();
        return Ok(ok(&json!({"success": gone})));
    }
    let spec = match world.numbers.get(&id) {
        Some(number) => merged(&number.spec, &change)?,
        None => merged(&NumberSpec::default(), &change)?,
    };
    if !world.wabas.contains_key(&spec.waba_id) {
        return Err(format!("no account has the id \"{}\" (waba_id)", spec.waba_id).into());
    }
    world.put_number(spec.clone());
    Ok(ok(&serde_json::to_value(spec).unwrap_or_default()))
}

/// Adds a person or changes one; a phone that comes online receives what waited.
pub(super) async fn customers(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let mut change = read(&body)?;
    let digits: String = change["phone"]
        .as_str()
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    if digits.is_empty() {
        return Err("phone is missing".into());
    }
    change["phone"] = json!(digits);
    let (customer, woke) = {
        let mut world = shared.world();
        let known = world.customers.get(&digits).cloned();
        let was_offline = known.as_ref().is_some_and(|customer| !customer.online);
        let customer: CustomerSpec = merged(&known.unwrap_or_default(), &change)?;
        world.put_customer(shared.chance, &shared.config.business_id, customer.clone());
        let woke = was_offline && customer.online;
        (customer, woke)
    };
    if woke {
        phones::back_online(&shared, &digits);
    }
    Ok(ok(&serde_json::to_value(customer).unwrap_or_default()))
}

/// `{"waba_id", …TemplateSpec}`: a template that is simply there.
pub(super) async fn template(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let mut body = read(&body)?;
    let waba_id = body.as_object_mut().and_then(|body| body.remove("waba_id"));
    let waba_id = waba_id
        .as_ref()
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let template: TemplateSpec = merged(&TemplateSpec::default(), &body)?;
    if template.name.is_empty() {
        return Err("name is missing".into());
    }
    let id = shared
        .world()
        .add_template(shared.chance, &waba_id, template);
    let id =
        id.ok_or_else(|| Refused::from(format!("no account has the id \"{waba_id}\" (waba_id)")))?;
    Ok(ok(&json!({"id": id})))
}

/// `{"status","reason"?}`: the review of a template, told by webhook.
pub(super) async fn decide(
    State(shared): World,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let body = read(&body)?;
    let status = body["status"]
        .as_str()
        .or_else(|| body["decision"].as_str())
        .unwrap_or("APPROVED")
        .to_uppercase();
    let reason = body["reason"].as_str().unwrap_or("NONE").to_owned();
    let update = {
        let mut world = shared.world();
        let Some(waba_id) = world.waba_of_template(&id).map(str::to_owned) else {
            return Err(format!("no template has the id \"{id}\"").into());
        };
        let templates = world
            .wabas
            .get_mut(&waba_id)
            .map(|waba| &mut waba.templates);
        let Some(template) =
            templates.and_then(|templates| templates.iter_mut().find(|known| known.id == id))
        else {
            return Err(format!("no template has the id \"{id}\"").into());
        };
        if !matches!(status.as_str(), "FLAGGED" | "REINSTATED") {
            template.status.clone_from(&status);
        }
        let mut value = json!({
            "event": status,
            "message_template_id": template.id.parse::<u64>().unwrap_or_default(),
            "message_template_name": template.name,
            "message_template_language": template.language,
            "message_template_category": template.category,
            "reason": reason,
        });
        for key in ["rejection_info", "other_info", "disable_info"] {
            if let Some(info) = body.get(key) {
                value[key] = info.clone();
            }
        }
        Update {
            waba_id,
            phone_number_id: None,
            field: "message_template_status_update".to_owned(),
            value,
            first: None,
        }
    };
    shared.emit(update);
    Ok(ok(&json!({"success": true, "status": status})))
}

/// `{"waba_id","field","value"}`: any webhook of an account, as Meta would send it.
pub(super) async fn account_event(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let body = read(&body)?;
    let (Some(waba_id), Some(field)) = (body["waba_id"].as_str(), body["field"].as_str()) else {
        return Err("waba_id and field are required".into());
    };
    if !shared.world().wabas.contains_key(waba_id) {
        return Err(format!("no account has the id \"{waba_id}\" (waba_id)").into());
    }
    shared.emit(Update {
        waba_id: waba_id.to_owned(),
        phone_number_id: body["phone_number_id"].as_str().map(str::to_owned),
        field: field.to_owned(),
        value: body["value"].clone(),
        first: None,
    });
    Ok(ok(&json!({"success": true})))
}
