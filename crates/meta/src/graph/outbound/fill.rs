//! A template filled with texts: Meta's form of the send, by the template's own definition, and how a phone shows it.
//!
//! What kind of header or button a value is for stands in the definition alone; who fills it knows only texts.

use domain::notification::{Filled, FilledHeader, FilledTexts};
use serde_json::{Value, json};

use super::definition::Definition;
use super::judge::{render, things};
use crate::form::Problem;

/// A template as a phone shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// The header's text, or the word for its file.
    pub header: Option<String>,
    /// The body.
    pub body: String,
    /// The footer.
    pub footer: Option<String>,
    /// What stands on the buttons.
    pub buttons: Vec<String>,
}

impl Definition {
    /// The content of a template message with these values.
    ///
    /// # Errors
    /// Values that the template has no place for.
    pub fn fill(&self, filled: &Filled) -> Result<Value, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut components = Vec::new();
        match &filled.header {
            FilledHeader::Texts(texts) => {
                components.extend(texts_of("header", texts));
                problems.extend(too_long(texts));
            }
            FilledHeader::Media { link, filename } => {
                let format = self.header_format().unwrap_or_default().to_lowercase();
                if matches!(format.as_str(), "image" | "video" | "document") {
                    let mut media = json!({ "link": link });
                    if let (Some(name), "document") = (filename, format.as_str()) {
                        media["filename"] = json!(name);
                    }
                    let parameter = json!({ "type": format, &format: media });
                    components.push(json!({ "type": "header", "parameters": [parameter] }));
                } else {
                    problems.push(Problem {
                        field: "header".to_owned(),
                        problem: "a file is given, and the header of this template takes none"
                            .to_owned(),
                        code: 132_012,
                    });
                }
            }
        }
        components.extend(texts_of("body", &filled.body));
        let buttons = self.buttons();
        for (index, value) in &filled.buttons {
            let kind = usize::try_from(*index)
                .ok()
                .and_then(|index| buttons.get(index));
            let address = kind.and_then(|button| button["url"].as_str());
            let kind = kind
                .and_then(|button| button["type"].as_str())
                .unwrap_or_default()
                .to_uppercase();
            let (sub_type, parameter) = match kind.as_str() {
                "URL" => {
                    let value = in_address(value);
                    let length = address.unwrap_or_default().len() + value.len();
                    if length > ADDRESS_MAX {
                        problems.push(Problem {
                            field: "buttons".to_owned(),
                            problem: format!(
                                "the address of the button {index} has {length} characters, and {ADDRESS_MAX} are allowed"
                            ),
                            code: 132_005,
                        });
                    }
                    ("url", json!({ "type": "text", "text": value }))
                }
                "OTP" => ("url", json!({ "type": "text", "text": value })),
                "COPY_CODE" => (
                    "copy_code",
                    json!({ "type": "coupon_code", "coupon_code": value }),
                ),
                "QUICK_REPLY" => (
                    "quick_reply",
                    json!({ "type": "payload", "payload": value }),
                ),
                _ => {
                    let said = match kind.as_str() {
                        "" => {
                            format!("this template has no button {index}; they are counted from 0")
                        }
                        kind => format!(
                            "the button {index} of this template is {kind}, which takes no value"
                        ),
                    };
                    problems.push(Problem {
                        field: "buttons".to_owned(),
                        problem: said,
                        code: 131_009,
                    });
                    continue;
                }
            };
            components.push(json!({ "type": "button", "sub_type": sub_type, "index": index.to_string(), "parameters": [parameter] }));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut content = json!({ "name": self.name, "language": { "code": self.language } });
        if !components.is_empty() {
            content["components"] = Value::Array(components);
        }
        Ok(content)
    }

    /// How a phone shows what [`Definition::fill`] made.
    #[must_use]
    pub fn preview(&self, content: &Value) -> Preview {
        let mut preview = Preview::default();
        for part in self.components() {
            let kind = part["type"].as_str().unwrap_or_default().to_lowercase();
            let sent = things(content, "components").iter().find(|component| {
                component["type"]
                    .as_str()
                    .is_some_and(|given| given.eq_ignore_ascii_case(&kind))
            });
            let values = sent.map_or(&[][..], |component| things(component, "parameters"));
            let text = part["text"].as_str().unwrap_or_default();
            match kind.as_str() {
                "header" => {
                    let format = part["format"].as_str().unwrap_or("TEXT").to_lowercase();
                    preview.header = Some(if format == "text" {
                        render(text, values)
                    } else {
                        let named = values
                            .first()
                            .and_then(|value| value[&format]["filename"].as_str());
                        named.map_or_else(
                            || format!("[{format}]"),
                            |name| format!("[{format}: {name}]"),
                        )
                    });
                }
                "body" => preview.body = render(text, values),
                "footer" => preview.footer = Some(text.to_owned()),
                "buttons" => {
                    let labels = things(part, "buttons")
                        .iter()
                        .filter_map(|button| button["text"].as_str());
                    preview.buttons = labels.map(str::to_owned).collect();
                }
                _ => {}
            }
        }
        preview
    }
}

/// Characters of a text header's value.
const HEADER_MAX: usize = 60;
/// Characters of a button's address, with its value.
const ADDRESS_MAX: usize = 2_000;

fn too_long(header: &FilledTexts) -> Option<Problem> {
    let texts: Vec<&String> = match header {
        FilledTexts::Ordered(list) => list.iter().collect(),
        FilledTexts::Named(named) => named.iter().map(|(_, text)| text).collect(),
    };
    let longest = texts.into_iter().map(|text| text.chars().count()).max()?;
    (longest > HEADER_MAX).then(|| Problem {
        field: "header".to_owned(),
        problem: format!(
            "the header's value has {longest} characters, and {HEADER_MAX} are allowed"
        ),
        code: 132_005,
    })
}

/// A value as it stands in an address: what may not stand there is written by its bytes, as browsers do; what is
/// written so already stays.
fn in_address(value: &str) -> String {
    let bytes = value.as_bytes();
    let is_escape = |at: usize| {
        let digits = bytes.get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let mut text = String::with_capacity(value.len());
    for (at, byte) in bytes.iter().enumerate() {
        let stays = byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(byte);
        if stays && (*byte != b'%' || is_escape(at)) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

fn texts_of(part: &str, texts: &FilledTexts) -> Option<Value> {
    let parameters: Vec<Value> = match texts {
        FilledTexts::Ordered(list) => list
            .iter()
            .map(|text| json!({ "type": "text", "text": text }))
            .collect(),
        FilledTexts::Named(named) => {
            let one = |(name, text): &(String, String)| json!({ "type": "text", "parameter_name": name, "text": text });
            named.iter().map(one).collect()
        }
    };
    (!parameters.is_empty()).then(|| json!({ "type": part, "parameters": parameters }))
}
