//! Limits of interactive messages, checked on their JSON.

use serde_json::Value;

use crate::limits;

/// Calls `report` with the field and what is wrong with it.
pub(super) fn validate(value: &Value, report: &mut dyn FnMut(String, String)) {
    let kind = value
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let body_max = if kind == "list" {
        limits::TEXT_BODY_MAX_CHARS
    } else {
        limits::INTERACTIVE_BODY_MAX_CHARS
    };
    at_most(value, "/body/text", body_max, report);
    at_most(
        value,
        "/footer/text",
        limits::INTERACTIVE_FOOTER_MAX_CHARS,
        report,
    );
    at_most(
        value,
        "/header/text",
        limits::INTERACTIVE_FOOTER_MAX_CHARS,
        report,
    );
    if matches!(
        kind,
        "button" | "list" | "cta_url" | "location_request_message"
    ) {
        let body = value
            .pointer("/body/text")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if body.trim().is_empty() {
            report(
                "interactive.body.text".to_owned(),
                "must not be empty".to_owned(),
            );
        }
    }
    match kind {
        "button" => validate_buttons(value, report),
        "list" => validate_list(value, report),
        "cta_url" => at_most(
            value,
            "/action/parameters/display_text",
            limits::REPLY_BUTTON_TITLE_MAX_CHARS,
            report,
        ),
        "" => report(
            "interactive.type".to_owned(),
            "must not be empty".to_owned(),
        ),
        _ => {}
    }
}

fn validate_buttons(value: &Value, report: &mut dyn FnMut(String, String)) {
    let buttons = value
        .pointer("/action/buttons")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    if !(1..=limits::REPLY_BUTTONS_MAX).contains(&buttons.len()) {
        report(
            "interactive.action.buttons".to_owned(),
            format!("must be 1 to {}", limits::REPLY_BUTTONS_MAX),
        );
    }
    let mut titles = Vec::new();
    for place in 0..buttons.len() {
        let reply = format!("/action/buttons/{place}/reply");
        at_most(
            value,
            &format!("{reply}/title"),
            limits::REPLY_BUTTON_TITLE_MAX_CHARS,
            report,
        );
        at_most(
            value,
            &format!("{reply}/id"),
            limits::REPLY_BUTTON_ID_MAX_CHARS,
            report,
        );
        let title = value
            .pointer(&format!("{reply}/title"))
            .and_then(Value::as_str)
            .unwrap_or_default();
        if title.is_empty() || titles.contains(&title) {
            report(
                name(&format!("{reply}/title")),
                "must not be empty, nor be there twice".to_owned(),
            );
        }
        titles.push(title);
    }
}

fn validate_list(value: &Value, report: &mut dyn FnMut(String, String)) {
    at_most(
        value,
        "/action/button",
        limits::REPLY_BUTTON_TITLE_MAX_CHARS,
        report,
    );
    let sections = value
        .pointer("/action/sections")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let mut rows = 0;
    for (place, section) in sections.iter().enumerate() {
        let at = format!("/action/sections/{place}");
        at_most(
            value,
            &format!("{at}/title"),
            limits::LIST_ROW_TITLE_MAX_CHARS,
            report,
        );
        let title = section
            .get("title")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if sections.len() > 1 && title.is_empty() {
            report(
                name(&format!("{at}/title")),
                "is required when there are several sections".to_owned(),
            );
        }
        let count = section
            .get("rows")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        for row in 0..count {
            let at = format!("{at}/rows/{row}");
            at_most(
                value,
                &format!("{at}/title"),
                limits::LIST_ROW_TITLE_MAX_CHARS,
                report,
            );
            at_most(
                value,
                &format!("{at}/description"),
                limits::LIST_ROW_DESCRIPTION_MAX_CHARS,
                report,
            );
            at_most(
                value,
                &format!("{at}/id"),
                limits::LIST_ROW_ID_MAX_CHARS,
                report,
            );
        }
        rows += count;
    }
    if !(1..=limits::LIST_ROWS_MAX).contains(&rows) {
        report(
            "interactive.action.sections".to_owned(),
            format!("must hold 1 to {} rows", limits::LIST_ROWS_MAX),
        );
    }
}

fn at_most(value: &Value, pointer: &str, max: usize, report: &mut dyn FnMut(String, String)) {
    let length = value
        .pointer(pointer)
        .and_then(Value::as_str)
        .map_or(0, |text| text.chars().count());
    if length > max {
        report(
            name(pointer),
            format!("has {length} characters, at most {max} are allowed"),
        );
    }
}

fn name(pointer: &str) -> String {
    format!("interactive{}", pointer.replace('/', "."))
}
