//! The description of everything that can be sent, drawn from Meta's forms: what is checked is what is described.

use meta::form::{Form, Kinds, Object};
use meta::graph::outbound::forms;
use serde_json::{Map, Value, json};
use utoipa::openapi::{OpenApi, RefOr, Schema};

/// Puts the forms into the document, and `NewMessage`'s members in their place.
pub(crate) fn describe(document: &mut OpenApi) {
    let mut schemas = Map::new();
    let contents: Vec<(&str, Value)> = forms::CONTENTS
        .iter()
        .map(|(kind, form)| (*kind, comfortable(kind, schema(form, &mut schemas))))
        .collect();
    let components = document.components.get_or_insert_default();
    for (name, value) in schemas {
        if let Some(schema) = read(value) {
            components.schemas.insert(name, schema);
        }
    }
    let Some(RefOr::T(Schema::Object(message))) = components.schemas.get_mut("NewMessage") else {
        return;
    };
    for (kind, value) in contents {
        if let Some(schema) = read(value) {
            message.properties.insert(kind.to_owned(), schema);
        }
    }
}

/// What the API takes beside Meta's own form.
fn comfortable(kind: &str, meta: Value) -> Value {
    match kind {
        "text" => {
            json!({ "oneOf": [{ "type": "string", "description": "The text itself." }, meta] })
        }
        "image" | "video" | "audio" | "document" | "sticker" => {
            json!({ "oneOf": [{ "type": "string", "description": "A public address." }, meta] })
        }
        _ => meta,
    }
}

fn read(value: Value) -> Option<RefOr<Schema>> {
    serde_json::from_value(value).ok()
}

fn schema(form: &Form, all: &mut Map<String, Value>) -> Value {
    match form {
        Form::Text(text) => {
            let mut value = json!({ "type": "string" });
            if text.min > 0 {
                value["minLength"] = json!(text.min);
            }
            if text.max < usize::MAX {
                value["maxLength"] = json!(text.max);
            }
            value
        }
        Form::Word(words) => json!({ "type": "string", "enum": words.of }),
        Form::Flag => json!({ "type": "boolean" }),
        Form::Whole { min, max } => {
            let mut value = json!({ "type": "integer" });
            if *min > i64::MIN {
                value["minimum"] = json!(min);
            }
            if *max < i64::MAX {
                value["maximum"] = json!(max);
            }
            value
        }
        Form::Degrees(most) => json!({ "type": "number", "minimum": -most, "maximum": most }),
        Form::Link { max, .. } => {
            let mut value = json!({ "type": "string", "format": "uri" });
            if *max < usize::MAX {
                value["maxLength"] = json!(max);
            }
            value
        }
        Form::Object(object) => object_schema(object, None, all),
        Form::List(list) => {
            let mut value = json!({ "type": "array", "items": schema(&list.of, all) });
            if list.min > 0 {
                value["minItems"] = json!(list.min);
            }
            if list.max < usize::MAX {
                value["maxItems"] = json!(list.max);
            }
            value
        }
        Form::Kinds(kinds) => kinds_schema(kinds, all),
        Form::Open | Form::Never(_) => json!({ "type": "object" }),
    }
}

fn kinds_schema(kinds: &Kinds, all: &mut Map<String, Value>) -> Value {
    let mut choices: Vec<Value> = Vec::new();
    for (_, object) in kinds.of {
        let words: Vec<_> = kinds
            .of
            .iter()
            .filter(|(_, other)| other.name == object.name)
            .map(|(word, _)| *word)
            .collect();
        let choice = object_schema(object, Some((kinds.by, &words)), all);
        if !choices.contains(&choice) {
            choices.push(choice);
        }
    }
    match <[Value; 1]>::try_from(choices) {
        Ok([only]) => only,
        Err(choices) => json!({ "oneOf": choices }),
    }
}

/// A reference to the object, which is written down when it is met first.
fn object_schema(
    object: &Object,
    words: Option<(&str, &[&str])>,
    all: &mut Map<String, Value>,
) -> Value {
    let reference = json!({ "$ref": format!("#/components/schemas/{}", object.name) });
    if all.contains_key(object.name) {
        return reference;
    }
    all.insert(object.name.to_owned(), Value::Null);
    let mut properties = Map::new();
    let shown = object
        .members
        .iter()
        .filter(|member| !matches!(member.form, Form::Never(_)));
    for member in shown {
        let mut value = match words {
            Some((by, words)) if by == member.name => json!({ "type": "string", "enum": words }),
            _ => schema(&member.form, all),
        };
        if value.get("$ref").is_none() && !member.about.is_empty() {
            value["description"] = json!(member.about);
        }
        properties.insert(member.name.to_owned(), value);
    }
    let required: Vec<_> = object
        .members
        .iter()
        .filter(|member| member.required)
        .map(|member| member.name)
        .collect();
    let mut value =
        json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        value["required"] = json!(required);
    }
    if !object.about.is_empty() {
        value["description"] = json!(object.about);
    }
    all.insert(object.name.to_owned(), value);
    reference
}
