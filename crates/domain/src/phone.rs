//! Phone numbers as digits with the country code and without `+`, the way `wa_id` is written.
//!
//! Identity is not the phone number: in Brazil, Mexico and Argentina the number that WhatsApp
//! reports differs from the one people dial. [`variants`] names the forms that mean the same person,
//! [`canonical`] is the one under which they are filed, [`dialled`] the one that is called today.
//! `fixtures/phones/golden.tsv` holds the cases.
//!
//! The rules are written out: a library of the world's numbering plans knows which numbers are assigned,
//! which nobody asks here, and does not know WhatsApp's own forms, which are the point.

/// Why a text is not a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAPhone {
    /// Too few digits or too many.
    #[error(
        "a phone number has 7 to 15 digits with its country code, such as +34 612 345 678; this one has {0}"
    )]
    Digits(usize),
    /// Something that no number holds.
    #[error(
        "a phone number has digits, spaces and + - ( ) . only, such as +34 612 345 678; {0:?} does not belong there"
    )]
    Letter(char),
    /// A number of one country, without its code.
    #[error(
        "a phone number begins with its country code, such as +34 612 345 678; none begins with 0"
    )]
    Domestic,
}

/// ITU E.164 allows 15 digits; the shortest real numbers with a country code have 7.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// Keeps the digits of a number that a person typed. `00` before the country code is the `+` of many telephones; what
/// is dialled only within a country (a `0` in brackets, Argentina's 15, Mexico's 044) falls away.
///
/// # Errors
/// [`NotAPhone`] when it cannot be one.
pub fn normalise(text: &str) -> Result<String, NotAPhone> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || is_direction(c));
    let (international, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if let Some(odd) = rest.chars().find(|&c| {
        !(c.is_ascii_digit() || c.is_whitespace() || is_direction(c) || "-().".contains(c))
    }) {
        return Err(NotAPhone::Letter(odd));
    }
    let spaceless: String = rest.chars().filter(|c| !c.is_whitespace()).collect();
    let mut digits: String = spaceless
        .replace("(0)", "")
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    if !international && digits.starts_with("00") {
        digits.drain(..2);
    }
    without_domestic(&mut digits);
    if !DIGITS.contains(&digits.len()) {
        return Err(NotAPhone::Digits(digits.len()));
    }
    if digits.starts_with('0') {
        return Err(NotAPhone::Domestic);
    }
    Ok(digits)
}

/// The marks of writing direction that come along when a number is copied from a telephone.
const fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Takes out what is dialled within Argentina, Brazil and Mexico and is no part of the number abroad.
fn without_domestic(digits: &mut String) {
    const PREFIXES: [(&str, &str); 5] = [
        ("52", "044"),
        ("52", "045"),
        ("52", "01"),
        ("54", "0"),
        ("55", "0"),
    ];
    // A whole number of these countries has twelve digits at least.
    while let Some((country, rest)) = PREFIXES.into_iter().find_map(|(country, prefix)| {
        let rest = digits.strip_prefix(country)?.strip_prefix(prefix)?;
        (rest.len() >= 10).then(|| (country, rest.to_owned()))
    }) {
        *digits = format!("{country}{rest}");
    }
    // Argentina: a mobile is dialled with 15 behind the area code at home, and with 9 before it from abroad.
    let Some(rest) = digits.strip_prefix("54") else {
        return;
    };
    let national = match rest.len() {
        12 => rest,
        13 => rest.strip_prefix('9').unwrap_or_default(),
        _ => "",
    };
    let (area, number) = national.split_at(argentine_area(national).min(national.len()));
    if let Some(number) = number.strip_prefix("15") {
        *digits = format!("549{area}{number}");
    }
}

/// How many digits an Argentine area code has: Buenos Aires two, the larger towns three, all others four (ENACOM's plan).
fn argentine_area(national: &str) -> usize {
    const THREE: [&str; 38] = [
        "220", "221", "223", "230", "236", "237", "249", "260", "261", "263", "264", "266", "280",
        "291", "294", "297", "298", "299", "336", "341", "342", "343", "345", "348", "351", "353",
        "358", "362", "364", "370", "376", "379", "380", "381", "383", "385", "387", "388",
    ];
    match national.get(..3) {
        Some(area) if area.starts_with("11") => 2,
        Some(area) if THREE.contains(&area) => 3,
        _ => 4,
    }
}

/// Every form in which the same person's number may be written, the given one first.
pub fn variants(digits: &str) -> Vec<String> {
    let mut all = vec![digits.to_owned()];
    all.extend(other(digits));
    all
}

/// The other form, where a number has two.
fn other(digits: &str) -> Option<String> {
    match digits.as_bytes() {
        // Brazil: the ninth digit came before the mobile numbers, which began with 6 to 9, between 2012 and 2016; WhatsApp
        // ids of accounts that are older lack it. What begins with 9 and 2 to 5 never had a shorter form.
        [b'5', b'5', _, _, b'9', b'6'..=b'9', ..] if digits.len() == 13 => {
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
    }
}

/// The form under which a person is filed: the shortest of the variants, so that all forms meet.
pub fn canonical(digits: &str) -> String {
    match other(digits) {
        Some(other) if other.len() < digits.len() => other,
        _ => digits.to_owned(),
    }
}

/// The form that is dialled from abroad today: Brazil's mobiles with their ninth digit, Mexico's without the 1,
/// Argentina's with the 9.
pub fn dialled(digits: &str) -> String {
    let Some(other) = other(digits) else {
        return digits.to_owned();
    };
    let (short, long) = if other.len() < digits.len() {
        (other, digits.to_owned())
    } else {
        (digits.to_owned(), other)
    };
    if digits.starts_with("52") {
        short
    } else {
        long
    }
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
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_form_of_a_number_is_filed_and_dialled_as_one(digits in "(5[245])?[1-9][0-9]{6,12}") {
            for form in variants(&digits) {
                prop_assert_eq!(canonical(&form), canonical(&digits));
                prop_assert_eq!(dialled(&form), dialled(&digits));
            }
            prop_assert_eq!(canonical(&canonical(&digits)), canonical(&digits));
            prop_assert_eq!(dialled(&dialled(&digits)), dialled(&digits));
        }

        #[test]
        fn what_was_normalised_stays_as_it_is(text in "[+0-9() .-]{0,20}") {
            if let Ok(digits) = normalise(&text) {
                prop_assert_eq!(normalise(&digits), Ok(digits.clone()));
                prop_assert_eq!(normalise(&format!("+{digits}")), Ok(digits.clone()));
            }
        }

        #[test]
        fn nothing_that_is_typed_is_too_much(text in "\\PC*") {
            drop(normalise(&text));
        }
    }
}
