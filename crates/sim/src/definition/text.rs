//! Texts with variables: which there are, where they stand, and their examples.

use serde_json::Value;

use super::{lacks, refused};
use crate::error::GraphResult;

/// The names between `{{` and `}}` in the order in which they stand, repetitions included.
pub(crate) fn variables(text: &str) -> Vec<String> {
    text.split("{{")
        .skip(1)
        .filter_map(|piece| piece.split_once("}}"))
        .map(|(name, _)| name.trim().to_owned())
        .collect()
}

/// How many characters are emoji.
pub(crate) fn emoji(text: &str) -> usize {
    let is = |character: &char| matches!(u32::from(*character), 0x1F000..=0x1FAFF | 0x2600..=0x27BF | 0x2B00..=0x2BFF);
    text.chars().filter(is).count()
}

fn wrong<T>(component: &str, sentence: String) -> GraphResult<T> {
    let (subcode, title) = match component {
        "HEADER" => (2_388_047, "Message Header Format Is Incorrect"),
        _ => (2_388_072, "Message Body Format Is Incorrect"),
    };
    refused(subcode, title, sentence)
}

/// The distinct variables of a text: numbers without a gap, or names of small letters, digits and underscores.
pub(super) fn judged(text: &str, named: bool, component: &str) -> GraphResult<Vec<String>> {
    if text.matches("{{").count() != text.matches("}}").count() {
        return wrong(
            component,
            format!("A variable of the {component} is not closed: write {{{{1}}}}."),
        );
    }
    let mut found: Vec<String> = Vec::new();
    for name in variables(text) {
        let fits = if named {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        } else {
            name.parse::<u32>().is_ok_and(|number| number > 0)
        };
        if !fits {
            let form = if named {
                "small letters, digits and underscores"
            } else {
                "a number"
            };
            return wrong(
                component,
                format!("The variable {{{{{name}}}}} of the {component} must be {form}."),
            );
        }
        if !found.contains(&name) {
            found.push(name);
        } else if named {
            return wrong(
                component,
                format!("The variable {{{{{name}}}}} of the {component} is used twice."),
            );
        }
    }
    if !named {
        found.sort_by_key(|name| name.parse::<u32>().unwrap_or_default());
        for (index, name) in found.iter().enumerate() {
            if name.parse::<usize>() != Ok(index + 1) {
                return wrong(
                    component,
                    format!(
                        "The variables of the {component} must be numbered from {{{{1}}}} without a gap; {{{{{}}}}} is missing.",
                        index + 1
                    ),
                );
            }
        }
    }
    Ok(found)
}

/// Not at the start or end (2388299), and enough words for so many variables (2388293).
pub(super) fn placed(text: &str, count: usize) -> GraphResult<()> {
    let trimmed = text.trim();
    if trimmed.starts_with("{{") || trimmed.ends_with("}}") {
        return refused(
            2_388_299,
            "Leading or trailing params not allowed",
            "Variables can't be at the start or end of the template.",
        );
    }
    // Meta's ratio is not written down; known is 2n+1 words, variables counted, for n variables.
    if text.split_whitespace().count() < 2 * count + 1 && count > 0 {
        return refused(
            2_388_293,
            "Parameters words ratio exceeds limit",
            "This template has too many variables for its length. Reduce the number of variables or increase the message length.",
        );
    }
    Ok(())
}

/// Two variables with nothing but spaces between them.
pub(super) fn adjacent(text: &str) -> bool {
    let mut pieces = text.split("}}");
    pieces.next();
    pieces.any(|piece| piece.trim_start().starts_with("{{"))
}

/// An example for each variable, in the form that goes with the parameter format.
pub(super) fn examples(
    component: &Value,
    kind: &str,
    variables: &[String],
    named: bool,
) -> GraphResult<()> {
    if variables.is_empty() {
        return Ok(());
    }
    let example = &component["example"];
    let key = kind.to_lowercase();
    if named {
        let given = example[format!("{key}_text_named_params")].as_array();
        let has = |name: &String| {
            given.into_iter().flatten().any(|one| {
                one["param_name"] == name.as_str()
                    && one["example"].as_str().is_some_and(|text| !text.is_empty())
            })
        };
        if variables.iter().all(has) && given.map_or(0, Vec::len) == variables.len() {
            return Ok(());
        }
        return lacks(kind, "example");
    }
    let list = &example[format!("{key}_text")];
    // A body's examples lie one level deeper, as it may be given several sets of them.
    let set = if kind == "BODY" { &list[0] } else { list };
    let texts = set.as_array().map_or(0, |set| {
        set.iter()
            .filter(|text| text.as_str().is_some_and(|text| !text.is_empty()))
            .count()
    });
    if texts == variables.len() && set.as_array().map_or(0, Vec::len) == texts {
        return Ok(());
    }
    lacks(kind, "example")
}

#[cfg(test)]
mod tests {
    use super::{adjacent, variables};

    #[test]
    fn variables_next_to_each_other_are_found() {
        for (text, expected) in [
            ("a {{1}} b {{2}} c", false),
            ("a {{1}}{{2}} c", true),
            ("a {{1}} {{2}} c", true),
            ("a {{1}}, {{2}} c", false),
            ("no variable", false),
            ("a {{1}} b", false),
        ] {
            assert_eq!(adjacent(text), expected, "{text}");
        }
    }

    #[test]
    fn variables_are_read_in_their_order() {
        assert_eq!(variables("b {{2}} a {{ 1 }} {{x"), ["2", "1"]);
    }
}
