//! What a template is filled with, as texts; Meta's form of it is made where Meta is known.

use serde_json::Value;

use super::format::Format;
use super::link::{FETCHED, is_link};
use super::parameter::{Header, Media, Parameter, Texts};
use super::path::{is_invisible, one_line};
use super::reason::{Reason, Wrong};
use super::rule::Parameters;

/// What of the tenant's world changes how values are shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The template's language, as Meta writes it.
    pub language: &'a str,
    /// The tenant's time zone, where it is known.
    pub time_zone: Option<&'a str>,
}

/// Everything that fills a template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// The header.
    pub header: FilledHeader,
    /// The body.
    pub body: FilledTexts,
    /// Place and value of each button that has one.
    pub buttons: Vec<(u32, String)>,
}

/// What fills a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilledHeader {
    /// Texts.
    Texts(FilledTexts),
    /// A file.
    Media {
        /// Its address.
        link: String,
        /// Its name.
        filename: Option<String>,
    },
}

impl Default for FilledHeader {
    fn default() -> Self {
        Self::Texts(FilledTexts::default())
    }
}

/// Texts in order or by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilledTexts {
    /// In the order of the variables.
    Ordered(Vec<String>),
    /// By their names.
    Named(Vec<(String, String)>),
}

impl Default for FilledTexts {
    fn default() -> Self {
        Self::Ordered(Vec::new())
    }
}

/// Follows every path of the parameters. `field` is where they stand in the rule.
///
/// # Errors
/// Everything that is missing or cannot be shown.
pub fn fill(
    parameters: &Parameters,
    field: &str,
    event: &Value,
    facts: &Facts<'_>,
) -> Result<Filled, Vec<Wrong>> {
    let mut filler = Filler {
        event,
        facts,
        wrongs: Vec::new(),
    };
    let header = match &parameters.header {
        Header::Texts(all) => FilledHeader::Texts(filler.texts(all, &format!("{field}.header"))),
        Header::Media(media) => filler.media(media, &format!("{field}.header")),
    };
    let body = filler.texts(&parameters.body, &format!("{field}.body"));
    let mut buttons = Vec::new();
    for (n, button) in parameters.buttons.iter().enumerate() {
        let value = filler.value(&button.parameter(), &format!("{field}.buttons[{n}]"));
        buttons.push((button.index, value));
    }
    if filler.wrongs.is_empty() {
        Ok(Filled {
            header,
            body,
            buttons,
        })
    } else {
        Err(filler.wrongs)
    }
}

struct Filler<'a> {
    event: &'a Value,
    facts: &'a Facts<'a>,
    wrongs: Vec<Wrong>,
}

impl Filler<'_> {
    fn texts(&mut self, texts: &Texts, field: &str) -> FilledTexts {
        match texts {
            Texts::Ordered(_) => FilledTexts::Ordered(
                texts
                    .each(field)
                    .map(|(field, one)| self.value(one, &field))
                    .collect(),
            ),
            Texts::Named(map) => FilledTexts::Named(
                map.iter()
                    .map(|(name, one)| (name.clone(), self.value(one, &format!("{field}.{name}"))))
                    .collect(),
            ),
        }
    }

    fn media(&mut self, media: &Media, field: &str) -> FilledHeader {
        let link = match &media.link_path {
            None => media.link.clone().unwrap_or_default(),
            Some(path) => {
                let field = format!("{field}.link_path");
                match path.text(self.event) {
                    Ok(Some(link)) if is_link(&link) => link,
                    Ok(Some(link)) => self.wrong(
                        Wrong::new(
                            Reason::LinkInvalid,
                            format!("{path} is {link:?}, which is no address {FETCHED}"),
                        ),
                        &field,
                    ),
                    Ok(None) => self.wrong(
                        Wrong::at(path, Reason::ParameterMissing, "finds nothing"),
                        &field,
                    ),
                    Err(wrong) => self.wrong(wrong, &field),
                }
            }
        };
        let named = media
            .filename_path
            .as_ref()
            .and_then(|path| path.text(self.event).ok().flatten());
        FilledHeader::Media {
            link,
            filename: named.or_else(|| media.filename.clone()),
        }
    }

    fn wrong(&mut self, wrong: Wrong, field: &str) -> String {
        self.wrongs.push(wrong.of(field));
        String::new()
    }

    fn value(&mut self, parameter: &Parameter, field: &str) -> String {
        match self.shown(parameter) {
            Ok(text) => text,
            Err(wrong) => self.wrong(wrong, field),
        }
    }

    fn shown(&self, parameter: &Parameter) -> Result<String, Wrong> {
        let Some(path) = &parameter.path else {
            return Ok(one_line(parameter.text.as_deref().unwrap_or_default()));
        };
        let found = path.value(self.event)?;
        let blank = |value: &Value| value.as_str().is_some_and(is_invisible);
        match (found.filter(|value| !blank(value)), &parameter.if_missing) {
            (Some(value), _) => {
                let format: &Format = match &parameter.format {
                    Some(format) => format,
                    None => &Format::default(),
                };
                format
                    .show(value, self.event, self.facts.language, self.facts.time_zone)
                    .map_err(|wrong| Wrong {
                        problem: format!("{path}: {}", wrong.problem),
                        ..wrong
                    })
            }
            (None, Some(text)) => Ok(one_line(text)),
            (None, None) => Err(Wrong::at(path, Reason::ParameterMissing, "finds nothing")),
        }
    }
}
