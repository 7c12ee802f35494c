//! `POST /{phone_number_id}/smb_app_data`: asks for what is on the phone of a number in coexistence.

use serde_json::json;

use super::Reply;
use super::call::Call;
use crate::coexistence;
use crate::error::{GraphError, GraphResult};
use crate::ids;
use crate::sim::Shared;
use crate::validate;

/// It can be asked for so long after the sign-up.
const LIFE_MS: u64 = 24 * 3_600_000;

pub(super) fn post(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    validate::product(&call.params)?;
    let history = match call.param("sync_type") {
        Some("smb_app_state_sync") => false,
        Some("history") => true,
        Some(_) => {
            return Err(GraphError::parameter(
                "Param sync_type must be one of {SMB_APP_STATE_SYNC, HISTORY}.",
            ));
        }
        None => return Err(GraphError::missing("sync_type")),
    };
    let now_ms = shared.clock.now_ms();
    let mut world = shared.world();
    let world = &mut *world;
    let Some(number) = world.numbers.get_mut(id) else {
        return Err(GraphError::no_object("POST", id));
    };
    if !number.spec.coexistence {
        return Err(GraphError::parameter(
            "Phone number is not in use with the WhatsApp Business app.",
        ));
    }
    let line = &mut number.line;
    let asked = if history {
        &mut line.history_asked
    } else {
        &mut line.contacts_asked
    };
    if *asked {
        return Err(GraphError::of_table(100, Some(2_593_107)));
    }
    let onboarded = line.onboarded_ms;
    if onboarded.is_none_or(|at_ms| at_ms.saturating_add(LIFE_MS) <= now_ms) {
        return Err(GraphError::of_table(100, Some(2_593_108)));
    }
    *asked = true;
    let phone = line.phone.clone();
    if history {
        coexistence::send_history(shared, world, id, &phone);
    } else {
        coexistence::send_contacts(shared, world, id, &phone);
    }
    let request_id = ids::trace(shared.chance, shared.next_draw());
    Ok(Reply::Json(
        json!({"messaging_product": "whatsapp", "request_id": request_id}),
    ))
}
