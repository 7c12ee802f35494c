//! Conditions on what an event carries.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::path::{Path, plain};
use super::rule::Flaw;

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// It is this.
    Eq,
    /// It is not this, or not there.
    Ne,
    /// It is greater.
    Gt,
    /// It is not smaller.
    Gte,
    /// It is smaller.
    Lt,
    /// It is not greater.
    Lte,
    /// There is something.
    Exists,
    /// There is nothing, or null.
    Missing,
    /// A text has this in it, or a list has this among its elements.
    Contains,
    /// It is one of these.
    In,
}

/// One condition; all of a rule's must be met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// What is looked at. Of several values it is enough that one is right; for `ne` all must be.
    pub path: Path,
    /// How.
    pub op: Comparison,
    /// With what; `exists` and `missing` have none.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub value: Value,
}

impl Condition {
    pub(super) fn check(&self, field: &str, flaws: &mut Vec<Flaw>) {
        let field = format!("{field}.value");
        match (self.op, &self.value) {
            (Comparison::Exists | Comparison::Missing, Value::Null) => {}
            (Comparison::Exists | Comparison::Missing, _) => {
                flaws.push(Flaw::new(
                    field,
                    "stands beside exists or missing, which compare with nothing",
                ));
            }
            (Comparison::In, Value::Array(all)) if !all.is_empty() => {}
            (Comparison::In, _) => flaws.push(Flaw::new(
                field,
                "must be a list of the values that are meant",
            )),
            (
                Comparison::Gt | Comparison::Gte | Comparison::Lt | Comparison::Lte,
                Value::Number(_) | Value::String(_),
            ) => {}
            (Comparison::Gt | Comparison::Gte | Comparison::Lt | Comparison::Lte, _) => {
                flaws.push(Flaw::new(
                    field,
                    "must be a number, or a text such as a date",
                ));
            }
            (Comparison::Eq | Comparison::Ne | Comparison::Contains, Value::Null) => {
                flaws.push(Flaw::new(field, "is missing: with what is it compared?"));
            }
            (Comparison::Eq | Comparison::Ne | Comparison::Contains, _) => {}
        }
    }

    /// Whether an event meets it.
    pub fn is_met(&self, event: &Value) -> bool {
        let found = self.path.all(event);
        let mut there = found.iter().copied().filter(|value| !value.is_null());
        match self.op {
            Comparison::Exists => there.next().is_some(),
            Comparison::Missing => there.next().is_none(),
            Comparison::Ne => there.all(|value| !same(value, &self.value)),
            Comparison::Eq => there.any(|value| same(value, &self.value)),
            Comparison::In => there.any(|value| {
                let wanted = self.value.as_array().into_iter().flatten();
                wanted.into_iter().any(|one| same(value, one))
            }),
            Comparison::Contains => there.any(|value| contains(value, &self.value)),
            Comparison::Gt => {
                there.any(|value| order(value, &self.value) == Some(Ordering::Greater))
            }
            Comparison::Lt => there.any(|value| order(value, &self.value) == Some(Ordering::Less)),
            Comparison::Gte => there.any(|value| {
                matches!(
                    order(value, &self.value),
                    Some(Ordering::Greater | Ordering::Equal)
                )
            }),
            Comparison::Lte => there.any(|value| {
                matches!(
                    order(value, &self.value),
                    Some(Ordering::Less | Ordering::Equal)
                )
            }),
        }
    }

    /// Why an event does not meet it, for people.
    pub fn why_not(&self, event: &Value) -> String {
        let found = self.path.all(event);
        let seen = match found.as_slice() {
            [] => "finds nothing".to_owned(),
            [one] => format!("is {}", short(one)),
            several => format!("finds {} values", several.len()),
        };
        let op = serde_json::to_value(self.op);
        let op = op.as_ref().ok().and_then(Value::as_str).unwrap_or_default();
        let wanted = match &self.value {
            Value::Null => op.to_owned(),
            value => format!("{op} {}", short(value)),
        };
        format!("{} {seen}; the rule asks for: {wanted}", self.path)
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 60 {
        let begin: String = text.chars().take(60).collect();
        format!("{begin}…")
    } else {
        text
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text
            .trim()
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

fn same(found: &Value, wanted: &Value) -> bool {
    if found == wanted {
        return true;
    }
    match (found, wanted) {
        // Many systems write numbers as text.
        (Value::Number(_), Value::Number(_) | Value::String(_))
        | (Value::String(_), Value::Number(_)) => {
            number(found).is_some() && number(found) == number(wanted)
        }
        (Value::Bool(_), Value::String(text)) => plain(found) == *text,
        _ => false,
    }
}

fn contains(found: &Value, wanted: &Value) -> bool {
    match found {
        Value::String(text) => text.contains(&plain(wanted)),
        Value::Array(items) => items.iter().any(|item| same(item, wanted)),
        _ => false,
    }
}

/// Numbers by size, other texts letter by letter, which is right for dates.
fn order(found: &Value, wanted: &Value) -> Option<Ordering> {
    match (number(found), number(wanted)) {
        (Some(found), Some(wanted)) => found.partial_cmp(&wanted),
        _ => Some(found.as_str()?.cmp(wanted.as_str()?)),
    }
}
