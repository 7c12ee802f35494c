//! `fields=a,b{c}`: which keys an answer has, and which it may not be asked for.

use serde_json::{Map, Value};

use crate::error::{GraphError, GraphResult};

/// The top-level names of a field list; sub-selections and modifiers are accepted and ignored.
fn names(list: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut name = String::new();
    let mut depth = 0_u32;
    for character in list.chars() {
        match character {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => names.push(std::mem::take(&mut name)),
            _ if depth == 0 && !character.is_whitespace() => name.push(character),
            _ => {}
        }
    }
    names.push(name);
    // `analytics.start(…).end(…)` is the field `analytics`.
    let bare = |name: String| name.split('.').next().unwrap_or_default().to_owned();
    names
        .into_iter()
        .map(bare)
        .filter(|name| !name.is_empty())
        .collect()
}

/// The asked part of `whole` (which holds every field the node type has); `defaults` when nothing is asked.
pub(super) fn select(
    whole: &Value,
    asked: Option<&str>,
    defaults: &[&str],
    node_type: &str,
) -> GraphResult<Value> {
    let mut chosen = Map::new();
    let asked = match asked {
        Some(list) if !list.trim().is_empty() => names(list),
        _ => defaults.iter().map(|name| (*name).to_owned()).collect(),
    };
    for name in asked {
        let Some(value) = whole.get(&name) else {
            return Err(GraphError::parameter(format!(
                "Tried accessing nonexisting field ({name}) on node type ({node_type})"
            )));
        };
        if !value.is_null() {
            chosen.insert(name, value.clone());
        }
    }
    if let Some(id) = whole.get("id") {
        chosen.insert("id".to_owned(), id.clone());
    }
    Ok(Value::Object(chosen))
}
