//! What Meta told once, in a person's language.

use serde_json::Value;

use crate::texts::Language;

/// Longer details are in the original.
const LONGEST: usize = 400;

/// A title and what Meta said with it. Words that nobody here knows are shown as Meta wrote them.
pub fn told(field: &str, event: Option<&str>, raw: &str, language: Language) -> (String, String) {
    let raw: Value = serde_json::from_str(raw).unwrap_or_default();
    let value = raw.get("value").cloned().unwrap_or_default();
    let decision = value.get("decision").and_then(Value::as_str);
    let word = event.or(decision);
    let known = |key: String| Some(language.text(&key)).filter(|text| *text != key);
    let exact = word.and_then(|word| known(format!("event-{field}-{word}")));
    let title = exact.or_else(|| {
        let of_field = known(format!("event-{field}"))?;
        Some(word.map_or_else(|| of_field.clone(), |word| format!("{of_field}: {word}")))
    });
    let title = title.unwrap_or_else(|| match word {
        Some(word) => format!("{field}: {word}"),
        None => field.to_owned(),
    });
    let mut said = Vec::new();
    leaves(&value, "", &mut said);
    let mut detail = said.join(" · ");
    if detail.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| detail.is_char_boundary(*at));
        detail.truncate(end.unwrap_or(0));
        detail.push('…');
    }
    (title, detail)
}

/// What a value says, with the names that Meta gives it; ids and what is in the title are left out.
fn leaves(value: &Value, name: &str, said: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                leaves(value, name, said);
            }
        }
        Value::Array(elements) => {
            for element in elements.iter().take(10) {
                leaves(element, name, said);
            }
        }
        Value::Null => {}
        _ if name == "event" || name == "decision" || name.ends_with("_id") => {}
        Value::String(text) => said.push(format!("{}: {text}", name.replace('_', " "))),
        Value::Number(number) => said.push(format!("{}: {number}", name.replace('_', " "))),
        Value::Bool(flag) => said.push(format!("{}: {flag}", name.replace('_', " "))),
    }
}
