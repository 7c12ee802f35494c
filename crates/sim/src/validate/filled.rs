//! Templates filled in: what the phone shows of one.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::template::parameters;
use crate::templates::TemplateSpec;

/// The distinct names between `{{` and `}}`, in order.
pub(super) fn placeholders(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for piece in text.split("{{").skip(1) {
        if let Some((name, _)) = piece.split_once("}}")
            && !names.iter().any(|known| known == name.trim())
        {
            names.push(name.trim().to_owned());
        }
    }
    names
}

/// The text with its values, as the phone shows it.
pub(super) fn render(text: &str, given: &[Value]) -> String {
    let mut values = BTreeMap::new();
    for (index, parameter) in given.iter().enumerate() {
        let value = parameter["text"]
            .as_str()
            .or_else(|| parameter["currency"]["fallback_value"].as_str())
            .or_else(|| parameter["date_time"]["fallback_value"].as_str())
            .unwrap_or_default();
        let name = parameter["parameter_name"]
            .as_str()
            .map_or_else(|| (index + 1).to_string(), str::to_owned);
        values.insert(name, value);
    }
    let mut shown = String::with_capacity(text.len());
    let mut pieces = text.split("{{");
    shown.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        match piece.split_once("}}") {
            Some((name, after)) => {
                shown.push_str(values.get(name.trim()).copied().unwrap_or_default());
                shown.push_str(after);
            }
            None => {
                shown.push_str("{{");
                shown.push_str(piece);
            }
        }
    }
    shown
}

fn kind_of(component: &Value) -> String {
    component["type"]
        .as_str()
        .unwrap_or_default()
        .to_lowercase()
}

/// Header, body, footer, buttons, cards and offer of a template send, as the phone shows them.
pub(crate) fn shown(template: &TemplateSpec, sent: &Value) -> Value {
    parts(&template.components, &sent["components"])
}

/// The same of components, by themselves or on a card.
fn parts(defined: &Value, sent: &Value) -> Value {
    let empty = Vec::new();
    let sent_components = sent.as_array().unwrap_or(&empty);
    let find = |kind: &str| {
        sent_components
            .iter()
            .find(|component| kind_of(component) == kind)
    };
    let given = |kind: &str| find(kind).map_or(&[][..], parameters);
    let mut shown = json!({});
    for component in defined.as_array().unwrap_or(&empty) {
        let kind = kind_of(component);
        match kind.as_str() {
            "header" | "body" | "footer" => {
                let text = component["text"].as_str().map_or_else(
                    || {
                        let format = component["format"].as_str().unwrap_or_default();
                        format!("[{}]", format.to_lowercase())
                    },
                    |text| render(text, given(&kind)),
                );
                shown[&kind] = Value::String(text);
                if kind == "header" && component["text"].is_null() {
                    shown["media"] = medium(component, given("header").first());
                }
            }
            "buttons" => shown["buttons"] = buttons(component, sent_components),
            "carousel" => {
                let sent_cards = &find("carousel").unwrap_or(&Value::Null)["cards"];
                let cards = component["cards"].as_array().unwrap_or(&empty);
                let card = |(index, card): (usize, &Value)| {
                    parts(&card["components"], &sent_cards[index]["components"])
                };
                shown["cards"] = cards.iter().enumerate().map(card).collect();
            }
            "limited_time_offer" => {
                let until = given("limited_time_offer").first();
                let until = until.map(|one| &one["limited_time_offer"]["expiration_time_ms"]);
                shown["offer"] =
                    json!({"text": component["limited_time_offer"]["text"], "until_ms": until});
            }
            _ => {}
        }
    }
    shown
}

/// What stands above the text: its kind, and what was sent of it.
fn medium(component: &Value, parameter: Option<&Value>) -> Value {
    let kind = component["format"]
        .as_str()
        .unwrap_or_default()
        .to_lowercase();
    let sent = parameter.map_or(&Value::Null, |parameter| &parameter[kind.as_str()]);
    let mut medium = json!({"kind": kind});
    for key in [
        "id",
        "link",
        "filename",
        "name",
        "address",
        "latitude",
        "longitude",
    ] {
        if !sent[key].is_null() {
            medium[key] = sent[key].clone();
        }
    }
    medium
}

/// The buttons with their links filled in and the codes that they copy.
fn buttons(component: &Value, sent: &[Value]) -> Value {
    let mut buttons = component["buttons"].clone();
    for (index, button) in buttons.as_array_mut().into_iter().flatten().enumerate() {
        let at = sent.iter().find(|given| {
            kind_of(given) == "button"
                && (given["index"].as_u64() == Some(index as u64)
                    || given["index"].as_str() == Some(&index.to_string()))
        });
        let parameters = at.map_or(&[][..], parameters);
        if let Some(url) = button["url"].as_str().map(|url| render(url, parameters)) {
            button["url"] = json!(url);
        }
        let code = parameters.first().map(|one| {
            let code = &one["coupon_code"];
            if code.is_null() { &one["text"] } else { code }
        });
        if let Some(code) = code.filter(|code| !code.is_null()) {
            button["code"] = code.clone();
        }
        // What a tap sends back.
        if let Some(payload) = parameters.first().map(|one| &one["payload"])
            && !payload.is_null()
        {
            button["payload"] = payload.clone();
        }
    }
    buttons
}

/// A definition with its examples in the place of its variables.
pub(crate) fn preview(template: &TemplateSpec) -> Value {
    parts(&template.components, &examples(&template.components))
}

/// The examples of a definition in the form of a send.
fn examples(defined: &Value) -> Value {
    let mut sent = Vec::new();
    for component in defined.as_array().into_iter().flatten() {
        let kind = kind_of(component);
        let example = &component["example"];
        match kind.as_str() {
            "header" | "body" => {
                let named = example[format!("{kind}_text_named_params")].as_array();
                let list = &example[format!("{kind}_text")];
                let list = if kind == "body" { &list[0] } else { list };
                let texts: Vec<Value> = match named {
                    Some(named) => named
                        .iter()
                        .map(|one| json!({"type": "text", "parameter_name": one["param_name"], "text": one["example"]}))
                        .collect(),
                    None => list
                        .as_array()
                        .into_iter()
                        .flatten()
                        .map(|one| json!({"type": "text", "text": one}))
                        .collect(),
                };
                sent.push(json!({"type": kind, "parameters": texts}));
            }
            "buttons" => {
                let all = component["buttons"].as_array().into_iter().flatten();
                for (index, button) in all.enumerate() {
                    let example = button["example"].as_str();
                    let example = example.or_else(|| button["example"][0].as_str());
                    // An example of a link may be the whole link or its end.
                    let end = example.map(|text| {
                        let before = button["url"]
                            .as_str()
                            .and_then(|url| url.split("{{").next());
                        before
                            .and_then(|before| text.strip_prefix(before))
                            .unwrap_or(text)
                    });
                    sent.push(json!({"type": "button", "index": index, "parameters": [{"type": "text", "text": end}]}));
                }
            }
            "carousel" => {
                let cards = component["cards"].as_array().into_iter().flatten();
                let cards: Vec<Value> = cards
                    .map(|card| json!({"components": examples(&card["components"])}))
                    .collect();
                sent.push(json!({"type": "carousel", "cards": cards}));
            }
            _ => {}
        }
    }
    json!(sent)
}
