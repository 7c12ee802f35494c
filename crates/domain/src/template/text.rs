//! Texts of templates: words, lines, emoji, marks of formatting.

/// Words of a text: what has a letter or a digit.
pub(super) fn words(text: &str) -> usize {
    text.split_whitespace()
        .filter(|word| word.contains(char::is_alphanumeric))
        .count()
}

/// Whether a value has no line break, no tab and no more than four spaces in a row: what WhatsApp fills in.
pub(super) fn is_one_line(text: &str) -> bool {
    !text.contains(['\n', '\r', '\t']) && !text.contains("     ")
}

/// Emoji, counted by the blocks in which they stand.
pub(super) fn emoji(text: &str) -> usize {
    text.chars()
        .filter(|letter| {
            matches!(u32::from(*letter), 0x1F000..=0x1FAFF | 0x2600..=0x27BF | 0x2B00..=0x2BFF)
        })
        .count()
}

/// Whether a text has marks that would be formatting.
pub(super) fn has_formatting(text: &str) -> bool {
    text.contains(['*', '_', '~', '`'])
}
