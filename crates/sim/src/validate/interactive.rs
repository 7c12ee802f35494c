//! Interactive messages: one function per `interactive.type`, with the limits of Meta's reference.

use serde_json::{Map, Value};

use super::rules::{
    array, invalid, is_web_link, label, member, object, only, optional_label, string, text_of,
};
use super::{MediaRef, content};
use crate::error::{GraphError, GraphResult};

type Object = Map<String, Value>;

const TYPES: [&str; 16] = [
    "button",
    "list",
    "cta_url",
    "location_request_message",
    "address_message",
    "flow",
    "product",
    "product_list",
    "catalog_message",
    "carousel",
    "voice_call",
    "call_permission_request",
    "contact_request",
    "request_contact_info",
    "order_details",
    "order_status",
];

pub(super) fn interactive(value: &Value, media: &mut Vec<MediaRef>) -> GraphResult<()> {
    let map = object(value, "interactive")?;
    let kind = string(map, "interactive", "type")?;
    let Some(kind) = TYPES.into_iter().find(|known| *known == kind) else {
        let known: Vec<String> = TYPES.iter().map(|known| known.to_uppercase()).collect();
        return Err(GraphError::parameter(format!(
            "Param interactive['type'] must be one of {{{}}} - got \"{kind}\".",
            known.join(", ")
        )));
    };
    only(
        map,
        "interactive",
        &["type", "header", "body", "footer", "action"],
    )?;
    let body_limit = if kind == "list" { 4_096 } else { 1_024 };
    if kind == "product" && !map.contains_key("body") {
        // The only kind whose text may be left out: the product card speaks for itself.
    } else {
        let body = object(member(map, "interactive", "body")?, "interactive['body']")?;
        only(body, "interactive['body']", &["text"])?;
        label(body, "interactive['body']", "text", body_limit)?;
    }
    if let Some(footer) = present(map, "footer") {
        if matches!(kind, "location_request_message" | "carousel") {
            return invalid(format!(
                "interactive: a footer is not allowed for type {kind}"
            ));
        }
        label(
            object(footer, "interactive['footer']")?,
            "interactive['footer']",
            "text",
            60,
        )?;
    }
    header(map, kind, media)?;
    let action = object(
        member(map, "interactive", "action")?,
        "interactive['action']",
    )?;
    match kind {
        "button" => buttons(action),
        "list" => list(action),
        "cta_url" => cta_url(action, "interactive['action']"),
        "location_request_message" => named(action, "send_location"),
        "address_message" => {
            named(action, "address_message")?;
            let parameters = object(member(action, ACTION, "parameters")?, PARAMETERS)?;
            only(
                parameters,
                PARAMETERS,
                &["country", "values", "saved_addresses", "validation_errors"],
            )?;
            match label(parameters, PARAMETERS, "country", 2)? {
                "IN" | "SG" => Ok(()),
                other => invalid(format!(
                    "{PARAMETERS}['country'] must be one of IN, SG - got \"{other}\""
                )),
            }
        }
        "flow" => flow(action),
        "product" => {
            only(action, ACTION, &["catalog_id", "product_retailer_id"])?;
            string(action, ACTION, "catalog_id")?;
            string(action, ACTION, "product_retailer_id").map(|_| ())
        }
        "product_list" => product_list(action),
        "catalog_message" => named(action, "catalog_message"),
        "carousel" => carousel(action, media),
        "voice_call" => {
            named(action, "voice_call")?;
            match present(action, "parameters") {
                Some(parameters) => {
                    let parameters = object(parameters, PARAMETERS)?;
                    only(
                        parameters,
                        PARAMETERS,
                        &["display_text", "ttl_minutes", "payload"],
                    )?;
                    optional_label(parameters, PARAMETERS, "display_text", 20)
                }
                None => Ok(()),
            }
        }
        "call_permission_request" => named(action, "call_permission_request"),
        "contact_request" | "request_contact_info" => named(action, "request_contact_info"),
        "order_details" => named(action, "review_and_pay"),
        _ => named(action, "review_order"),
    }
}

const ACTION: &str = "interactive['action']";
const PARAMETERS: &str = "interactive['action']['parameters']";

fn present<'a>(map: &'a Object, key: &str) -> Option<&'a Value> {
    map.get(key).filter(|value| !value.is_null())
}

fn named(action: &Object, name: &str) -> GraphResult<()> {
    match action.get("name") {
        Some(Value::String(given)) if given == name => Ok(()),
        None | Some(Value::Null) => Err(GraphError::new(
            131008,
            format!("Parameter {ACTION}['name'] is required"),
        )),
        Some(other) => invalid(format!(
            "{ACTION}['name'] must be {name} - got \"{}\"",
            text_of(other)
        )),
    }
}

fn header(map: &Object, kind: &str, media: &mut Vec<MediaRef>) -> GraphResult<()> {
    const PATH: &str = "interactive['header']";
    let Some(value) = present(map, "header") else {
        return if kind == "product_list" {
            Err(GraphError::new(
                131008,
                "Parameter interactive['header'] is required for type product_list",
            ))
        } else {
            Ok(())
        };
    };
    let header = object(value, PATH)?;
    let format = string(header, PATH, "type")?;
    only(header, PATH, &["type", format])?;
    let allowed: &[&str] = match kind {
        "button" | "cta_url" | "flow" | "order_details" => &["text", "image", "video", "document"],
        "list" | "product_list" | "catalog_message" | "address_message" => &["text"],
        _ => &[],
    };
    if !allowed.contains(&format) {
        return invalid(format!(
            "interactive: a header of type {format} is not allowed for type {kind}"
        ));
    }
    match format {
        "text" => label(header, PATH, "text", 60).map(|_| ()),
        _ => media_header(header, PATH, format, media),
    }
}

fn media_header(
    header: &Object,
    path: &str,
    format: &str,
    media: &mut Vec<MediaRef>,
) -> GraphResult<()> {
    let kind = match format {
        "image" => "image",
        "video" => "video",
        _ => "document",
    };
    let content = member(header, path, kind)?;
    media.push(content::media(kind, content, &format!("{path}['{kind}']"))?);
    Ok(())
}

fn buttons(action: &Object) -> GraphResult<()> {
    only(action, ACTION, &["buttons"])?;
    let buttons = array(action, ACTION, "buttons")?;
    if !(1..=3).contains(&buttons.len()) {
        return invalid("Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3");
    }
    let mut ids = Vec::new();
    let mut titles = Vec::new();
    for (index, button) in buttons.iter().enumerate() {
        let path = format!("{ACTION}['buttons'][{index}]");
        let button = object(button, &path)?;
        only(button, &path, &["type", "reply"])?;
        if button.get("type").is_some_and(|kind| kind != "reply") {
            return invalid(format!("{path}['type'] must be reply"));
        }
        let reply_path = format!("{path}['reply']");
        let reply = object(member(button, &path, "reply")?, &reply_path)?;
        only(reply, &reply_path, &["id", "title"])?;
        unique(
            &mut ids,
            label(reply, &reply_path, "id", 256)?,
            "Button ids must be unique",
        )?;
        unique(
            &mut titles,
            label(reply, &reply_path, "title", 20)?,
            "Button titles must be unique",
        )?;
    }
    Ok(())
}

fn unique<'a>(seen: &mut Vec<&'a str>, text: &'a str, complaint: &str) -> GraphResult<()> {
    if seen.contains(&text) {
        return invalid(format!("{complaint}: \"{text}\" is given twice"));
    }
    seen.push(text);
    Ok(())
}

fn list(action: &Object) -> GraphResult<()> {
    only(action, ACTION, &["button", "sections"])?;
    label(action, ACTION, "button", 20)?;
    let sections = array(action, ACTION, "sections")?;
    if !(1..=10).contains(&sections.len()) {
        return invalid(
            "Invalid sections count. Min allowed sections: 1, Max allowed sections: 10",
        );
    }
    let mut ids = Vec::new();
    for (index, section) in sections.iter().enumerate() {
        let path = format!("{ACTION}['sections'][{index}]");
        let section = object(section, &path)?;
        only(section, &path, &["title", "rows"])?;
        section_title(section, &path, sections.len())?;
        let rows = array(section, &path, "rows")?;
        if rows.is_empty() {
            return invalid(format!("{path}['rows'] must have at least one row"));
        }
        for (index, row) in rows.iter().enumerate() {
            let path = format!("{path}['rows'][{index}]");
            let row = object(row, &path)?;
            only(row, &path, &["id", "title", "description"])?;
            unique(
                &mut ids,
                label(row, &path, "id", 200)?,
                "Row ids must be unique",
            )?;
            label(row, &path, "title", 24)?;
            optional_label(row, &path, "description", 72)?;
        }
    }
    if ids.len() > 10 {
        return invalid("Total row count exceed max allowed count: 10");
    }
    Ok(())
}

fn section_title(section: &Object, path: &str, sections: usize) -> GraphResult<()> {
    if sections > 1 {
        label(section, path, "title", 24).map(|_| ())
    } else {
        optional_label(section, path, "title", 24)
    }
}

fn cta_url(action: &Object, path: &str) -> GraphResult<()> {
    only(action, path, &["name", "parameters"])?;
    if member(action, path, "name")? != "cta_url" {
        return invalid(format!("{path}['name'] must be cta_url"));
    }
    let parameters_path = format!("{path}['parameters']");
    let parameters = object(member(action, path, "parameters")?, &parameters_path)?;
    only(parameters, &parameters_path, &["display_text", "url"])?;
    label(parameters, &parameters_path, "display_text", 20)?;
    let Some(url) = member(parameters, &parameters_path, "url")?.as_str() else {
        return Err(GraphError::parameter(format!(
            "Param {parameters_path}['url'] must be a string."
        )));
    };
    if url.chars().count() > 2_000 || !is_web_link(url) {
        return invalid(format!("{parameters_path}['url'] is not a valid URL"));
    }
    Ok(())
}

fn flow(action: &Object) -> GraphResult<()> {
    named(action, "flow")?;
    let parameters = object(member(action, ACTION, "parameters")?, PARAMETERS)?;
    let version = text_of(member(parameters, PARAMETERS, "flow_message_version")?);
    if version != "3" {
        return invalid(format!("{PARAMETERS}['flow_message_version'] must be 3"));
    }
    if present(parameters, "flow_id").is_some() == present(parameters, "flow_name").is_some() {
        return Err(GraphError::new(
            131008,
            format!("Parameter {PARAMETERS} must have either flow_id or flow_name"),
        ));
    }
    only(
        parameters,
        PARAMETERS,
        &[
            "flow_message_version",
            "flow_id",
            "flow_name",
            "flow_cta",
            "flow_token",
            "mode",
            "flow_action",
            "flow_action_payload",
        ],
    )?;
    let cta = label(parameters, PARAMETERS, "flow_cta", 30)?;
    let pictograph = |c: char| matches!(u32::from(c), 0x1F000..=0x1FAFF | 0x2600..=0x27BF | 0xFE0F);
    if cta.chars().any(pictograph) {
        return invalid(format!("{PARAMETERS}['flow_cta'] must not have emoji"));
    }
    for (key, allowed) in [
        ("mode", ["draft", "published"]),
        ("flow_action", ["navigate", "data_exchange"]),
    ] {
        if let Some(value) = present(parameters, key)
            && !allowed.iter().any(|known| value == known)
        {
            return invalid(format!(
                "{PARAMETERS}['{key}'] must be one of {}",
                allowed.join(", ")
            ));
        }
    }
    Ok(())
}

fn product_list(action: &Object) -> GraphResult<()> {
    only(action, ACTION, &["catalog_id", "sections"])?;
    string(action, ACTION, "catalog_id")?;
    let sections = array(action, ACTION, "sections")?;
    if !(1..=10).contains(&sections.len()) {
        return invalid(
            "Invalid sections count. Min allowed sections: 1, Max allowed sections: 10",
        );
    }
    let mut products = 0;
    for (index, section) in sections.iter().enumerate() {
        let path = format!("{ACTION}['sections'][{index}]");
        let section = object(section, &path)?;
        only(section, &path, &["title", "product_items"])?;
        section_title(section, &path, sections.len())?;
        for (index, item) in array(section, &path, "product_items")?.iter().enumerate() {
            let path = format!("{path}['product_items'][{index}]");
            string(object(item, &path)?, &path, "product_retailer_id")?;
            products += 1;
        }
    }
    if !(1..=30).contains(&products) {
        return invalid("Invalid product count. Min allowed products: 1, Max allowed products: 30");
    }
    Ok(())
}

fn carousel(action: &Object, media: &mut Vec<MediaRef>) -> GraphResult<()> {
    let cards = array(action, ACTION, "cards")?;
    if !(2..=10).contains(&cards.len()) {
        return invalid("Invalid cards count. Min allowed cards: 2, Max allowed cards: 10");
    }
    for (index, card) in cards.iter().enumerate() {
        let path = format!("{ACTION}['cards'][{index}]");
        let card = object(card, &path)?;
        let card_index = member(card, &path, "card_index")?;
        if card_index.as_u64() != Some(index as u64) {
            return invalid(format!("{path}['card_index'] must be {index}"));
        }
        only(
            card,
            &path,
            &["card_index", "type", "header", "body", "action"],
        )?;
        let kind = string(card, &path, "type")?;
        if kind == "product" {
            only(card, &path, &["card_index", "type", "action"])?;
            let action_path = format!("{path}['action']");
            let action = object(member(card, &path, "action")?, &action_path)?;
            string(action, &action_path, "product_retailer_id")?;
            string(action, &action_path, "catalog_id")?;
            continue;
        }
        if !matches!(kind, "cta_url" | "button") {
            return invalid(format!(
                "{path}['type'] must be one of cta_url, button, product - got \"{kind}\""
            ));
        }
        let header_path = format!("{path}['header']");
        let header = object(member(card, &path, "header")?, &header_path)?;
        match string(header, &header_path, "type")? {
            format @ ("image" | "video") => media_header(header, &header_path, format, media)?,
            other => {
                return invalid(format!(
                    "{header_path}['type'] must be image or video - got \"{other}\""
                ));
            }
        }
        if let Some(body) = present(card, "body") {
            let body_path = format!("{path}['body']");
            let text = label(object(body, &body_path)?, &body_path, "text", 160)?;
            if text.matches('\n').count() > 2 {
                return invalid(format!(
                    "{body_path}['text'] may have at most 2 line breaks"
                ));
            }
        }
        let action_path = format!("{path}['action']");
        let action = object(member(card, &path, "action")?, &action_path)?;
        if kind == "cta_url" {
            cta_url(action, &action_path)?;
            continue;
        }
        let buttons = array(action, &action_path, "buttons")?;
        if !(1..=2).contains(&buttons.len()) {
            return invalid(
                "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 2",
            );
        }
        for (index, button) in buttons.iter().enumerate() {
            let path = format!("{action_path}['buttons'][{index}]");
            let button = object(button, &path)?;
            if member(button, &path, "type")? != "quick_reply" {
                return invalid(format!("{path}['type'] must be quick_reply"));
            }
            let reply_path = format!("{path}['quick_reply']");
            let reply = object(member(button, &path, "quick_reply")?, &reply_path)?;
            label(reply, &reply_path, "id", 256)?;
            label(reply, &reply_path, "title", 20)?;
        }
    }
    Ok(())
}
