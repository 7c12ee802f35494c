//! `GET /{template}/compare`: how two templates do beside each other.

use serde_json::json;

use crate::error::{GraphError, GraphResult};
use crate::graph::Reply;
use crate::graph::call::Call;
use crate::sim::Shared;

/// Messages that each must have been sent with.
const LEAST: u64 = 1_000;
const DAY: u64 = 24 * 3_600;

pub(super) fn get(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    let others = call.list("template_ids");
    let [other] = others.as_slice() else {
        return Err(GraphError::parameter(
            "Param template_ids must be a list of one template.",
        ));
    };
    let time = |key: &str| call.number(key).ok_or_else(|| GraphError::missing(key));
    let (start, end) = (time("start")?, time("end")?);
    let days = end.saturating_sub(start) / DAY;
    if !matches!(days, 7 | 30 | 60 | 90) {
        return Err(GraphError::parameter(
            "The time between start and end must be 7, 30, 60 or 90 days.",
        ));
    }
    let world = shared.world();
    let of = |id: &str| world.template(id).map(|(waba_id, _)| waba_id);
    if other == id || of(other).is_none() || of(other) != of(id) {
        return Err(GraphError::no_object("GET", other));
    }
    let sends = |id: &str| world.lives.get(id).map_or(0, |life| life.sends);
    let counts = [(id, sends(id)), (other.as_str(), sends(other))];
    if let Some((few, count)) = counts.iter().find(|(_, count)| *count < LEAST) {
        return Err(GraphError::parameter(format!(
            "Each template must have been sent {LEAST} times in this time; {few} was sent {count} times."
        )));
    }
    // The worse of the two first: by its quality, which is all that is known of blocks here.
    let rank = |id: &str| match world.template(id).map(|(_, one)| one.quality.as_str()) {
        Some("RED") => 0,
        Some("YELLOW") => 1,
        Some("GREEN") => 3,
        _ => 2,
    };
    let mut order = [id, other.as_str()];
    order.sort_by_key(|id| rank(id));
    let values = counts.map(|(id, count)| json!({"key": id, "value": count}));
    let reasons = counts.map(|(id, _)| json!({"key": id, "value": "UNKNOWN_BLOCK_REASON"}));
    Ok(Reply::Json(json!({"data": [
        {"metric": "BLOCK_RATE", "type": "RELATIVE", "order_by_relative_metric": order},
        {"metric": "MESSAGE_SENDS", "type": "NUMBER_VALUES", "number_values": values},
        {"metric": "TOP_BLOCK_REASON", "type": "STRING_VALUES", "string_values": reasons},
    ]})))
}
