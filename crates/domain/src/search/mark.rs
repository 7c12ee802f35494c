//! Where in a text it stands.

use super::query::{Query, Term};
use super::words::{Word, numbers, words};

/// Stands before a hit: a control character, which no message has.
pub const HIT_START: char = '\u{2}';
/// Stands behind a hit.
pub const HIT_END: char = '\u{3}';

/// Characters of an excerpt.
const EXCERPT: usize = 140;
/// Of them, those before the first hit.
const BEFORE: usize = 20;

/// The text with its hits marked; `None` when there is none in it.
pub fn mark(text: &str, query: &Query) -> Option<String> {
    let hits = hits(text, query);
    (!hits.is_empty()).then(|| marked(text, &hits))
}

/// A line of the text around its first hit, marked; `None` when there is none in it.
pub fn excerpt(text: &str, query: &Query) -> Option<String> {
    let hits = hits(text, query);
    let first = hits.first()?;
    let place = text[..first.0].chars().count();
    let skipped = place.saturating_sub(BEFORE);
    let from = text.char_indices().nth(skipped).map_or(0, |(at, _)| at);
    // Begins with a whole word, where one begins before the hit.
    let from = if skipped == 0 {
        0
    } else {
        text[from..first.0]
            .find(char::is_whitespace)
            .map_or(from, |at| from + at)
    };
    let to = text[from..]
        .char_indices()
        .nth(EXCERPT)
        .map_or(text.len(), |(at, _)| from + at);
    let within: Vec<_> = hits
        .iter()
        .filter(|hit| hit.1 <= to)
        .map(|hit| (hit.0 - from, hit.1 - from))
        .collect();
    let line = marked(&text[from..to], &within);
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let (before, behind) = (
        if from > 0 { "… " } else { "" },
        if to < text.len() { "…" } else { "" },
    );
    Some(format!("{before}{line}{behind}"))
}

fn marked(text: &str, hits: &[(usize, usize)]) -> String {
    let mut out = String::with_capacity(text.len() + 2 * hits.len());
    let mut done = 0;
    for &(start, end) in hits {
        out.extend(plain(&text[done..start]));
        out.push(HIT_START);
        out.extend(plain(&text[start..end]));
        out.push(HIT_END);
        done = end;
    }
    out.extend(plain(&text[done..]));
    out
}

/// A text in which no mark stands but ours.
fn plain(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .filter(|letter| !matches!(*letter, HIT_START | HIT_END))
}

/// From where to where, in bytes, in order and apart from each other.
fn hits(text: &str, query: &Query) -> Vec<(usize, usize)> {
    let words = words(text);
    let mut hits: Vec<(usize, usize)> = words
        .iter()
        .filter(|word| query.terms().iter().any(|term| is_hit(word, term)))
        .map(|word| (word.start, word.end))
        .collect();
    for number in numbers(text, &words) {
        let wanted = query.terms().iter().any(|term| match term {
            Term::Number(digits, _) => number.digits.contains(digits.as_str()),
            Term::Start(digits) | Term::Word(digits) => {
                digits.len() >= 5 && number.digits.contains(digits.as_str())
            }
        });
        if wanted
            && let (Some(first), Some(last)) = (words.get(number.from), words.get(number.to - 1))
        {
            hits.retain(|hit| hit.1 <= first.start || hit.0 >= last.end);
            hits.push((first.start, last.end));
        }
    }
    hits.sort_unstable();
    hits
}

fn is_hit(word: &Word, term: &Term) -> bool {
    match term {
        Term::Word(wanted) => word.folded == *wanted,
        Term::Start(start) => word.folded.starts_with(start.as_str()),
        Term::Number(digits, groups) => {
            word.folded.starts_with(digits.as_str()) || groups.contains(&word.folded)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: Option<String>) -> String {
        text.unwrap_or_else(|| "none".into())
            .replace(HIT_START, "[")
            .replace(HIT_END, "]")
    }

    #[test]
    fn hits_are_marked_where_they_stand() {
        let query = Query::parse("camion ro").unwrap();
        assert_eq!(
            shown(mark("El CAMIÓN rojo y el Camio\u{301}n azul", &query)),
            "El [CAMIÓN] [rojo] y el [Camio\u{301}n] azul"
        );
        assert_eq!(mark("nada", &query), None);
        let number = Query::parse("600 123 456").unwrap();
        assert_eq!(
            shown(mark("al +34 600-123-456 ya", &number)),
            "al +[34 600-123-456] ya"
        );
    }

    #[test]
    fn marks_in_the_text_itself_are_left_out() {
        let query = Query::parse("b").unwrap();
        assert_eq!(shown(mark("\u{2}a b\u{3}", &query)), "a [b]");
    }

    #[test]
    fn an_excerpt_is_one_line_around_the_first_hit() {
        let text = format!("{}\naguja {}", "paja ".repeat(60), "paja ".repeat(60));
        let line = shown(excerpt(&text, &Query::parse("aguj").unwrap()));
        assert!(line.starts_with("… paja"), "{line}");
        assert!(line.contains("[aguja]") && line.ends_with('…'), "{line}");
        assert!(line.chars().count() < 150, "{line}");
        assert_eq!(
            shown(excerpt("hola", &Query::parse("hola").unwrap())),
            "[hola]"
        );
    }
}
