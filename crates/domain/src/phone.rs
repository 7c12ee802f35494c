//! Phone numbers as digits with the country code and without `+`, the way `wa_id` is written.
//!
//! Identity is not the phone number: in Brazil, Mexico and Argentina the number that WhatsApp
//! reports differs from the one people dial. [`variants`] names the forms that mean the same person.

/// Why a text is not a phone number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a phone number has 7 to 15 digits with its country code, such as +34 612 345 678; this one has {digits}"
)]
pub struct NotAPhone {
    /// How many digits were found.
    pub digits: usize,
}

/// Keeps the digits of a number that a person typed. ITU E.164 allows 15; the shortest real ones
/// with a country code have 7.
///
/// # Errors
/// [`NotAPhone`] when letters stand in it or the count of digits does not fit.
pub fn normalise(text: &str) -> Result<String, NotAPhone> {
    let odd = text
        .chars()
        .any(|c| !(c.is_ascii_digit() || c.is_whitespace() || "+-().\u{202a}\u{202c}".contains(c)));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if odd || !(7..=15).contains(&digits.len()) {
        return Err(NotAPhone {
            digits: digits.len(),
        });
    }
    Ok(digits)
}

/// Every form in which the same person's number may be written, the given one first.
pub fn variants(digits: &str) -> Vec<String> {
    let mut all = vec![digits.to_owned()];
    let other = match digits.as_bytes() {
        // Brazil: the ninth digit of mobile numbers came in 2012; WhatsApp ids of older accounts lack it.
        [b'5', b'5', _, _, b'9', ..] if digits.len() == 13 => {
            Some(format!("{}{}", &digits[..4], &digits[5..]))
        }
        [b'5', b'5', _, _, b'6'..=b'9', ..] if digits.len() == 12 => {
            Some(format!("{}9{}", &digits[..4], &digits[4..]))
        }
        // Mexico: the mobile 1 after the country code is no longer dialled, wa_id still has it.
        [b'5', b'2', b'1', ..] if digits.len() == 13 => Some(format!("52{}", &digits[3..])),
        [b'5', b'2', ..] if digits.len() == 12 => Some(format!("521{}", &digits[2..])),
        // Argentina: the mobile 9 after the country code is in wa_id and is often left out when dialling.
        [b'5', b'4', b'9', ..] if digits.len() == 13 => Some(format!("54{}", &digits[3..])),
        [b'5', b'4', ..] if digits.len() == 12 => Some(format!("549{}", &digits[2..])),
        _ => None,
    };
    all.extend(other);
    all
}

/// The form under which a person is filed: the shortest of the variants, so that all forms meet.
pub fn canonical(digits: &str) -> String {
    variants(digits)
        .into_iter()
        .min_by_key(String::len)
        .unwrap_or_default()
}

/// A number for logs at info level: country part and the last two digits.
pub fn masked(digits: &str) -> String {
    match digits.len() {
        0..=6 => "…".to_owned(),
        n => match (digits.get(..3), digits.get(n - 2..)) {
            (Some(head), Some(tail)) => format!("{head}…{tail}"),
            _ => "…".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_number_becomes_digits() {
        assert_eq!(normalise("+34 612-345 (678)"), Ok("34612345678".into()));
        assert_eq!(normalise("123"), Err(NotAPhone { digits: 3 }));
        assert!(normalise("CUSTOMER").is_err());
        assert!(normalise("1234567890123456").is_err());
    }

    #[test]
    fn both_forms_of_a_number_are_one_person() {
        for (a, b) in [
            ("5511987654321", "551187654321"),
            ("5215512345678", "525512345678"),
            ("5491123456789", "541123456789"),
        ] {
            assert_eq!(canonical(a), canonical(b), "{a} and {b} are one person");
        }
        assert_eq!(variants("34600000001"), ["34600000001"]);
    }
}
