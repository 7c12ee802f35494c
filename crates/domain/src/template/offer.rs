//! Limited-time offers.

use serde_json::Value;

use super::parts::kind_of;
use super::{Check, rules};

impl Check {
    pub(super) fn offer(&mut self, part: &Value, all: &[Value], field: &str) {
        let offer = &part["limited_time_offer"];
        let text = offer["text"].as_str().unwrap_or_default();
        if text.trim().is_empty() || text.chars().count() > 16 || text.contains("{{") {
            self.add(
                rules::OFFER,
                format!("{field}.limited_time_offer.text"),
                "must be a text of 1 to 16 characters without variables",
            );
        }
        let ends = &offer["has_expiration"];
        if !ends.is_null() && !ends.is_boolean() {
            self.add(
                rules::OFFER,
                format!("{field}.limited_time_offer.has_expiration"),
                "must be true or false",
            );
        }
        for (place, other) in all.iter().enumerate() {
            let field = format!("components[{place}]");
            match kind_of(other).as_str() {
                "HEADER" => {
                    let format = other["format"].as_str().unwrap_or_default().to_uppercase();
                    if !["IMAGE", "VIDEO"].contains(&format.as_str()) {
                        self.add(
                            rules::OFFER,
                            format!("{field}.format"),
                            "must be IMAGE or VIDEO beside a limited-time offer",
                        );
                    }
                }
                "BUTTONS" => {
                    let buttons = other["buttons"].as_array().into_iter().flatten();
                    for (place, button) in buttons.enumerate() {
                        if !["URL", "COPY_CODE"].contains(&kind_of(button).as_str()) {
                            self.add(
                                rules::OFFER,
                                format!("{field}.buttons[{place}].type"),
                                "must be URL or COPY_CODE beside a limited-time offer",
                            );
                        }
                    }
                }
                _ => {}
            }
        }
        if !all.iter().any(|other| kind_of(other) == "BUTTONS") {
            self.add(
                rules::OFFER,
                "components",
                "must have a button beside a limited-time offer: an address or a code",
            );
        }
    }
}
