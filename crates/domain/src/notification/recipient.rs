//! To whom: the number that a path finds, as the other system writes it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::calling_code;
use super::path::{Path, is_invisible, plain};
use super::reason::{Reason, Wrong};
use super::rule::Flaw;
use crate::phone;

/// To whom a rule sends.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Where the phone number stands in the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Path>,
    /// Or a number that is always the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Where the person's name stands; somebody new is called so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_path: Option<Path>,
    /// The country of numbers that are written without one: `ES`, or its calling code `34`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// Whom an event is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Digits with the country code.
    pub phone: String,
    /// What the other system calls them.
    pub name: Option<String>,
}

/// Characters of a name.
const NAME_MAX: usize = 100;

impl Recipient {
    pub(super) fn check(&self, flaws: &mut Vec<Flaw>) {
        match (&self.path, &self.phone) {
            (Some(_), None) => {}
            (None, Some(phone)) => {
                if let Err(problem) = self.number(phone) {
                    flaws.push(Flaw::new("recipient.phone", problem));
                }
            }
            (Some(_), Some(_)) => flaws.push(Flaw::new(
                "recipient",
                "has both a path and a phone number; one of them",
            )),
            (None, None) => flaws.push(Flaw::new(
                "recipient",
                "needs the path of a phone number, or a phone number",
            )),
        }
        if self
            .country
            .as_ref()
            .is_some_and(|country| calling_code::of(country).is_none())
        {
            flaws.push(Flaw::new(
                "recipient.country",
                "must be two letters such as ES, or a calling code such as 34",
            ));
        }
    }

    /// The person.
    ///
    /// # Errors
    /// When there is no number, or what is there is none.
    pub fn resolve(&self, event: &Value) -> Result<Resolved, Wrong> {
        let text = match (&self.path, &self.phone) {
            (Some(path), _) => {
                let field = "recipient.path";
                let value = path.value(event).map_err(|wrong| wrong.of(field))?;
                let text = value.map(plain).filter(|text| !is_invisible(text));
                let text = text.ok_or_else(|| {
                    Wrong::at(path, Reason::RecipientMissing, "finds no phone number").of(field)
                })?;
                without_decimals(&text)
                    .map_err(|said| Wrong::at(path, Reason::RecipientInvalid, said).of(field))?
            }
            (None, Some(phone)) => phone.clone(),
            (None, None) => {
                return Err(
                    Wrong::new(Reason::RecipientMissing, "the rule names no recipient")
                        .of("recipient"),
                );
            }
        };
        let phone = self.number(&text).map_err(|problem| {
            Wrong::new(
                Reason::RecipientInvalid,
                format!("{text:?} is no phone number that can be written to: {problem}"),
            )
            .of("recipient.path")
        })?;
        let name = self
            .name_path
            .as_ref()
            .and_then(|path| path.text(event).ok().flatten());
        Ok(Resolved {
            phone,
            name: name.map(|name| name.chars().take(NAME_MAX).collect()),
        })
    }

    /// Digits with the country code.
    fn number(&self, text: &str) -> Result<String, String> {
        let text = text.trim();
        let country = self.country.as_deref().and_then(calling_code::of);
        let whole = match country {
            Some(country) if !is_international(text, country) => {
                calling_code::within(country, text)
            }
            _ => text.to_owned(),
        };
        let digits = phone::normalise(&whole).map_err(|error| error.to_string())?;
        Ok(phone::dialled(&digits))
    }
}

/// Spreadsheets and programs that keep numbers as decimals write `34600000001.0`, which is not ten times that number.
fn without_decimals(text: &str) -> Result<String, &'static str> {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|sign| sign.is_ascii_digit());
    if text.strip_prefix('-').is_some_and(is_digits) {
        return Err("finds a negative number, which is no phone number");
    }
    let decimals = text.rsplit_once('.').filter(|(whole, decimals)| {
        let whole = whole.strip_prefix('+').unwrap_or(whole);
        // Six digits and three more are a number with a point in it; nine are a whole number already.
        let are_decimals = whole.len() >= 9 || whole.len() >= 7 && decimals.len() < 3;
        is_digits(whole) && is_digits(decimals) && are_decimals
    });
    match decimals {
        Some((whole, decimals)) if decimals.bytes().all(|sign| sign == b'0') => {
            Ok(whole.to_owned())
        }
        Some(_) => Err("finds a number with decimals, which is no phone number"),
        None if text.contains(['e', 'E']) && text.parse::<f64>().is_ok() => {
            Err("finds a number with an exponent, of which digits are lost; send it as text")
        }
        None => Ok(text.to_owned()),
    }
}

/// Whether a number begins with a country's code already.
fn is_international(text: &str, country: &str) -> bool {
    if text.starts_with('+') || text.starts_with("00") {
        return true;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    // A number of Brazil has 10 or 11 digits without its code, and 55 is an area there as well; elsewhere as few as 9.
    let shortest = if country == "55" { 10 } else { 9 };
    digits.starts_with(country) && digits.len() >= country.len() + shortest
}
