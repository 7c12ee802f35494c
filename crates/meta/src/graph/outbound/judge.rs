//! The pieces of a sent template against the pieces of its definition.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::form::Problem;
use crate::limits;

/// Gathers what does not fit.
pub(super) struct Judge {
    pub(super) named: bool,
    pub(super) problems: Vec<Problem>,
}

pub(super) fn things<'a>(of: &'a Value, member: &str) -> &'a [Value] {
    of[member].as_array().map_or(&[], Vec::as_slice)
}

pub(super) fn is(value: &Value, word: &str) -> bool {
    value
        .as_str()
        .is_some_and(|given| given.eq_ignore_ascii_case(word))
}

/// A sent component with its place.
type Sent<'a> = (usize, &'a Value);

impl Judge {
    fn add(&mut self, field: String, code: i64, problem: String) {
        self.problems.push(Problem {
            field,
            problem,
            code,
        });
    }

    pub(super) fn components(&mut self, defined: &[Value], sent: &[Value], path: &str) {
        let find = |kind: &str| {
            let mut found = sent.iter().enumerate();
            found.find(|(_, component)| is(&component["type"], kind))
        };
        for part in defined {
            let kind = part["type"].as_str().unwrap_or_default().to_uppercase();
            match kind.as_str() {
                "HEADER" => self.header(part, find("header"), path),
                "BODY" => self.body(part, find("body"), path),
                "BUTTONS" => self.buttons(things(part, "buttons"), sent, path),
                "CAROUSEL" => self.carousel(things(part, "cards"), find("carousel"), path),
                "LIMITED_TIME_OFFER" => {
                    let ends = part["limited_time_offer"]["has_expiration"] == true;
                    let given = find("limited_time_offer")
                        .map_or(&[][..], |(_, component)| things(component, "parameters"));
                    if ends && given.is_empty() {
                        self.add(
                            format!("{path}.components"),
                            131_008,
                            "the offer of this template needs the time when it ends".to_owned(),
                        );
                    }
                }
                _ => {}
            }
        }
        for kind in ["header", "body"] {
            let has = defined.iter().any(|part| is(&part["type"], kind));
            let given =
                find(kind).filter(|(_, component)| !things(component, "parameters").is_empty());
            if let (false, Some((place, component))) = (has, given) {
                let given = things(component, "parameters").len();
                self.count(&at(path, place), kind, given, 0);
            }
        }
        let has_buttons = defined.iter().any(|part| is(&part["type"], "buttons"));
        if !has_buttons {
            self.buttons(&[], sent, path);
        }
    }

    fn count(&mut self, field: &str, part: &str, given: usize, expected: usize) {
        let values = match expected {
            0 => "takes no values".to_owned(),
            1 => "takes one value".to_owned(),
            several => format!("takes {several} values"),
        };
        let said = format!("the {part} of this template {values}, {given} given");
        self.add(field.to_owned(), 132_000, said);
    }

    /// A text with variables; the values as they are shown.
    fn variables(&mut self, part: &str, text: &str, sent: Option<Sent<'_>>, path: &str) {
        let given = sent.map_or(&[][..], |(_, component)| things(component, "parameters"));
        let field = sent.map_or_else(
            || format!("{path}.components"),
            |(place, _)| at(path, place),
        );
        let expected = placeholders(text);
        if given.len() != expected.len() {
            return self.count(&field, part, given.len(), expected.len());
        }
        for (place, parameter) in given.iter().enumerate() {
            let kind = parameter["type"].as_str().unwrap_or_default();
            if !matches!(kind, "text" | "currency" | "date_time") {
                let said = format!("the {part} of this template takes a text here, not {kind}");
                self.add(format!("{field}[{place}].type"), 132_012, said);
                continue;
            }
            if !self.named {
                // Meta goes by the place: names would be sent in an order that nobody sees.
                if parameter
                    .get("parameter_name")
                    .is_some_and(|name| !name.is_null())
                {
                    let said = "the variables of this template have numbers: give the values in their order, without names";
                    self.add(
                        format!("{field}[{place}].parameter_name"),
                        132_012,
                        said.to_owned(),
                    );
                }
                continue;
            }
            let name = parameter["parameter_name"].as_str().unwrap_or_default();
            let field = format!("{field}[{place}].parameter_name");
            if name.is_empty() {
                let said = format!(
                    "is missing: the variables of this template have names: {}",
                    expected.join(", ")
                );
                self.add(field, 100, said);
            } else if !expected.iter().any(|known| known == name) {
                let said = format!(
                    "the {part} of this template has no variable {name}; there are {}",
                    expected.join(", ")
                );
                self.add(field, 132_012, said);
            }
        }
    }

    fn header(&mut self, part: &Value, sent: Option<Sent<'_>>, path: &str) {
        let format = part["format"].as_str().unwrap_or("TEXT").to_uppercase();
        if format == "TEXT" {
            let text = part["text"].as_str().unwrap_or_default();
            return self.variables("header", text, sent, path);
        }
        let given = sent.map_or(&[][..], |(_, component)| things(component, "parameters"));
        let field = sent.map_or_else(
            || format!("{path}.components"),
            |(place, _)| at(path, place),
        );
        let wanted = format.to_lowercase();
        match given {
            [one] if is(&one["type"], &format) => {}
            [one] => {
                let kind = one["type"].as_str().unwrap_or_default();
                let said = format!("the header of this template takes {wanted}, not {kind}");
                self.add(format!("{field}[0].type"), 132_012, said);
            }
            [] => {
                let said = format!("the header of this template needs its {wanted}");
                self.add(field, 132_012, said);
            }
            more => self.count(&field, "header", more.len(), 1),
        }
    }

    fn body(&mut self, part: &Value, sent: Option<Sent<'_>>, path: &str) {
        let Some(text) = part["text"].as_str() else {
            return;
        };
        self.variables("body", text, sent, path);
        let given = sent.map_or(&[][..], |(_, component)| things(component, "parameters"));
        let length = render(text, given).chars().count();
        let most = limits::TEMPLATE_BODY_MAX_CHARS;
        if length > most {
            let field = sent.map_or_else(
                || format!("{path}.components"),
                |(place, _)| at(path, place),
            );
            let said = format!(
                "the text with its values has {length} characters, at most {most} are allowed"
            );
            self.add(field, 132_005, said);
        }
    }

    fn buttons(&mut self, defined: &[Value], sent: &[Value], path: &str) {
        let sent: Vec<(usize, u64, &Value)> = sent
            .iter()
            .enumerate()
            .filter(|(_, component)| is(&component["type"], "button"))
            .filter_map(|(place, component)| {
                let index = &component["index"];
                let index = index
                    .as_u64()
                    .or_else(|| index.as_str().and_then(|text| text.parse().ok()))?;
                Some((place, index, component))
            })
            .collect();
        for (index, button) in (0_u64..).zip(defined) {
            let kind = button["type"].as_str().unwrap_or_default().to_uppercase();
            let needs = match kind.as_str() {
                "URL" => button["url"].as_str().is_some_and(|url| url.contains("{{")),
                "COPY_CODE" | "OTP" | "MPM" => true,
                _ => false,
            };
            let given = sent.iter().find(|(_, place, _)| *place == index);
            let values = given.map_or(&[][..], |(_, _, component)| things(component, "parameters"));
            let field = given.map_or_else(
                || format!("{path}.components"),
                |(place, _, _)| format!("{path}.components[{place}]"),
            );
            if needs && values.is_empty() {
                let said = format!("the button {index} ({kind}) of this template needs a value");
                self.add(field.clone(), 131_008, said);
            }
            let Some((_, _, component)) = given else {
                continue;
            };
            let sub_type = component["sub_type"].as_str().unwrap_or_default();
            let fits = sub_type.eq_ignore_ascii_case(&kind)
                || (kind == "OTP"
                    && ["url", "copy_code"]
                        .iter()
                        .any(|word| sub_type.eq_ignore_ascii_case(word)));
            if !fits {
                let said = format!("the button {index} of this template is {kind}, not {sub_type}");
                self.add(format!("{field}.sub_type"), 132_012, said);
                continue;
            }
            if kind == "URL" && !needs && !values.is_empty() {
                let said = "the address of this button has no variable".to_owned();
                self.add(format!("{field}.parameters"), 132_000, said);
                continue;
            }
            self.button_values(sub_type, &kind, values, &field);
        }
        for (place, index, _) in &sent {
            if *index >= defined.len() as u64 {
                let said = match defined.len() {
                    0 => "this template has no buttons".to_owned(),
                    several => format!("this template has only {several} buttons, counted from 0"),
                };
                self.add(format!("{path}.components[{place}].index"), 131_009, said);
            }
        }
    }

    /// A button takes one kind of value.
    fn button_values(&mut self, sub_type: &str, kind: &str, values: &[Value], field: &str) {
        let wanted = match sub_type.to_lowercase().as_str() {
            // The code of an authentication template is a text on either button.
            "copy_code" if kind == "OTP" => "text",
            "url" => "text",
            "copy_code" => "coupon_code",
            "quick_reply" => "payload",
            "flow" | "catalog" | "mpm" => "action",
            _ => return,
        };
        for (place, value) in values.iter().enumerate() {
            if !is(&value["type"], wanted) {
                let given = value["type"].as_str().unwrap_or_default();
                let said = format!("a button of this kind takes {wanted}, not {given}");
                self.add(format!("{field}.parameters[{place}].type"), 132_012, said);
            }
        }
    }

    fn carousel(&mut self, defined: &[Value], sent: Option<Sent<'_>>, path: &str) {
        let cards = sent.map_or(&[][..], |(_, component)| things(component, "cards"));
        let field = sent.map_or_else(
            || format!("{path}.components"),
            |(place, _)| format!("{path}.components[{place}].cards"),
        );
        // A carousel of products may be sent with up to ten cards like the one that is defined.
        let of_products = defined.first().is_some_and(|card| {
            things(card, "components")
                .iter()
                .any(|part| is(&part["format"], "PRODUCT"))
        });
        let fits = if of_products {
            (limits::CARDS_MIN..=limits::CARDS_MAX).contains(&cards.len())
        } else {
            cards.len() == defined.len()
        };
        if !fits {
            let (given, expected) = (cards.len(), defined.len());
            let said = format!("this template has {expected} cards, {given} given");
            return self.add(field, 132_012, said);
        }
        for (place, card) in cards.iter().enumerate() {
            let Some(like) = defined.get(place).or_else(|| defined.first()) else {
                continue;
            };
            let path = format!("{field}[{place}]");
            self.components(
                things(like, "components"),
                things(card, "components"),
                &path,
            );
        }
    }
}

pub(super) fn at(path: &str, place: usize) -> String {
    format!("{path}.components[{place}].parameters")
}

/// The distinct names between `{{` and `}}`, in order.
fn placeholders(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
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
    let values: BTreeMap<String, &str> = given
        .iter()
        .enumerate()
        .map(|(index, parameter)| {
            let value = parameter["text"]
                .as_str()
                .or_else(|| parameter["currency"]["fallback_value"].as_str())
                .or_else(|| parameter["date_time"]["fallback_value"].as_str());
            let name = parameter["parameter_name"]
                .as_str()
                .map_or_else(|| (index + 1).to_string(), str::to_owned);
            (name, value.unwrap_or_default())
        })
        .collect();
    let mut pieces = text.split("{{");
    let mut shown = pieces.next().unwrap_or_default().to_owned();
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
