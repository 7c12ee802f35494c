//! Template sends: the form of the request, and the rules against the stored definition.

use serde_json::Value;

use super::filled::{placeholders, render};
use super::rules::{array, invalid, label, member, object, only, string};
use super::{MediaRef, content};
use crate::error::{GraphError, GraphResult};
use crate::library;
use crate::templates::TemplateSpec;

/// The form alone, before the template is looked up.
pub(super) fn form(value: &Value, media: &mut Vec<MediaRef>) -> GraphResult<()> {
    let map = object(value, "template")?;
    only(
        map,
        "template",
        &["name", "language", "components", "namespace"],
    )?;
    string(map, "template", "name")?;
    let language = object(member(map, "template", "language")?, "template['language']")?;
    string(language, "template['language']", "code")?;
    if language
        .get("policy")
        .is_some_and(|policy| policy != "deterministic")
    {
        return Err(GraphError::parameter(
            "Param template['language']['policy'] must be one of {DETERMINISTIC}.",
        ));
    }
    if map.get("components").is_none_or(Value::is_null) {
        return Ok(());
    }
    for (index, component) in array(map, "template", "components")?.iter().enumerate() {
        component_form(
            component,
            &format!("template['components'][{index}]"),
            media,
        )?;
    }
    Ok(())
}

fn component_form(value: &Value, path: &str, media: &mut Vec<MediaRef>) -> GraphResult<()> {
    let component = object(value, path)?;
    let kind = string(component, path, "type")?.to_lowercase();
    let known: &[&str] = match kind.as_str() {
        "button" => &["type", "sub_type", "index", "parameters"],
        "carousel" => &["type", "cards"],
        _ => &["type", "parameters"],
    };
    only(component, path, known)?;
    if component
        .get("parameters")
        .is_some_and(|parameters| !parameters.is_array() && !parameters.is_null())
    {
        return Err(GraphError::parameter(format!(
            "Param {path}['parameters'] must be an array."
        )));
    }
    match kind.as_str() {
        "header" | "body" | "limited_time_offer" | "order_status" | "tap_target_configuration" => {}
        "button" => {
            string(component, path, "sub_type")?;
            let index = member(component, path, "index")?;
            let number = index
                .as_u64()
                .or_else(|| index.as_str().and_then(|text| text.parse().ok()));
            if number.is_none_or(|number| number > 9) {
                return invalid(format!("{path}['index'] must be between 0 and 9"));
            }
        }
        "carousel" => {
            for (index, card) in array(component, path, "cards")?.iter().enumerate() {
                let path = format!("{path}['cards'][{index}]");
                let card = object(card, &path)?;
                for (index, inner) in array(card, &path, "components")?.iter().enumerate() {
                    component_form(inner, &format!("{path}['components'][{index}]"), media)?;
                }
            }
            return Ok(());
        }
        _ => {
            return Err(GraphError::parameter(format!(
                "Param {path}['type'] must be one of {{HEADER, BODY, BUTTON, CAROUSEL, LIMITED_TIME_OFFER, ORDER_STATUS, \
                 TAP_TARGET_CONFIGURATION}} - got \"{kind}\"."
            )));
        }
    }
    for (index, parameter) in parameters(value).iter().enumerate() {
        let path = format!("{path}['parameters'][{index}]");
        let map = object(parameter, &path)?;
        match string(map, &path, "type")? {
            "text" => text_parameter(parameter, &path)?,
            kind @ ("image" | "video" | "document") => {
                let kind = match kind {
                    "image" => "image",
                    "video" => "video",
                    _ => "document",
                };
                media.push(content::media(
                    kind,
                    member(map, &path, kind)?,
                    &format!("{path}['{kind}']"),
                )?);
            }
            "location" => content::location(
                member(map, &path, "location")?,
                &format!("{path}['location']"),
            )?,
            known @ ("currency"
            | "date_time"
            | "coupon_code"
            | "payload"
            | "action"
            | "product"
            | "limited_time_offer"
            | "tap_target_configuration"
            | "order_status"
            | "ttl_minutes"
            | "gif") => {
                member(map, &path, known)?;
                only(map, &path, &["type", known, "parameter_name"])?;
                let (most, alphanumeric) = match known {
                    "payload" => (128, false),
                    "coupon_code" => (20, true),
                    _ => continue,
                };
                let text = label(map, &path, known, most)?;
                if alphanumeric && !text.chars().all(char::is_alphanumeric) {
                    return invalid(format!("{path}['{known}'] must be letters and digits"));
                }
            }
            other => {
                return Err(GraphError::parameter(format!(
                    "Param {path}['type'] is unknown - got \"{other}\"."
                )));
            }
        }
    }
    Ok(())
}

fn text_parameter(parameter: &Value, path: &str) -> GraphResult<()> {
    let Some(text) = parameter["text"].as_str().filter(|text| !text.is_empty()) else {
        return Err(GraphError::new(
            131008,
            format!("Parameter {path}['text'] is required"),
        ));
    };
    if text.contains(['\n', '\t']) || text.contains("     ") {
        return Err(GraphError::new(
            132012,
            format!(
                "{path}: Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
            ),
        ));
    }
    Ok(())
}

pub(super) fn parameters(component: &Value) -> &[Value] {
    component["parameters"]
        .as_array()
        .map_or(&[], Vec::as_slice)
}

/// A definition that may be sent now, or Meta's refusal.
pub(crate) fn sendable<'a>(
    templates: impl Iterator<Item = &'a TemplateSpec>,
    sent: &Value,
) -> GraphResult<&'a TemplateSpec> {
    let name = sent["name"].as_str().unwrap_or_default();
    let language = sent["language"]["code"].as_str().unwrap_or_default();
    let missing = || {
        GraphError::new(
            132001,
            format!("template name ({name}) does not exist in {language}"),
        )
    };
    let mut found = None;
    for template in templates {
        if template.name == name && template.language == language {
            found = Some(template);
        }
    }
    let template = found.ok_or_else(missing)?;
    match template.status.as_str() {
        "APPROVED" => Ok(template),
        "PAUSED" => Err(GraphError::new(
            132015,
            "Template is paused due to low quality so it cannot be sent in a template message.",
        )),
        "DISABLED" => Err(GraphError::new(
            132016,
            "Template has been paused too many times due to low quality and is now permanently disabled.",
        )),
        _ => Err(missing()),
    }
}

/// The parameters against the definition: 132000 (how many), 132012 (which form), 131008 (a button's), 132005 (length).
pub(crate) fn matches(template: &TemplateSpec, sent: &Value) -> GraphResult<()> {
    let empty = Vec::new();
    let sent_components = sent["components"].as_array().unwrap_or(&empty);
    let find = |kind: &str| {
        sent_components.iter().find(|component| {
            component["type"]
                .as_str()
                .is_some_and(|given| given.eq_ignore_ascii_case(kind))
        })
    };
    for component in template.components.as_array().unwrap_or(&empty) {
        let kind = component["type"]
            .as_str()
            .unwrap_or_default()
            .to_uppercase();
        match kind.as_str() {
            "HEADER" => header(template, component, find("header").map_or(&[], parameters))?,
            "BODY" => {
                let text = component["text"].as_str().unwrap_or_default();
                let given = find("body").map_or(&[][..], parameters);
                count("body", template, text, given)?;
                of_library(template, given)?;
                if render(text, given).chars().count() > 1_024 {
                    return Err(GraphError::new(
                        132005,
                        "body: the text with its values is longer than 1024 characters",
                    ));
                }
            }
            "BUTTONS" => buttons(component, sent_components)?,
            "CAROUSEL" => {
                let defined = component["cards"].as_array().map_or(0, Vec::len);
                let given = find("carousel")
                    .and_then(|carousel| carousel["cards"].as_array())
                    .map_or(0, Vec::len);
                if defined != given {
                    return Err(GraphError::new(
                        132012,
                        format!("carousel: {given} cards sent, {defined} cards defined"),
                    ));
                }
            }
            _ => {}
        }
    }
    let has = |kind: &str| {
        let defined = template.components.as_array().unwrap_or(&empty);
        defined.iter().any(|component| {
            component["type"]
                .as_str()
                .is_some_and(|given| given.eq_ignore_ascii_case(kind))
        })
    };
    for kind in ["header", "body"] {
        if !has(kind) && find(kind).is_some_and(|component| !parameters(component).is_empty()) {
            return Err(wrong_count(
                kind,
                parameters(find(kind).unwrap_or(&Value::Null)).len(),
                0,
            ));
        }
    }
    Ok(())
}

fn wrong_count(component: &str, given: usize, expected: usize) -> GraphError {
    GraphError::new(
        132000,
        format!(
            "{component}: number of localizable_params ({given}) does not match the expected number of params ({expected})"
        ),
    )
}

fn count(component: &str, template: &TemplateSpec, text: &str, given: &[Value]) -> GraphResult<()> {
    let expected = placeholders(text);
    if given.len() != expected.len() {
        return Err(wrong_count(component, given.len(), expected.len()));
    }
    if template.parameter_format.eq_ignore_ascii_case("NAMED") {
        for parameter in given {
            let name = parameter["parameter_name"].as_str().unwrap_or_default();
            if name.is_empty() {
                return Err(GraphError {
                    details: Some(format!("{component}: Parameter name is missing or empty")),
                    ..GraphError::parameter("Invalid parameter")
                });
            }
            if !expected.iter().any(|known| known == name) {
                return Err(GraphError::new(
                    132012,
                    format!("{component}: Parameter name is not of this template: {name}"),
                ));
            }
        }
    }
    let wrong = given.iter().find(|parameter| {
        !matches!(
            parameter["type"].as_str(),
            Some("text" | "currency" | "date_time")
        )
    });
    wrong.map_or(Ok(()), |parameter| {
        Err(GraphError::new(
            132012,
            format!(
                "{component}: Format mismatch, expected TEXT, received {}",
                upper(&parameter["type"])
            ),
        ))
    })
}

/// The values of a template from the library fit the types of its parameters.
fn of_library(template: &TemplateSpec, given: &[Value]) -> GraphResult<()> {
    let name = template.library_template_name.as_deref();
    let Some(entry) = name.and_then(|name| library::find(name, &template.language)) else {
        return Ok(());
    };
    let kinds = entry["body_param_types"].as_array();
    for (index, (kind, parameter)) in kinds.into_iter().flatten().zip(given).enumerate() {
        let kind = kind.as_str().unwrap_or_default();
        let value = parameter["text"].as_str().unwrap_or_default();
        if let Some(why) = library::mismatch(kind, value) {
            return Err(GraphError::new(
                132018,
                format!(
                    "body: Parameter {} must be of type {kind}: {why}",
                    index + 1
                ),
            ));
        }
    }
    Ok(())
}

fn upper(kind: &Value) -> String {
    kind.as_str().unwrap_or("UNKNOWN").to_uppercase()
}

fn header(template: &TemplateSpec, component: &Value, given: &[Value]) -> GraphResult<()> {
    let format = component["format"]
        .as_str()
        .unwrap_or("TEXT")
        .to_uppercase();
    if format == "TEXT" {
        return count(
            "header",
            template,
            component["text"].as_str().unwrap_or_default(),
            given,
        );
    }
    match given {
        [one] if upper(&one["type"]) == format => Ok(()),
        [one] => Err(GraphError::new(
            132012,
            format!(
                "header: Format mismatch, expected {format}, received {}",
                upper(&one["type"])
            ),
        )),
        [] => Err(GraphError::new(
            132012,
            format!("header: Format mismatch, expected {format}, received UNKNOWN"),
        )),
        more => Err(wrong_count("header", more.len(), 1)),
    }
}

fn buttons(component: &Value, sent: &[Value]) -> GraphResult<()> {
    let empty = Vec::new();
    let defined = component["buttons"].as_array().unwrap_or(&empty);
    let at = |wanted: usize| {
        sent.iter().find(|component| {
            let index = &component["index"];
            component["type"]
                .as_str()
                .is_some_and(|kind| kind.eq_ignore_ascii_case("button"))
                && (index.as_u64() == Some(wanted as u64)
                    || index.as_str().and_then(|text| text.parse().ok()) == Some(wanted))
        })
    };
    for (index, button) in defined.iter().enumerate() {
        let kind = button["type"].as_str().unwrap_or_default().to_uppercase();
        let needs = match kind.as_str() {
            "URL" => button["url"].as_str().is_some_and(|url| url.contains("{{")),
            "COPY_CODE" | "OTP" | "MPM" => true,
            _ => false,
        };
        let given = at(index);
        if needs && given.is_none_or(|component| parameters(component).is_empty()) {
            return Err(GraphError::new(
                131008,
                format!("buttons: Button at index {index} of type {kind} requires a parameter"),
            ));
        }
        if let Some(given) = given {
            let sub_type = given["sub_type"]
                .as_str()
                .unwrap_or_default()
                .to_uppercase();
            let fits = sub_type == kind
                || (kind == "OTP" && matches!(sub_type.as_str(), "URL" | "COPY_CODE"));
            if !fits {
                return Err(GraphError::new(
                    132012,
                    format!(
                        "buttons: Button at index {index} is of type {kind}, received {sub_type}"
                    ),
                ));
            }
            if kind == "URL" && !needs && !parameters(given).is_empty() {
                return Err(wrong_count("buttons", parameters(given).len(), 0));
            }
            let wanted = match (sub_type.as_str(), kind.as_str()) {
                ("COPY_CODE", "OTP") | ("URL", _) => "text",
                ("COPY_CODE", _) => "coupon_code",
                ("QUICK_REPLY", _) => "payload",
                ("FLOW" | "CATALOG" | "MPM", _) => "action",
                _ => continue,
            };
            if parameters(given).iter().any(|one| one["type"] != wanted) {
                return Err(GraphError::new(
                    132012,
                    format!("buttons: Button at index {index} takes a parameter of type {wanted}"),
                ));
            }
        }
    }
    let beyond = sent.iter().any(|component| {
        let index = &component["index"];
        component["type"]
            .as_str()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("button"))
            && index
                .as_u64()
                .or_else(|| index.as_str().and_then(|text| text.parse().ok()))
                >= Some(defined.len() as u64)
    });
    if beyond {
        return invalid("buttons: the index of a button is beyond those of the template");
    }
    Ok(())
}
