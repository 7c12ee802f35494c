//! Variables of a text: where they are, and whether they stand as Meta wants them.

use serde_json::Value;

use super::text::{self, is_one_line};
use super::{Check, Definition, is_named, rules};

/// A variable of a template.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Variable {
    /// Where it stands: `header`, `body`, `buttons[0]`, `cards[1].body` …
    pub component: String,
    /// `1`, `2` … or its name.
    pub name: String,
    /// What it may be filled with.
    pub example: Option<String>,
}

/// A `{{…}}` in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placeholder<'a> {
    pub(super) name: &'a str,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The placeholders of a text; false where braces are left over.
pub(super) fn placeholders(text: &str) -> (Vec<Placeholder<'_>>, bool) {
    let (mut found, mut at, mut whole) = (Vec::new(), 0, true);
    while let Some(start) = text[at..].find("{{").map(|place| at + place) {
        whole &= !text[at..start].contains("}}");
        let Some(end) = text[start + 2..].find("}}").map(|place| start + 2 + place) else {
            return (found, false);
        };
        found.push(Placeholder {
            name: &text[start + 2..end],
            from: start,
            to: end + 2,
        });
        at = end + 2;
    }
    whole &= !text[at..].contains("}}");
    (found, whole)
}

/// The text without its placeholders.
pub(super) fn without(text: &str) -> String {
    let (found, _) = placeholders(text);
    let (mut rest, mut at) = (String::new(), 0);
    for one in found {
        rest.push_str(&text[at..one.from]);
        rest.push(' ');
        at = one.to;
    }
    rest.push_str(&text[at..]);
    rest
}

impl Check {
    /// Form, order and number of the variables of a header or a body. Gives their names.
    pub(super) fn variables<'a>(&mut self, text: &'a str, field: &str) -> Vec<&'a str> {
        let (found, whole) = placeholders(text);
        let named = self.named;
        if !whole {
            self.add(
                rules::VARIABLE_FORM,
                field,
                "has {{ or }} that belong to no variable",
            );
        }
        let fits = |name: &str| {
            if named {
                !name.is_empty()
                    && name.bytes().any(|byte| byte.is_ascii_lowercase())
                    && name
                        .bytes()
                        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
            } else {
                name.len() < 4
                    && !name.starts_with('0')
                    && !name.is_empty()
                    && name.bytes().all(|byte| byte.is_ascii_digit())
            }
        };
        if let Some(wrong) = found.iter().find(|one| !fits(one.name)) {
            let name = wrong.name;
            let said = if named {
                format!(
                    "has the variable {{{{{name}}}}}: names are small letters, digits and _, such as {{{{first_name}}}}"
                )
            } else {
                format!("has the variable {{{{{name}}}}}: it must be a number, such as {{{{1}}}}")
            };
            self.add(rules::VARIABLE_FORM, field, said);
            return found.into_iter().map(|one| one.name).collect();
        }
        let names: Vec<&str> = found.iter().map(|one| one.name).collect();
        if let Some(twice) = names
            .iter()
            .enumerate()
            .find(|(place, name)| names[..*place].contains(name))
        {
            let said = format!("has the variable {{{{{}}}}} twice", twice.1);
            self.add(rules::VARIABLE_ONCE, field, said);
        } else if !named {
            let mut numbers: Vec<usize> =
                names.iter().filter_map(|name| name.parse().ok()).collect();
            numbers.sort_unstable();
            if numbers
                .iter()
                .zip(1..)
                .any(|(number, place)| *number != place)
            {
                let said = format!(
                    "must have the variables {{{{1}}}} to {{{{{}}}}} with none left out",
                    numbers.len()
                );
                self.add(rules::VARIABLE_ORDER, field, said);
            }
        }
        let side_by_side = found
            .windows(2)
            .any(|pair| !text[pair[0].to..pair[1].from].contains(char::is_alphanumeric));
        if side_by_side {
            self.add(
                rules::VARIABLE_ADJACENT,
                field,
                "has two variables side by side; write a word between them",
            );
        }
        names
    }

    /// What holds for the variables of a body beside.
    pub(super) fn variables_of_body(&mut self, text: &str, field: &str) {
        let (found, _) = placeholders(text);
        let (Some(first), Some(last)) = (found.first(), found.last()) else {
            return;
        };
        let bare = |piece: &str| !piece.contains(char::is_alphanumeric);
        if bare(&text[..first.from]) || bare(&text[last.to..]) && text[last.to..].trim().is_empty()
        {
            self.add(
                rules::VARIABLE_EDGE,
                field,
                "may not begin or end with a variable; put a word before and behind it",
            );
        }
        // The ratio is not written down; known is that 2n + 1 words, the variables among them, are enough for n.
        let (words, variables) = (text::words(text), found.len());
        if words < 2 * variables + 1 {
            let said = format!(
                "has {variables} variables and only {words} words; WhatsApp wants at least {}",
                2 * variables + 1
            );
            self.add(rules::VARIABLE_MANY, field, said);
        }
    }

    /// Examples of the variables of a header or a body.
    pub(super) fn examples(&mut self, part: &Value, kind: &str, names: &[&str], field: &str) {
        if names.is_empty() {
            return;
        }
        let given = examples(part, kind, self.named);
        let wrong = if self.named {
            names
                .iter()
                .any(|name| given.iter().filter(|(known, _)| known == name).count() != 1)
                || given.len() != names.len()
        } else {
            given.len() != names.len()
        };
        let unusable = given
            .iter()
            .any(|(_, example)| example.trim().is_empty() || !is_one_line(example));
        if wrong {
            let said = if kind == "body" && part["example"]["body_text"][0].is_string() {
                "must have body_text as a list of lists: [[\"Ana\", \"OC-1001\"]]".to_owned()
            } else {
                format!(
                    "needs an example for each variable: {} of {} are there",
                    given.len(),
                    names.len()
                )
            };
            self.add(rules::EXAMPLE, format!("{field}.example"), said);
        } else if unusable {
            self.add(
                rules::EXAMPLE,
                format!("{field}.example"),
                "needs a text of one line for each variable",
            );
        }
    }
}

/// The examples of a header (`header`) or a body (`body`) with the names that they are of.
fn examples<'a>(part: &'a Value, kind: &str, named: bool) -> Vec<(String, &'a str)> {
    let example = &part["example"];
    if named {
        let list = example[format!("{kind}_text_named_params")].as_array();
        return list
            .into_iter()
            .flatten()
            .filter_map(|one| {
                Some((
                    one["param_name"].as_str()?.to_owned(),
                    one["example"].as_str()?,
                ))
            })
            .collect();
    }
    let list = &example[format!("{kind}_text")];
    // A body's lie one level deeper, as there may be several sets of them.
    let list = if kind == "body" { &list[0] } else { list };
    let texts = list.as_array().into_iter().flatten();
    texts
        .zip(1..)
        .filter_map(|(one, place): (_, usize)| Some((place.to_string(), one.as_str()?)))
        .collect()
}

/// Every variable of a template in the order in which it stands, with its example.
#[must_use]
pub fn variables(template: &Definition) -> Vec<Variable> {
    let named = is_named(template.parameter_format.as_deref());
    let mut all = Vec::new();
    of_parts(&template.components, "", named, &mut all);
    all
}

fn of_parts(parts: &Value, within: &str, named: bool, all: &mut Vec<Variable>) {
    for part in parts.as_array().into_iter().flatten() {
        let kind = part["type"].as_str().unwrap_or_default().to_lowercase();
        match kind.as_str() {
            "header" | "body" => {
                let examples = examples(part, &kind, named);
                let text = part["text"].as_str().unwrap_or_default();
                for one in placeholders(text).0 {
                    let example = examples.iter().find(|(name, _)| name == one.name);
                    all.push(Variable {
                        component: format!("{within}{kind}"),
                        name: one.name.to_owned(),
                        example: example.map(|(_, text)| (*text).to_owned()),
                    });
                }
            }
            "buttons" => {
                let buttons = part["buttons"].as_array().into_iter().flatten();
                for (place, button) in buttons.enumerate() {
                    let url = button["url"].as_str().unwrap_or_default();
                    for one in placeholders(url).0 {
                        let example = &button["example"];
                        let example = example[0].as_str().or_else(|| example.as_str());
                        all.push(Variable {
                            component: format!("{within}buttons[{place}]"),
                            name: one.name.to_owned(),
                            example: example.map(str::to_owned),
                        });
                    }
                }
            }
            "carousel" => {
                let cards = part["cards"].as_array().into_iter().flatten();
                for (place, card) in cards.enumerate() {
                    of_parts(&card["components"], &format!("cards[{place}]."), named, all);
                }
            }
            _ => {}
        }
    }
}
