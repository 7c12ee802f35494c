//! The phone of a business in coexistence: what is on it, and what is done there.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::world::merged;
use super::{Refused, World, ok, read, typed};
use crate::coexistence;

/// `POST /_sim/numbers/{id}/phone` `{"contacts"?,"threads"?,"messages"?,"share_history"?}`.
pub(super) async fn phone(
    State(shared): World,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let change = read(&body)?;
    let mut world = shared.world();
    let number = world.numbers.get_mut(&id);
    let number = number.ok_or_else(|| format!("no business number has the id \"{id}\""))?;
    let phone: coexistence::Phone = merged(&number.line.phone, &change)?;
    if let Some(mistake) = phone.mistake() {
        return Err(mistake.into());
    }
    let shown = json!(phone);
    number.line.phone = phone;
    Ok(ok(&shown))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Writes {
    to: String,
    message: Value,
}

/// `POST /_sim/numbers/{id}/business-writes` `{"to","message"}`: typed on the phone.
pub(super) async fn writes(
    State(shared): World,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let Writes { to, message } = typed(&body)?;
    let wamid = coexistence::business_writes(&shared, &id, &to, &message)?;
    Ok(ok(&json!({"wamid": wamid})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contact {
    phone_number: String,
    full_name: Option<String>,
    first_name: Option<String>,
    #[serde(default)]
    remove: bool,
}

/// `POST /_sim/numbers/{id}/business-contact` `{"phone_number","full_name"?,"first_name"?,"remove"?}`.
pub(super) async fn contact(
    State(shared): World,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let wish: Contact = typed(&body)?;
    let full = wish.full_name.as_deref().unwrap_or("Somebody");
    let first = wish.first_name.as_deref().unwrap_or(full);
    let names = (!wish.remove).then_some((full, first));
    coexistence::business_contact(&shared, &id, &wish.phone_number, names)?;
    Ok(ok(&json!({"success": true})))
}
