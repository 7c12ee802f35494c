//! When are two sends the same? Tests count duplicates by it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::{Map, Value};

use crate::validate::Checked;

/// Equal for sends with the same number, user, content and callback data.
pub(super) fn fingerprint(
    phone_number_id: &str,
    to: &str,
    checked: &Checked,
    request: &Map<String, Value>,
) -> u64 {
    let mut hasher = DefaultHasher::new();
    (
        phone_number_id,
        to,
        checked.kind,
        checked.callback_data.as_deref(),
    )
        .hash(&mut hasher);
    for key in [checked.kind, "context"] {
        hash_value(request.get(key).unwrap_or(&Value::Null), &mut hasher);
    }
    hasher.finish()
}

/// Hashes JSON whatever the order of its keys.
fn hash_value(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            for key in keys {
                key.hash(hasher);
                hash_value(&map[key], hasher);
            }
            0xfe_u8.hash(hasher);
        }
        Value::Array(items) => {
            items.iter().for_each(|item| hash_value(item, hasher));
            0xfd_u8.hash(hasher);
        }
        Value::String(text) => text.hash(hasher),
        other => other.to_string().hash(hasher),
    }
}
