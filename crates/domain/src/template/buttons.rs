//! Buttons: how many of which kind, in which order, and what each needs.

use serde_json::Value;

use super::parts::kind_of;
use super::variables::placeholders;
use super::{Check, rules};

/// How many of a kind there may be.
const MOST: &[(&str, usize)] = &[
    ("QUICK_REPLY", 10),
    ("URL", 2),
    ("PHONE_NUMBER", 1),
    ("COPY_CODE", 1),
    ("FLOW", 1),
    ("CATALOG", 1),
    ("MPM", 1),
    ("SPM", 1),
    ("VOICE_CALL", 1),
    ("REQUEST_CONTACT_INFO", 1),
    ("ORDER_DETAILS", 1),
    ("REMINDER", 1),
];
/// Hosts that hide where they lead.
const SHORTENERS: &[&str] = &[
    "wa.me",
    "bit.ly",
    "t.co",
    "goo.gl",
    "tinyurl.com",
    "ow.ly",
    "is.gd",
    "cutt.ly",
    "rb.gy",
    "api.whatsapp.com",
    "chat.whatsapp.com",
];

impl Check {
    pub(super) fn buttons(&mut self, part: &Value, field: &str) {
        let field = format!("{field}.buttons");
        let Some(buttons) = part["buttons"].as_array().filter(|list| !list.is_empty()) else {
            self.add(rules::BUTTONS_COUNT, field, "must be a list of buttons");
            return;
        };
        self.buttons_in(buttons, 10, &field);
    }

    pub(super) fn buttons_in(&mut self, buttons: &[Value], most: usize, field: &str) {
        if buttons.len() > most {
            let said = format!("has {} buttons; {most} are allowed", buttons.len());
            self.add(rules::BUTTONS_COUNT, field, said);
        }
        let kinds: Vec<_> = buttons.iter().map(kind_of).collect();
        for (kind, most) in MOST {
            let count = kinds.iter().filter(|known| *known == kind).count();
            if count > *most {
                let said = format!("has {count} buttons {kind}; {most} are allowed");
                self.add(rules::BUTTONS_COUNT, field, said);
            }
        }
        // Going along, quick replies begin or end once, and then at an edge.
        let turns = kinds
            .windows(2)
            .filter(|pair| (pair[0] == "QUICK_REPLY") != (pair[1] == "QUICK_REPLY"))
            .count();
        if turns > 1 {
            self.add(
                rules::BUTTONS_ORDER,
                field,
                "must have its quick replies together, before the other buttons or behind them",
            );
        }
        for (place, (button, kind)) in buttons.iter().zip(&kinds).enumerate() {
            self.button(button, kind, &format!("{field}[{place}]"));
        }
    }

    fn button(&mut self, button: &Value, kind: &str, field: &str) {
        match kind {
            "OTP" => {
                self.add(
                    rules::CATEGORY_FITS,
                    format!("{field}.type"),
                    "a button for one-time codes is for AUTHENTICATION",
                );
                return;
            }
            "COPY_CODE" => {
                let example = &button["example"];
                let code = example.as_str().or_else(|| example[0].as_str());
                let fits = code.is_some_and(|code| {
                    (1..=20).contains(&code.chars().count())
                        && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
                });
                if !fits {
                    self.add(
                        rules::CODE,
                        format!("{field}.example"),
                        "must be an example code of 1 to 20 letters and digits",
                    );
                }
            }
            "URL" => self.url(button, field),
            "PHONE_NUMBER" => {
                let number = button["phone_number"].as_str().unwrap_or_default();
                let digits = number.strip_prefix('+').unwrap_or(number);
                let fits = (5..=20).contains(&number.len())
                    && digits.bytes().all(|byte| byte.is_ascii_digit());
                if !fits {
                    self.add(
                        rules::PHONE,
                        format!("{field}.phone_number"),
                        "must be a phone number such as +34612345678",
                    );
                }
            }
            "FLOW" => {
                let ways = ["flow_id", "flow_name", "flow_json"];
                let given = ways.iter().filter(|way| !button[**way].is_null()).count();
                if given != 1 {
                    self.add(
                        rules::FLOW,
                        field,
                        "must name its flow by one of flow_id, flow_name and flow_json",
                    );
                }
            }
            known if MOST.iter().any(|(name, _)| *name == known) => {}
            other => {
                let said = format!("\"{other}\" is no kind of button");
                self.add(rules::BUTTON_KNOWN, format!("{field}.type"), said);
                return;
            }
        }
        self.label(button, field, kind);
    }

    fn label(&mut self, button: &Value, field: &str, kind: &str) {
        // What these say is Meta's to write.
        let optional = matches!(
            kind,
            "COPY_CODE" | "CATALOG" | "MPM" | "SPM" | "ORDER_DETAILS" | "REMINDER"
        );
        let text = &button["text"];
        if optional && text.is_null() {
            return;
        }
        let field = format!("{field}.text");
        let Some(text) = text.as_str().filter(|text| !text.trim().is_empty()) else {
            self.add(rules::BUTTON_TEXT, field, "must be a text");
            return;
        };
        if text.contains("{{") || text.contains('\n') {
            self.add(
                rules::BUTTON_TEXT,
                field.as_str(),
                "may have no variables and no line break",
            );
        }
        if text.chars().count() > 25 {
            self.add(rules::BUTTON_LENGTH, field, "may have 25 characters");
        }
    }

    fn url(&mut self, button: &Value, field: &str) {
        let url = button["url"].as_str().unwrap_or_default();
        let (found, whole) = placeholders(url);
        let here = format!("{field}.url");
        let host = url
            .strip_prefix("https://")
            .map(|rest| rest.split(['/', '?', '#', ':']).next().unwrap_or_default())
            .map(|host| host.strip_prefix("www.").unwrap_or(host));
        let named = host.is_some_and(|host| {
            host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
                && host
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        });
        if !named || url.contains(char::is_whitespace) {
            self.add(
                rules::URL_FORM,
                here.as_str(),
                "must be an address such as https://example.com/orders",
            );
        } else if host.is_some_and(|host| SHORTENERS.contains(&host.to_ascii_lowercase().as_str()))
        {
            self.add(
                rules::URL_FORM,
                here.as_str(),
                "must lead to a site of your own; WhatsApp takes no shortened addresses and none of its own",
            );
        }
        if url.chars().count() > 2_000 {
            self.add(rules::URL_FORM, here.as_str(), "may have 2000 characters");
        }
        let at_end = match found.as_slice() {
            [] => true,
            [one] => one.name == "1" && one.to == url.len(),
            _ => false,
        };
        if !at_end || !whole {
            self.add(
                rules::URL_FORM,
                here,
                "may have one variable, {{1}}, at its end",
            );
        }
        if !found.is_empty() {
            let example = &button["example"];
            let given = example.as_array().is_some_and(|list| {
                list.len() == 1 && list[0].as_str().is_some_and(|text| !text.is_empty())
            });
            if !given {
                self.add(
                    rules::URL_EXAMPLE,
                    format!("{field}.example"),
                    "must be a list with one example of the address",
                );
            }
        }
    }
}
