//! Values of templates out of Meta's library have kinds, and Meta refuses what is not of its kind with 132018 (page
//! "templates/template-library"). The examples there are all that Meta says of the forms, so only what none of them
//! would allow is refused here.

/// The longest amount of Meta's examples is far below.
const AMOUNT_MAX_CHARS: usize = 30;

/// What a value lacks to be of this kind; none when it is, or when the kind says nothing of the form.
pub(super) fn misfit(kind: &str, value: &str) -> Option<&'static str> {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let (fits, wanted) = match kind.to_uppercase().as_str() {
        "NUMBER" => (digits > 0, "a number, such as 23444"),
        "AMOUNT" => (
            digits > 0 && value.chars().count() <= AMOUNT_MAX_CHARS,
            "an amount with its currency, such as 375.32 EUR",
        ),
        "DATE" => (digits > 0, "a date with its day, such as 13/03/2026"),
        "PHONE NUMBER" | "PHONE_NUMBER" => (
            digits >= 5
                && value
                    .chars()
                    .all(|one| one.is_ascii_digit() || "+-() ".contains(one)),
            "a phone number, such as +34 612 345 678",
        ),
        "EMAIL" => (
            !value.contains(char::is_whitespace)
                && value
                    .split_once('@')
                    .is_some_and(|(user, host)| !user.is_empty() && host.contains('.')),
            "an e-mail address",
        ),
        _ => (true, ""),
    };
    (!fits).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metas_own_examples_are_of_their_kind_and_others_are_not() {
        for (kind, value) in [
            ("NUMBER", "90001234921388904"),
            ("AMOUNT", "USD $375.32"),
            ("DATE", "5th January 1982"),
            ("DATE", "08.22.1991"),
            ("PHONE NUMBER", "+91-7884-789122"),
            ("EMAIL", "abc@example.com"),
            ("TEXT", "anything"),
            ("ADDRESS", "1 Hacker Way"),
            ("a kind of tomorrow", "x"),
        ] {
            assert_eq!(misfit(kind, value), None, "{kind}: {value}");
        }
        for (kind, value) in [
            ("NUMBER", "many"),
            ("AMOUNT", "a lot"),
            ("DATE", "tomorrow"),
            ("PHONE NUMBER", "ask Ana"),
            ("EMAIL", "ana at home"),
        ] {
            assert!(misfit(kind, value).is_some(), "{kind}: {value}");
        }
    }
}
