//! Templates for one-time codes: their texts are Meta's, and one button hands the code over.

use serde_json::Value;

use super::parts::kind_of;
use super::{Check, rules};

impl Check {
    pub(super) fn authentication(&mut self, parts: &[Value]) {
        let mut has_button = false;
        for (place, part) in parts.iter().enumerate() {
            let field = format!("components[{place}]");
            match kind_of(part).as_str() {
                "BODY" => {
                    if !part["text"].is_null() {
                        self.add(
                            rules::AUTHENTICATION,
                            format!("{field}.text"),
                            "must be left out: the text of a one-time code is WhatsApp's own",
                        );
                    }
                    let advice = &part["add_security_recommendation"];
                    if !advice.is_null() && !advice.is_boolean() {
                        self.add(
                            rules::AUTHENTICATION,
                            format!("{field}.add_security_recommendation"),
                            "must be true or false",
                        );
                    }
                }
                "FOOTER" => {
                    let minutes = &part["code_expiration_minutes"];
                    let fits = minutes
                        .as_i64()
                        .is_some_and(|minutes| (1..=90).contains(&minutes));
                    if !fits {
                        self.add(
                            rules::AUTHENTICATION,
                            format!("{field}.code_expiration_minutes"),
                            "must be 1 to 90 minutes",
                        );
                    }
                    if !part["text"].is_null() {
                        self.add(
                            rules::AUTHENTICATION,
                            format!("{field}.text"),
                            "must be left out: the text of a one-time code is WhatsApp's own",
                        );
                    }
                }
                "BUTTONS" => {
                    has_button = true;
                    let buttons = part["buttons"].as_array().map_or(&[][..], Vec::as_slice);
                    match buttons {
                        [one] => self.otp(one, &format!("{field}.buttons[0]")),
                        _ => self.add(
                            rules::OTP,
                            format!("{field}.buttons"),
                            "must be one button of the type OTP",
                        ),
                    }
                }
                other => {
                    let said =
                        format!("{other} does not belong into a template for one-time codes");
                    self.add(rules::AUTHENTICATION, format!("{field}.type"), said);
                }
            }
        }
        if !has_button {
            self.add(
                rules::OTP,
                "components",
                "must have a button of the type OTP",
            );
        }
    }

    fn otp(&mut self, button: &Value, field: &str) {
        if kind_of(button) != "OTP" {
            self.add(rules::OTP, format!("{field}.type"), "must be OTP");
            return;
        }
        let way = button["otp_type"]
            .as_str()
            .unwrap_or_default()
            .to_uppercase();
        if !["COPY_CODE", "ONE_TAP", "ZERO_TAP"].contains(&way.as_str()) {
            self.add(
                rules::OTP,
                format!("{field}.otp_type"),
                "must be COPY_CODE, ONE_TAP or ZERO_TAP",
            );
            return;
        }
        for label in ["text", "autofill_text"] {
            let text = &button[label];
            let fits = text.is_null()
                || text
                    .as_str()
                    .is_some_and(|text| (1..=25).contains(&text.chars().count()));
            if !fits {
                self.add(
                    rules::OTP,
                    format!("{field}.{label}"),
                    "must be a text of 1 to 25 characters, or be left out",
                );
            }
        }
        if way == "COPY_CODE" {
            return;
        }
        let apps = button["supported_apps"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let whole = |app: &Value| {
            let text = |key: &str| app[key].as_str().unwrap_or_default();
            text("package_name").contains('.') && text("signature_hash").len() == 11
        };
        if !(1..=5).contains(&apps.len()) || !apps.iter().all(whole) {
            self.add(
                rules::OTP,
                format!("{field}.supported_apps"),
                "must be one to five apps, each with package_name (com.example.app) and signature_hash (11 characters)",
            );
        }
        if way == "ZERO_TAP" && button["zero_tap_terms_accepted"] != true {
            self.add(
                rules::OTP,
                format!("{field}.zero_tap_terms_accepted"),
                "must be true: whoever uses it accepts WhatsApp's terms of zero-tap",
            );
        }
    }
}
