//! Taking a text apart into the words it is found by.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;

/// Letters of a word that count; addresses and codes may be far longer.
const LONGEST: usize = 40;
/// Distinct words of one text that count: WhatsApp's longest text has room for about 2,000.
const MOST: usize = 2_048;
/// Digits of a number that may be written in groups.
const DIGITS: std::ops::RangeInclusive<usize> = 5..=15;
/// An end of a number in a text, which people give without the country code, has at least so many digits …
const END_IN_TEXT: usize = 6;
/// … and one of a contact's number so many.
const END_OF_CONTACT: usize = 3;

/// A word and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// In small letters and without accents.
    pub(super) folded: String,
    /// Where it begins in the text, in bytes.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
}

/// A number as people write it: one or more groups of digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    /// Its digits alone.
    pub(super) digits: String,
    /// The words that are its groups: from …
    pub(super) from: usize,
    /// … to before this one.
    pub(super) to: usize,
}

/// The words of a text, in order.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let mut open: Option<Word> = None;
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        match kind(letter) {
            Kind::Letter => {
                let word = open.get_or_insert_with(|| Word {
                    folded: String::new(),
                    start: at,
                    end,
                });
                word.end = end;
                fold_into(&mut word.folded, letter);
            }
            // Part of the letter before it.
            Kind::Accent => {
                if let Some(word) = &mut open {
                    word.end = end;
                }
            }
            Kind::Alone => {
                found.extend(open.take());
                let mut folded = String::new();
                fold_into(&mut folded, letter);
                found.push(Word {
                    folded,
                    start: at,
                    end,
                });
            }
            Kind::Between => found.extend(open.take()),
        }
    }
    found.extend(open);
    found.retain(|word| !word.folded.is_empty());
    found
}

/// The numbers among the words of a text.
pub(super) fn numbers(text: &str, words: &[Word]) -> Vec<Number> {
    let mut found: Vec<Number> = Vec::new();
    for (place, word) in words.iter().enumerate() {
        if !word.folded.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let goes_on = found.last().is_some_and(|number| {
            number.to == place
                && number.digits.len() + word.folded.len() <= *DIGITS.end()
                && joins(&text[words[place - 1].end..word.start])
        });
        match found.last_mut().filter(|_| goes_on) {
            Some(number) => {
                number.digits.push_str(&word.folded);
                number.to = place + 1;
            }
            None => found.push(Number {
                digits: word.folded.clone(),
                from: place,
                to: place + 1,
            }),
        }
    }
    found
}

/// Whether what stands between two groups of digits may stand within a number.
fn joins(between: &str) -> bool {
    between.chars().count() <= 3
        && between.chars().all(|sign| {
            matches!(
                sign,
                ' ' | '\u{a0}' | '\u{202f}' | '-' | '–' | '.' | '(' | ')' | '/'
            )
        })
}

/// What a message is found by: its words, and its numbers in any spelling, with or without the country code.
pub fn in_message<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut all = BTreeSet::new();
    for text in texts {
        let words = words(text);
        for number in numbers(text, &words) {
            if DIGITS.contains(&number.digits.len()) {
                all.extend(ends(&number.digits, END_IN_TEXT));
                all.insert(as_number(&number.digits));
            }
        }
        all.extend(words.into_iter().map(|word| word.folded));
    }
    all.into_iter().take(MOST).collect()
}

/// What a contact is found by: the words of names, and any part of a number.
pub fn in_contact<'a>(
    names: impl IntoIterator<Item = &'a str>,
    numbers: impl IntoIterator<Item = &'a str>,
) -> Vec<String> {
    let mut all = BTreeSet::new();
    for name in names {
        all.extend(in_message([name]));
    }
    for number in numbers {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        all.extend(ends(&digits, END_OF_CONTACT));
    }
    all.into_iter().collect()
}

/// The number and everything that it ends with, down to so many digits: a beginning of one of them is any part of it.
fn ends(digits: &str, shortest: usize) -> impl Iterator<Item = String> {
    let last = (digits.len() + 1).saturating_sub(shortest);
    (0..last).map(|from| as_number(&digits[from..]))
}

/// The word for a number as a whole, or for its end: apart from other words of digits.
pub(super) fn as_number(digits: &str) -> String {
    format!("+{digits}")
}

enum Kind {
    /// Part of a word.
    Letter,
    /// A mark on the letter before it.
    Accent,
    /// A word by itself: signs of writings without spaces, and emoji.
    Alone,
    /// Between words.
    Between,
}

fn kind(letter: char) -> Kind {
    match letter {
        '\u{300}'..='\u{36f}' => Kind::Accent,
        // Kana and Han.
        '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => Kind::Alone,
        // Tones of skin belong to the sign before.
        '\u{1f3fb}'..='\u{1f3ff}' => Kind::Between,
        '\u{2300}'..='\u{23ff}'
        | '\u{2600}'..='\u{27bf}'
        | '\u{2b00}'..='\u{2bff}'
        | '\u{1f000}'..='\u{1faff}' => Kind::Alone,
        _ if letter.is_alphanumeric() => Kind::Letter,
        _ => Kind::Between,
    }
}

/// Adds a letter in small and without its accents.
fn fold_into(word: &mut String, letter: char) {
    if word.chars().count() >= LONGEST {
        return;
    }
    if letter.is_ascii() {
        word.push(letter.to_ascii_lowercase());
        return;
    }
    for part in std::iter::once(letter).nfkd() {
        for small in part.to_lowercase() {
            match small {
                'ß' => word.push_str("ss"),
                'æ' => word.push_str("ae"),
                'œ' => word.push_str("oe"),
                'ø' => word.push('o'),
                'đ' | 'ð' => word.push('d'),
                'ł' => word.push('l'),
                'ı' => word.push('i'),
                'þ' => word.push_str("th"),
                '\u{300}'..='\u{36f}' => {}
                small if small.is_alphanumeric() || matches!(kind(small), Kind::Alone) => {
                    word.push(small);
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn capitals_and_accents_do_not_count() {
        assert_eq!(
            folded("¡Camión, ÑANDÚ! Cafe\u{301} STRASSE Straße ﬁn İ"),
            ["camion", "nandu", "cafe", "strasse", "strasse", "fin", "i"]
        );
    }

    #[test]
    fn signs_of_no_alphabet_stand_alone() {
        assert_eq!(folded("東京 ok👍🏽👍"), ["東", "京", "ok", "👍", "👍"]);
        assert_eq!(folded(r#" % * " : NEAR( ^-+ "#), ["near"]);
        assert!(folded("\u{e000}\u{0}").is_empty());
    }

    #[test]
    fn a_number_is_found_in_any_spelling() {
        let found = in_message(["Llámame al +34 600-123 456, pedido 2026-00123"]);
        for wanted in [
            "+34600123456",
            "+600123456",
            "+123456",
            "600",
            "+202600123",
            "pedido",
        ] {
            assert!(
                found.iter().any(|word| word == wanted),
                "{wanted}: {found:?}"
            );
        }
        let found = in_contact(["Ana Núñez"], ["34600000001"]);
        for wanted in ["+34600000001", "+600000001", "+001", "ana", "nunez"] {
            assert!(
                found.iter().any(|word| word == wanted),
                "{wanted}: {found:?}"
            );
        }
        assert!(!found.iter().any(|word| word == "+01"), "{found:?}");
    }

    #[test]
    fn a_long_word_is_cut_and_a_long_text_ends() {
        assert_eq!(in_message(["x".repeat(10_000).as_str()])[0].len(), LONGEST);
        let many: String = (0..5_000).map(|n| format!("w{n} ")).collect();
        assert_eq!(in_message([many.as_str()]).len(), MOST);
    }
}
