//! Holds a JSON value against its form.

use std::fmt;

use serde_json::{Map, Value};

use super::{Form, Kinds, Letters, List, Object, Text, Voice};

/// One thing that Meta would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Path of the member: `text.body`, `template.components[0].parameters[1].text`.
    pub field: String,
    /// What is wrong with it, for people.
    pub problem: String,
    /// The code that Meta answers with.
    pub code: i64,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.field, self.problem)
    }
}

/// Every mistake in `value`, which is called `name`.
#[must_use]
pub fn check(name: &str, form: &Form, value: &Value) -> Vec<Problem> {
    let mut problems = Problems::default();
    form.check(value, &Path::Root(name), &mut problems);
    problems.0
}

#[derive(Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, path: &Path<'_>, code: i64, problem: impl Into<String>) {
        self.0.push(Problem {
            field: path.to_string(),
            problem: problem.into(),
            code,
        });
    }
}

/// Where one is in a value; written only when something is wrong there.
pub(super) enum Path<'a> {
    Root(&'a str),
    Member(&'a Path<'a>, &'a str),
    Place(&'a Path<'a>, usize),
}

impl Path<'_> {
    pub(super) fn member<'a>(&'a self, name: &'a str) -> Path<'a> {
        Path::Member(self, name)
    }

    pub(super) fn place(&self, place: usize) -> Path<'_> {
        Path::Place(self, place)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(name) => formatter.write_str(name),
            Self::Member(parent, name) => write!(formatter, "{parent}.{name}"),
            Self::Place(parent, place) => write!(formatter, "{parent}[{place}]"),
        }
    }
}

const WRONG_TYPE: i64 = 100;
const VALUE: i64 = 131_009;
const MISSING: i64 = 131_008;

impl Form {
    fn check(&self, value: &Value, path: &Path<'_>, problems: &mut Problems) {
        match self {
            Self::Text(form) => form.check(value, path, problems),
            Self::Word(words) => {
                let Some(text) = value.as_str() else {
                    return problems.add(path, words.no_word, wrong(value, "text"));
                };
                if !is_among(words.of.iter().copied(), text, words.any_case) {
                    let code = if text.trim().is_empty() {
                        words.no_word
                    } else {
                        words.code
                    };
                    problems.add(path, code, not_one_of(text, words.of.iter().copied()));
                }
            }
            Self::Flag => {
                if !value.is_boolean() {
                    problems.add(path, WRONG_TYPE, wrong(value, "true or false"));
                }
            }
            Self::Whole { min, max } => {
                let number = value
                    .as_i64()
                    .or_else(|| value.as_str().and_then(|text| text.parse().ok()));
                if number.is_none_or(|number| !(*min..=*max).contains(&number)) {
                    let said = if *max == i64::MAX {
                        format!("must be a whole number from {min}")
                    } else {
                        format!("must be a whole number from {min} to {max}")
                    };
                    problems.add(path, VALUE, said);
                }
            }
            Self::Degrees(most) => {
                let degrees = value
                    .as_f64()
                    .or_else(|| value.as_str().and_then(|text| text.parse().ok()));
                if degrees.is_none_or(|degrees| !(-most..=*most).contains(&degrees)) {
                    problems.add(
                        path,
                        VALUE,
                        format!("must be a number between -{most} and {most} degrees"),
                    );
                }
            }
            Self::Link { max, code } => {
                let Some(link) = value.as_str() else {
                    return problems.add(path, WRONG_TYPE, wrong(value, "text, an address"));
                };
                if link.chars().count() > *max {
                    return problems.add(path, *code, too_long(link, *max));
                }
                let public = reqwest::Url::parse(link).is_ok_and(|url| {
                    matches!(url.scheme(), "http" | "https") && url.host_str().is_some()
                }) && !link.contains(char::is_whitespace);
                if !public {
                    problems.add(
                        path,
                        *code,
                        "must be a public http or https address, such as https://example.com/a.jpg",
                    );
                }
            }
            Self::Object(object) => {
                if let Some(map) = map(value, path, problems) {
                    object.check(map, path, problems);
                }
            }
            Self::List(list) => list.check(value, path, problems),
            Self::Kinds(kinds) => kinds.check(value, path, problems),
            Self::Open => {
                map(value, path, problems);
            }
            Self::Never(why) => problems.add(path, VALUE, *why),
        }
    }

    /// What Meta answers when a required one is not there.
    fn missing(&self) -> i64 {
        match self {
            Self::Text(Text {
                voice: Voice::Graph,
                ..
            }) => 100,
            _ => MISSING,
        }
    }
}

impl Text {
    fn check(&self, value: &Value, path: &Path<'_>, problems: &mut Problems) {
        let Some(text) = value.as_str() else {
            let code = match self.voice {
                Voice::Parameter => MISSING,
                Voice::Graph | Voice::Cloud => WRONG_TYPE,
            };
            return problems.add(path, code, wrong(value, "text"));
        };
        if self.min > 0 && text.trim().is_empty() {
            let code = match self.voice {
                _ if self.letters == Letters::Date => VALUE,
                _ if self.letters == Letters::VariableName && !text.is_empty() => 132_012,
                Voice::Graph | Voice::Cloud => 100,
                Voice::Parameter => MISSING,
            };
            return problems.add(path, code, "must not be empty");
        }
        if text.chars().count() > self.max {
            let code = match self.voice {
                _ if self.letters == Letters::TemplateName => 132_001,
                Voice::Graph => 100,
                Voice::Cloud | Voice::Parameter => VALUE,
            };
            return problems.add(path, code, too_long(text, self.max));
        }
        if let Some((code, said)) = self.letters.wrong(text) {
            problems.add(path, code, said);
        }
    }
}

impl Letters {
    fn wrong(self, text: &str) -> Option<(i64, String)> {
        let said = match self {
            Self::Any | Self::VariableName => return None,
            Self::Lines(most) if text.matches('\n').count() > most => {
                format!("may have at most {most} line breaks")
            }
            Self::Variable if text.contains(['\n', '\r', '\t']) => {
                return Some((132_012, "must not hold line breaks or tabs".to_owned()));
            }
            Self::Variable if text.contains("     ") => {
                let said = "must not hold more than four spaces in a row";
                return Some((132_012, said.to_owned()));
            }
            Self::TemplateName
                if !text.bytes().all(|byte| {
                    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
                }) =>
            {
                let said = "may hold only small letters, digits and underscores";
                return Some((132_001, said.to_owned()));
            }
            Self::LanguageCode
                if !text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') =>
            {
                let said = "must be a language code, such as es or en_US";
                return Some((132_001, said.to_owned()));
            }
            Self::Alphanumeric if !text.chars().all(char::is_alphanumeric) => {
                "may hold only letters and digits".to_owned()
            }
            Self::Emoji if !text.is_empty() && !is_emoji(text) => {
                "must be one emoji, or empty to take the reaction back".to_owned()
            }
            Self::NoEmoji if text.chars().any(is_pictograph) => "must not hold emoji".to_owned(),
            Self::Date if !is_date(text) => {
                "must be a date of the form YYYY-MM-DD, such as 1990-12-31".to_owned()
            }
            Self::Lines(_)
            | Self::Variable
            | Self::TemplateName
            | Self::LanguageCode
            | Self::Alphanumeric
            | Self::Emoji
            | Self::NoEmoji
            | Self::Date => return None,
        };
        Some((VALUE, said))
    }
}

/// One sign of those that people react with: at most twelve characters (flags and families are long), no letters, and
/// at least one that is not ASCII (a keycap begins with a digit).
fn is_emoji(text: &str) -> bool {
    text.chars().count() <= 12
        && !text.is_ascii()
        && !text
            .chars()
            .any(|letter| letter.is_alphabetic() || letter.is_whitespace())
}

/// The blocks of Unicode in which emoji stand.
fn is_pictograph(letter: char) -> bool {
    matches!(u32::from(letter), 0x1F000..=0x1FAFF | 0x2600..=0x27BF | 0xFE0F | 0x20E3)
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

impl Object {
    fn check(&self, map: &Map<String, Value>, path: &Path<'_>, problems: &mut Problems) {
        for member in self.members {
            match map.get(member.name).filter(|value| !value.is_null()) {
                Some(value) => {
                    member
                        .form
                        .check(value, &path.member(member.name), problems);
                }
                None if member.required => problems.add(
                    &path.member(member.name),
                    member.form.missing(),
                    "is missing",
                ),
                None => {}
            }
        }
        for name in map.keys() {
            if !self.members.iter().any(|member| member.name == name) {
                let known = self
                    .members
                    .iter()
                    .filter(|member| !matches!(member.form, Form::Never(_)))
                    .map(|member| member.name)
                    .collect::<Vec<_>>();
                problems.add(
                    &path.member(name),
                    WRONG_TYPE,
                    format!("is not known here; there are {}", known.join(", ")),
                );
            }
        }
        for rule in self.rules {
            rule.check(map, path, problems);
        }
    }
}

impl List {
    fn check(&self, value: &Value, path: &Path<'_>, problems: &mut Problems) {
        let Some(things) = value.as_array() else {
            return problems.add(path, WRONG_TYPE, wrong(value, "a list"));
        };
        let count = things.len();
        if count == 0 && self.min > 0 {
            return problems.add(
                path,
                self.empty,
                format!("is empty: at least {} {} needed", self.min, self.what),
            );
        }
        if !(self.min..=self.max).contains(&count) {
            let (min, what) = (self.min, self.what);
            let said = if self.max == usize::MAX {
                format!("has {count} {what}, at least {min} are needed")
            } else {
                // None is let go where the list may be left out; who gives one gives something.
                format!(
                    "has {count} {what}, {} to {} are allowed",
                    min.max(1),
                    self.max
                )
            };
            problems.add(path, self.count, said);
            // Each of far too many need not be looked at.
            return;
        }
        for (place, thing) in things.iter().enumerate() {
            self.of.check(thing, &path.place(place), problems);
        }
    }
}

impl Kinds {
    fn check(&self, value: &Value, path: &Path<'_>, problems: &mut Problems) {
        let Some(map) = map(value, path, problems) else {
            return;
        };
        let here = path.member(self.by);
        let word = match map.get(self.by).filter(|word| !word.is_null()) {
            None => return problems.add(&here, MISSING, "is missing"),
            Some(Value::String(word)) if word.trim().is_empty() => {
                return problems.add(&here, WRONG_TYPE, "must not be empty");
            }
            Some(Value::String(word)) => word,
            Some(other) => return problems.add(&here, WRONG_TYPE, wrong(other, "text")),
        };
        let words = self.of.iter().map(|(known, _)| *known);
        match self
            .of
            .iter()
            .find(|(known, _)| same(known, word, self.any_case))
        {
            Some((_, object)) => object.check(map, path, problems),
            None => problems.add(&here, self.code, not_one_of(word, words)),
        }
    }
}

fn map<'a>(
    value: &'a Value,
    path: &Path<'_>,
    problems: &mut Problems,
) -> Option<&'a Map<String, Value>> {
    let map = value.as_object();
    if map.is_none() {
        problems.add(path, WRONG_TYPE, wrong(value, "an object"));
    }
    map
}

fn same(known: &str, given: &str, any_case: bool) -> bool {
    if any_case {
        known.eq_ignore_ascii_case(given)
    } else {
        known == given
    }
}

fn is_among<'a>(mut words: impl Iterator<Item = &'a str>, given: &str, any_case: bool) -> bool {
    words.any(|known| same(known, given, any_case))
}

fn not_one_of<'a>(given: &str, words: impl Iterator<Item = &'a str>) -> String {
    let words = words.collect::<Vec<_>>();
    match words[..] {
        [only] => format!("must be {only:?}, not {given:?}"),
        _ => format!("must be one of {}, not {given:?}", words.join(", ")),
    }
}

fn too_long(text: &str, max: usize) -> String {
    let length = text.chars().count();
    format!("has {length} characters, at most {max} are allowed")
}

fn wrong(value: &Value, wanted: &str) -> String {
    let given = match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    format!("must be {wanted}, not {given}")
}
