//! Contact cards.

use serde_json::Value;

use super::rules::{array, invalid, member, object, only, string};
use crate::error::{GraphError, GraphResult};

pub(super) fn contacts(content: &Value) -> GraphResult<()> {
    let Some(cards) = content.as_array() else {
        return Err(GraphError::parameter("Param contacts must be an array."));
    };
    if cards.is_empty() {
        return Err(GraphError::missing("contacts"));
    }
    if cards.len() > 257 {
        return invalid("contacts: too many contacts, at most 257");
    }
    for (index, card) in cards.iter().enumerate() {
        one(card, &format!("contacts[{index}]"))?;
    }
    Ok(())
}

fn one(card: &Value, path: &str) -> GraphResult<()> {
    let card = object(card, path)?;
    only(
        card,
        path,
        &[
            "name",
            "phones",
            "emails",
            "addresses",
            "org",
            "birthday",
            "urls",
        ],
    )?;
    let name_path = format!("{path}['name']");
    let name = object(member(card, path, "name")?, &name_path)?;
    string(name, &name_path, "formatted_name")?;
    let parts = ["first_name", "last_name", "middle_name", "suffix", "prefix"];
    let has_part = parts.iter().any(|part| {
        name.get(*part)
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty())
    });
    if !has_part {
        return invalid(format!(
            "{name_path}: at least one of {} is required beside formatted_name",
            parts.join(", ")
        ));
    }
    for (list, key) in [("phones", "phone"), ("emails", "email"), ("urls", "url")] {
        if !card.contains_key(list) {
            continue;
        }
        for (index, item) in array(card, path, list)?.iter().enumerate() {
            let item_path = format!("{path}['{list}'][{index}]");
            let item = object(item, &item_path)?;
            if item.contains_key(key) {
                string(item, &item_path, key)?;
            }
        }
    }
    if let Some(birthday) = card.get("birthday").and_then(Value::as_str) {
        let form = birthday.len() == 10
            && birthday
                .bytes()
                .enumerate()
                .all(|(index, byte)| match index {
                    4 | 7 => byte == b'-',
                    _ => byte.is_ascii_digit(),
                });
        if !form {
            return invalid(format!("{path}['birthday'] must be of the form YYYY-MM-DD"));
        }
    }
    Ok(())
}
