//! Numbers as a language writes them (CLDR, by ICU).

use fixed_decimal::{Decimal, UnsignedRoundingMode};
use icu_decimal::DecimalFormatter;
use icu_locale_core::Locale;
use serde_json::Value;

use super::path::plain;
use super::reason::{Reason, Wrong};

/// The locale of a template's language: Meta writes `es_MX`.
pub(super) fn locale(language: &str) -> Locale {
    let tag = language.replace('_', "-");
    Locale::try_from_str(&tag).unwrap_or(Locale::UNKNOWN)
}

/// Reads a number: JSON's own, or a text such as `1234.5`.
pub(super) fn read(value: &Value) -> Result<Decimal, Wrong> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => String::new(),
    };
    // ICU takes texts of any length; nobody means those.
    let read = (text.len() <= 40)
        .then(|| Decimal::try_from_str(&text).ok())
        .flatten();
    read.filter(|_| !text.contains(['_', ','])).ok_or_else(|| {
        Wrong::new(
            Reason::NotANumber,
            format!("{:?} is no number such as 1234.5", plain(value)),
        )
    })
}

/// Rounds as people do, and fills up with zeros.
pub(super) fn rounded(mut number: Decimal, decimals: u8) -> Decimal {
    let place = -i16::from(decimals);
    number
        .absolute
        .round_with_mode(place, UnsignedRoundingMode::HalfExpand);
    number.absolute.pad_end(place);
    number
}

/// A number in a language.
pub(super) fn show(value: &Value, decimals: Option<u8>, language: &str) -> Result<String, Wrong> {
    let number = read(value)?;
    let number = match decimals {
        Some(decimals) => rounded(number, decimals),
        None => number,
    };
    Ok(written(&number, language))
}

/// With the separators of the language.
pub(super) fn written(number: &Decimal, language: &str) -> String {
    match DecimalFormatter::try_new((&locale(language)).into(), Default::default()) {
        Ok(formatter) => formatter.format(number).to_string(),
        // A language that nobody knows: as computers write it.
        Err(_) => number.to_string(),
    }
}
