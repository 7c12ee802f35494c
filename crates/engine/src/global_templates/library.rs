//! Templates that Meta has ready: looked for on the platform's behalf, and taken in as global templates. Meta makes
//! them in each account by their name in the library, and has usually approved them at once.

use std::collections::BTreeMap;

use meta::graph::{GraphCallError, LibraryFilter, LibraryTemplate};
use secrecy::SecretString;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use store::templates::library::Types;
use store::wabas;

use super::write::Written;
use crate::Engine;

/// Why the library cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// No token is known.
    #[error("the platform has no access to a WhatsApp account yet; set it up first")]
    NoToken,
    /// Meta refused or did not answer.
    #[error(transparent)]
    Meta(#[from] GraphCallError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::DbError),
}

/// Looks for templates.
///
/// # Errors
/// [`Unread`].
pub async fn search(
    engine: &Engine,
    filter: &LibraryFilter<'_>,
) -> Result<Vec<LibraryTemplate>, Unread> {
    let token = token(engine).await?;
    Ok(engine.graph.template_library(&token, filter).await?)
}

/// The platform's own accounts come first; any account reaches the library.
async fn token(engine: &Engine) -> Result<SecretString, Unread> {
    let mut all = wabas::any_tenant_list(&engine.db).await?;
    all.sort_by_key(|waba| waba.tenant_id.is_some());
    for waba in all {
        let token = wabas::any_tenant_token(&engine.db, &engine.sealer, &waba.waba_id).await?;
        if let Some(token) = token {
            return Ok(token);
        }
    }
    Err(Unread::NoToken)
}

/// A template of the library as it is to be taken in.
#[derive(Debug, Clone)]
pub struct Found {
    /// As Meta has it.
    pub category: String,
    /// What it says in each language that was asked for and is there.
    pub languages: BTreeMap<String, Written>,
    /// Languages that were asked for and are not there.
    pub missing: Vec<String>,
    /// Which kinds of values it takes.
    pub types: Vec<Types>,
    /// Its buttons that need an address or a phone number of their own, by their kind (`URL`, `PHONE_NUMBER`).
    pub open_buttons: Vec<String>,
}

/// A template of the library in these languages; none: there is none of this name.
///
/// # Errors
/// [`Unread`].
pub async fn find(
    engine: &Engine,
    name: &str,
    languages: &[String],
    button_inputs: Option<&Value>,
    body_inputs: Option<&Value>,
) -> Result<Option<Found>, Unread> {
    let filter = LibraryFilter {
        search: Some(name),
        ..LibraryFilter::default()
    };
    let mut listed = search(engine, &filter).await?;
    listed.retain(|template| template.name.as_deref() == Some(name));
    if listed.is_empty() {
        return Ok(None);
    }
    let category = listed
        .iter()
        .find_map(|template| template.category.clone())
        .unwrap_or_else(|| "UTILITY".to_owned());
    let mut found = Found {
        category: category.to_uppercase(),
        languages: BTreeMap::new(),
        missing: Vec::new(),
        types: listed
            .iter()
            .filter_map(crate::templates::types_of)
            .collect(),
        open_buttons: listed.first().map(open_buttons).unwrap_or_default(),
    };
    for language in languages {
        let fits = |template: &&LibraryTemplate| template.language.as_ref() == Some(language);
        match listed.iter().find(fits) {
            Some(template) => {
                let written = written(template, name, button_inputs, body_inputs);
                found.languages.insert(language.clone(), written);
            }
            None => found.missing.push(language.clone()),
        }
    }
    Ok(Some(found))
}

/// In the library such buttons carry samples of Meta's, which nobody is to send.
fn open_buttons(template: &LibraryTemplate) -> Vec<String> {
    let buttons = template.buttons.as_deref();
    let buttons = buttons.and_then(|raw| serde_json::from_str::<Vec<Value>>(raw.get()).ok());
    let kinds = buttons.into_iter().flatten().filter_map(|button| {
        let kind = button["type"].as_str()?.to_uppercase();
        matches!(kind.as_str(), "URL" | "PHONE_NUMBER").then_some(kind)
    });
    kinds.collect()
}

/// The buttons as Meta makes them: with the addresses and numbers that were given, so that these are judged and shown.
fn filled(buttons: Vec<Value>, inputs: Option<&Value>) -> Vec<Value> {
    let inputs = inputs.and_then(Value::as_array);
    let mut left: Vec<&Value> = inputs.into_iter().flatten().collect();
    let fill = |mut button: Value| {
        let place = left
            .iter()
            .position(|input| input["type"] == button["type"]);
        let Some(input) = place.map(|place| left.remove(place)) else {
            return button;
        };
        if let Some(url) = input["url"]["base_url"].as_str() {
            button["url"] = json!(url);
            if let Some(suffix) = input["url"]["url_suffix_example"].as_str() {
                button["example"] = json!([suffix]);
            }
        }
        if let Some(number) = input["phone_number"].as_str() {
            button["phone_number"] = json!(number);
        }
        button
    };
    buttons.into_iter().map(fill).collect()
}

/// What it says, as far as the library shows it: for people to read; Meta makes it by its name.
fn written(
    template: &LibraryTemplate,
    name: &str,
    button_inputs: Option<&Value>,
    body_inputs: Option<&Value>,
) -> Written {
    let raw = |part: Option<&RawValue>| {
        part.and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok())
    };
    let mut components = Vec::new();
    if let Some(header) = template.header.as_deref().filter(|text| !text.is_empty()) {
        components.push(json!({ "type": "HEADER", "format": "TEXT", "text": header }));
    }
    let mut body = json!({ "type": "BODY", "text": template.body.clone().unwrap_or_default() });
    if let Some(values) = raw(template.body_params.as_deref()) {
        body["example"] = json!({ "body_text": [values] });
    }
    components.push(body);
    if let Some(Value::Array(buttons)) = raw(template.buttons.as_deref())
        && !buttons.is_empty()
    {
        let buttons = filled(buttons, button_inputs);
        components.push(json!({ "type": "BUTTONS", "buttons": buttons }));
    }
    let mut library = json!({ "name": name });
    if let Some(inputs) = button_inputs {
        library["button_inputs"] = inputs.clone();
    }
    if let Some(inputs) = body_inputs {
        library["body_inputs"] = inputs.clone();
    }
    Written {
        parameter_format: "POSITIONAL".to_owned(),
        components: Value::Array(components),
        ttl_seconds: None,
        library: Some(library),
    }
}
