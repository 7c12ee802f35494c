//! The webhooks about a template.

use serde_json::{Value, json};

use super::TemplateSpec;
use crate::webhook::Update;

fn of(waba_id: &str, template: &TemplateSpec, field: &str, mut value: Value) -> Update {
    value["message_template_id"] = json!(template.id.parse::<u64>().unwrap_or_default());
    value["message_template_name"] = json!(template.name);
    value["message_template_language"] = json!(template.language);
    Update::of_account(waba_id, field, value)
}

/// `message_template_status_update`; `extra` holds `other_info`, `rejection_info`, `disable_info`.
pub(super) fn status(
    waba_id: &str,
    template: &TemplateSpec,
    event: &str,
    reason: Option<&str>,
    extra: Value,
) -> Update {
    let mut value = json!({
        "event": event,
        "reason": reason,
        "message_template_category": template.category,
    });
    for (key, info) in extra.as_object().into_iter().flatten() {
        value[key.as_str()] = info.clone();
    }
    of(waba_id, template, "message_template_status_update", value)
}

/// `message_template_quality_update`.
pub(super) fn quality(waba_id: &str, template: &TemplateSpec, previous: &str) -> Update {
    let value = json!({"previous_quality_score": previous, "new_quality_score": template.quality});
    of(waba_id, template, "message_template_quality_update", value)
}

/// `template_category_update` a day ahead.
pub(super) fn announced(
    waba_id: &str,
    template: &TemplateSpec,
    correct: &str,
    at_ms: u64,
) -> Update {
    let value = json!({
        "new_category": template.category,
        "correct_category": correct,
        "category_update_timestamp": at_ms / 1_000,
    });
    of(waba_id, template, "template_category_update", value)
}

/// `template_category_update` when it is done.
pub(super) fn recategorised(waba_id: &str, template: &TemplateSpec, previous: &str) -> Update {
    let value = json!({"previous_category": previous, "new_category": template.category});
    of(waba_id, template, "template_category_update", value)
}

/// `message_template_components_update`.
pub(crate) fn components(waba_id: &str, template: &TemplateSpec) -> Update {
    let mut value = json!({"message_template_element": template.text_of("BODY")});
    for (key, kind) in [
        ("message_template_title", "HEADER"),
        ("message_template_footer", "FOOTER"),
    ] {
        let text = template.text_of(kind);
        if !text.is_empty() {
            value[key] = json!(text);
        }
    }
    let all = template.components.as_array().into_iter().flatten();
    let buttons: Vec<Value> = all
        .filter_map(|component| component["buttons"].as_array())
        .flatten()
        .map(|button| {
            let mut told = json!({
                "message_template_button_type": button["type"],
                "message_template_button_text": button["text"],
            });
            for (key, from) in [
                ("message_template_button_url", "url"),
                ("message_template_button_phone_number", "phone_number"),
            ] {
                if !button[from].is_null() {
                    told[key] = button[from].clone();
                }
            }
            told
        })
        .collect();
    if !buttons.is_empty() {
        value["message_template_buttons"] = json!(buttons);
    }
    of(
        waba_id,
        template,
        "message_template_components_update",
        value,
    )
}
