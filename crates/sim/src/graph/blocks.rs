//! `/{phone_number_id}/block_users`: only users who wrote within 24 hours can be blocked.

use serde_json::{Value, json};

use super::Reply;
use super::call::Call;
use super::paging::page;
use crate::error::{GraphError, GraphResult};
use crate::sim::Shared;
use crate::validate;

/// Users that one number may block.
const BLOCKED: usize = 64_000;

pub(super) fn edge(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    match call.method.as_str() {
        "GET" => {
            let blocked: Vec<Value> = {
                let world = shared.world();
                let users = world.numbers.get(id).map(|number| number.blocked.iter());
                users
                    .into_iter()
                    .flatten()
                    .map(|phone| json!({"messaging_product": "whatsapp", "wa_id": phone}))
                    .collect()
            };
            page(shared, call, "block_users", blocked).map(Reply::Json)
        }
        "POST" => change(shared, call, id, true),
        "DELETE" => change(shared, call, id, false),
        other => Err(GraphError::unsupported(other)),
    }
}

fn change(shared: &Shared, call: &Call, id: &str, block: bool) -> GraphResult<Reply> {
    validate::product(&call.params)?;
    let Some(users) = call.params.get("block_users").and_then(Value::as_array) else {
        return Err(GraphError::missing("block_users"));
    };
    let now_ms = shared.clock.now_ms();
    let mut world = shared.world();
    let number = world
        .numbers
        .get_mut(id)
        .ok_or_else(|| GraphError::no_object(&call.method, id))?;
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for user in users {
        let Some(input) = user["user"].as_str() else {
            return Err(GraphError::missing("block_users[]['user']"));
        };
        let phone: String = input.chars().filter(char::is_ascii_digit).collect();
        if block && number.blocked.len() >= BLOCKED && !number.blocked.contains(&phone) {
            return Err(GraphError::of_table(139_101, None));
        }
        if block && number.windows.service_until(&phone, now_ms).is_none() {
            failed.push(json!({"input": input, "wa_id": phone, "errors": [{
                "message": "Re-engagement required", "code": 131047,
                "error_data": {"details": "The user has not messaged the business within the last 24 hours."},
            }]}));
            continue;
        }
        done.push(json!({"input": input, "wa_id": phone}));
        if block {
            number.blocked.insert(phone);
        } else {
            number.blocked.remove(&phone);
        }
    }
    let key = if block {
        "added_users"
    } else {
        "removed_users"
    };
    let mut list = json!({key: done});
    if failed.is_empty() {
        return Ok(Reply::Json(
            json!({"messaging_product": "whatsapp", "block_users": list}),
        ));
    }
    list["failed_users"] = json!(failed);
    Err(GraphError {
        beside: Some(Box::new(
            json!({"messaging_product": "whatsapp", "block_users": list}),
        )),
        ..GraphError::of_table(139_100, None)
    })
}
