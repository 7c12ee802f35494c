//! Changing the world: faults, clock, numbers, people, templates, events of accounts.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Refused, World, ok, read, typed};
use crate::faults::Faults;
use crate::phones;
use crate::seed::{CustomerSpec, NumberSpec};
use crate::webhook::Update;

pub(super) async fn faults(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let mut faults = Faults::clone(&shared.faults());
    faults.apply(&read(&body)?)?;
    shared.replace_faults(faults);
    Ok(super::look::faults(State(shared)).await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClockChange {
    speed: Option<f64>,
    #[serde(default)]
    advance_ms: u64,
}

/// `{"speed"}` and/or `{"advance_ms"}`.
pub(super) async fn clock(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let ClockChange { speed, advance_ms } = typed(&body)?;
    if speed.is_some_and(|speed| speed <= 0.0) {
        return Err("speed must be a number above 0".into());
    }
    if !shared.clock.can_advance(advance_ms) {
        return Err("advance_ms is too far: the clock can be moved up to the year 9000".into());
    }
    shared.move_clock(speed, advance_ms);
    Ok(super::look::clock(State(shared)).await)
}

pub(super) async fn reset(State(shared): World) -> Response {
    shared.reset();
    ok(&json!({"success": true}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Callback {
    url: Option<String>,
}

/// `{"url"}`: where webhooks go.
pub(super) async fn callback(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let Callback { url } = typed(&body)?;
    shared.set_callback_url(url);
    Ok(ok(&json!({"success": true})))
}

/// `known` with the keys of `change` laid over it.
pub(super) fn merged<T: Serialize + DeserializeOwned>(
    known: &T,
    change: &Value,
) -> Result<T, Refused> {
    let mut whole = serde_json::to_value(known).map_err(|error| error.to_string())?;
    let Some(change) = change.as_object() else {
        return Err("the body must be a JSON object".into());
    };
    for (key, value) in change {
        whole[key.as_str()] = value.clone();
    }
    Ok(serde_json::from_value(whole).map_err(|error| error.to_string())?)
}

/// Adds a number, changes one, or takes one away (`"delete": true`).
pub(super) async fn numbers(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let mut change = read(&body)?;
    let Some(id) = change
        .get("phone_number_id")
        .and_then(Value::as_str)
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
    let digits: String = change
        .get("phone")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    if !(5..=15).contains(&digits.len()) {
        return Err("phone must be a phone number of 5 to 15 digits".into());
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountEvent {
    waba_id: String,
    phone_number_id: Option<String>,
    field: String,
    #[serde(default)]
    value: Value,
}

/// `{"waba_id","field","value"}`: any webhook of an account, as Meta would send it.
pub(super) async fn account_event(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let AccountEvent {
        waba_id,
        phone_number_id,
        field,
        value,
    } = typed(&body)?;
    if !shared.world().wabas.contains_key(&waba_id) {
        return Err(format!("no account has the id \"{waba_id}\" (waba_id)").into());
    }
    shared.emit(Update {
        waba_id,
        phone_number_id,
        field,
        value,
        business_id: None,
        first: None,
    });
    Ok(ok(&json!({"success": true})))
}
