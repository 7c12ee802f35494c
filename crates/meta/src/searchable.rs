//! The texts within a message's content: whatever people read in it.

use serde_json::Value;

/// Members that hold what people read, in messages of both directions.
const READ_BY_PEOPLE: [&str; 17] = [
    "body",
    "caption",
    "filename",
    "text",
    "title",
    "description",
    "name",
    "address",
    "formatted_name",
    "first_name",
    "last_name",
    "company",
    "phone",
    "email",
    "display_text",
    "coupon_code",
    "footer",
];
/// Nobody nests deeper.
const DEEPEST: usize = 12;
/// Characters of one message that count.
const LONGEST: usize = 16_384;

/// The texts of a message of this type, as Meta sent it or was sent it.
#[must_use]
pub fn texts(kind: &str, content: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(content) = content.get(kind) {
        collect(content, DEEPEST, &mut found);
    }
    let mut room = LONGEST;
    found.retain(|text| {
        let fits = text.len() <= room;
        room = room.saturating_sub(text.len());
        fits
    });
    found
}

fn collect(value: &Value, depth: usize, found: &mut Vec<String>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect(value, depth, found)),
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if READ_BY_PEOPLE.contains(&name.as_str()) => {
                        found.push(text.clone());
                    }
                    Value::Array(_) | Value::Object(_) => collect(value, depth, found),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_people_read_is_found_and_nothing_else() {
        let document = json!({"from": "34600000001", "type": "document", "document": {
            "id": "12345", "filename": "Factura_2026.pdf", "caption": "La de mayo", "sha256": "abc", "mime_type": "application/pdf"}});
        assert_eq!(
            texts("document", &document),
            ["La de mayo", "Factura_2026.pdf"]
        );
        let list = json!({"interactive": {"type": "list", "body": {"text": "Elige"}, "action": {"button": "x",
            "sections": [{"title": "Pan", "rows": [{"id": "r1", "title": "Hogaza", "description": "1 kg"}]}]}}});
        let mut found = texts("interactive", &list);
        found.sort();
        assert_eq!(found, ["1 kg", "Elige", "Hogaza", "Pan"]);
        assert!(texts("text", &json!({"document": {"filename": "x"}})).is_empty());
        let mut deep = json!({"text": "x"});
        for _ in 0..100 {
            deep = json!([deep]);
        }
        assert!(texts("a", &json!({"a": deep})).is_empty());
    }
}
