//! A batch as one parameter: a JSON array that `jsonb_each` (SQLite) or `json_to_recordset`
//! (PostgreSQL) turns into rows, because row by row through the driver is 12–18 times slower.

use serde::Serialize;

use super::{DbError, Result, Value};

/// Serialises rows as one JSON text parameter. Ids go in as 32 hex digits.
///
/// A NUL character, which PostgreSQL's TEXT cannot hold, becomes U+FFFD; the raw webhook keeps it.
///
/// # Errors
/// When a row cannot be serialised, which is a bug.
pub fn batch<T: Serialize>(rows: &[T]) -> Result<Value> {
    let text = serde_json::to_string(rows).map_err(|error| DbError::Corrupt(error.to_string()))?;
    Ok(Value::Text(Some(without_nul(text))))
}

/// Replaces the escape of NUL where it really is one (and not an escaped backslash before `u0000`).
fn without_nul(text: String) -> String {
    const NUL: &str = "\\u0000";
    if !text.contains(NUL) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let taken = if escape.starts_with(NUL) {
            out.push('\u{fffd}');
            NUL.len()
        } else {
            // Two characters: the backslash and what it escapes, which is ASCII.
            out.push_str(&escape[..2]);
            2
        };
        rest = &escape[taken..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_replaced_and_everything_else_stays() {
        for text in [
            "a\0b",
            "\\u0000",
            "\\\0",
            "\u{1}\"\\ñ\n\0\0",
            "plain",
            "\\\\u0000",
        ] {
            let Ok(Value::Text(Some(json))) = batch(&[text]) else {
                panic!("no batch of {text:?}")
            };
            let back: Vec<String> = serde_json::from_str(&json).unwrap();
            assert_eq!(back[0], text.replace('\0', "\u{fffd}"), "{json}");
        }
    }
}
