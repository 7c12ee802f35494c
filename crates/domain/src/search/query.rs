//! What somebody looks for.

use super::words::{Word, as_number, numbers, words};

/// Words of a query that count.
const MOST: usize = 12;
/// Digits in groups that are taken for one number.
const FEWEST_DIGITS: usize = 5;

/// One thing that must stand in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// This word.
    Word(String),
    /// A word that begins so.
    Start(String),
    /// A number that begins with these digits; or, written in groups, all of these words.
    Number(String, Vec<String>),
}

/// Shorter runs of digits stand in too many numbers to say anything.
const SHORTEST_NUMBER: usize = 3;

impl Term {
    /// The number that a single word may be, as texts are found by it.
    pub fn as_number(&self) -> Option<String> {
        let word = match self {
            Self::Word(word) | Self::Start(word) | Self::Number(word, _) => word,
        };
        let is_number =
            word.len() >= SHORTEST_NUMBER && word.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| as_number(word))
    }
}

/// Words that must all stand in a text. There is no syntax but quotes: nothing that can be typed is an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    terms: Vec<Term>,
    phrases: Vec<Vec<String>>,
}

impl Query {
    /// Reads what was typed; `None` when there is no word in it.
    ///
    /// The last word may be the beginning of one, because it may still be being typed. Words between quotes must
    /// follow each other.
    pub fn parse(typed: &str) -> Option<Self> {
        let mut query = Self::default();
        let parts: Vec<&str> = typed.split(['"', '“', '”', '«', '»']).collect();
        let last = parts.len() - 1;
        for (place, part) in parts.iter().enumerate() {
            let quoted = place % 2 == 1;
            let is_end = parts[place + 1..].iter().all(|rest| words(rest).is_empty());
            if quoted {
                query.quote(part, is_end && place == last);
            } else {
                query.plain(part, is_end);
            }
        }
        query.terms.dedup();
        query.terms.truncate(MOST);
        (!query.terms.is_empty()).then_some(query)
    }

    /// What must stand in a text.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    fn quote(&mut self, part: &str, is_open: bool) {
        let phrase: Vec<String> = words(part).into_iter().map(|word| word.folded).collect();
        let open = phrase.len().saturating_sub(usize::from(is_open));
        self.terms
            .extend(phrase[..open].iter().cloned().map(Term::Word));
        self.terms
            .extend(phrase[open..].iter().cloned().map(Term::Start));
        if phrase.len() > 1 {
            self.phrases.push(phrase);
        }
    }

    fn plain(&mut self, part: &str, is_end: bool) {
        let words = words(part);
        let numbers = numbers(part, &words);
        let mut place = 0;
        while let Some(word) = words.get(place) {
            let number = numbers.iter().find(|number| {
                number.from == place
                    && number.to > place + 1
                    && number.digits.len() >= FEWEST_DIGITS
            });
            if let Some(number) = number {
                let groups = words[number.from..number.to].iter();
                let groups = groups.map(|word| word.folded.clone()).collect();
                self.terms.push(Term::Number(number.digits.clone(), groups));
                place = number.to;
                continue;
            }
            place += 1;
            let folded = word.folded.clone();
            self.terms.push(if is_end && place == words.len() {
                Term::Start(folded)
            } else {
                Term::Word(folded)
            });
        }
    }

    /// Whether all of it stands in a text that is found by these words.
    pub fn finds(&self, known: &[String]) -> bool {
        let has = |wanted: &String| known.contains(wanted);
        let begins = |start: &String| known.iter().any(|word| word.starts_with(start.as_str()));
        self.phrases.is_empty()
            && self.terms.iter().all(|term| {
                let number = term.as_number();
                match term {
                    Term::Word(word) => has(word) || number.as_ref().is_some_and(has),
                    Term::Start(start) => begins(start) || number.as_ref().is_some_and(begins),
                    Term::Number(_, groups) => {
                        number.as_ref().is_some_and(begins) || groups.iter().all(has)
                    }
                }
            })
    }

    /// Whether its phrases stand in one of the texts; the words themselves are the index's business.
    pub fn has_phrases_in<'a>(&self, texts: impl IntoIterator<Item = &'a str> + Clone) -> bool {
        self.phrases.iter().all(|phrase| {
            texts.clone().into_iter().any(|text| {
                let words = words(text);
                words.windows(phrase.len()).any(|run| follows(run, phrase))
            })
        })
    }

    /// Whether there are phrases, which an index of words does not know.
    pub fn has_phrases(&self) -> bool {
        !self.phrases.is_empty()
    }
}

/// The last word of a phrase may still be being typed.
fn follows(run: &[Word], phrase: &[String]) -> bool {
    let Some((last, before)) = phrase.split_last() else {
        return true;
    };
    run.iter()
        .zip(before)
        .all(|(word, wanted)| word.folded == *wanted)
        && run
            .last()
            .is_some_and(|word| word.folded.starts_with(last.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(typed: &str) -> Vec<Term> {
        Query::parse(typed).unwrap_or_default().terms
    }

    fn word(word: &str) -> Term {
        Term::Word(word.to_owned())
    }

    fn start(word: &str) -> Term {
        Term::Start(word.to_owned())
    }

    #[test]
    fn the_last_word_may_be_the_beginning_of_one() {
        assert_eq!(terms("Buenos DÍAS"), [word("buenos"), start("dias")]);
        assert_eq!(terms("ñ"), [start("n")]);
    }

    #[test]
    fn nothing_that_can_be_typed_is_an_error() {
        for empty in [
            "", " ", "%", "***", "\"", "\"\"", ":", "( ) ^ -", "\u{0}", "''",
        ] {
            assert_eq!(Query::parse(empty), None, "{empty:?}");
        }
        assert_eq!(terms("NEAR(a b)"), [word("near"), word("a"), start("b")]);
        assert_eq!(terms("words:x*"), [word("words"), start("x")]);
        assert_eq!(terms("a AND"), [word("a"), start("and")]);
        assert!(terms(&"wort ".repeat(2_000)).len() <= MOST);
        assert_eq!(terms(&"x".repeat(10_000)).len(), 1);
    }

    #[test]
    fn quoted_words_must_follow_each_other() {
        let query = Query::parse("\"pedido de pan\"").unwrap();
        assert_eq!(query.terms, [word("pedido"), word("de"), word("pan")]);
        assert!(query.has_phrases_in(["Un PEDIDO de pan."]));
        assert!(!query.has_phrases_in(["pan de pedido"]));
        let open = Query::parse("ya \"pedido de pa").unwrap();
        assert_eq!(open.terms.last(), Some(&start("pa")));
        assert!(open.has_phrases_in(["", "pedido de panes"]));
    }

    #[test]
    fn a_number_in_groups_is_one_number() {
        let groups = ["34", "600", "12"].map(str::to_owned).to_vec();
        assert_eq!(
            terms("+34 600-12"),
            [Term::Number("3460012".into(), groups)]
        );
        assert_eq!(terms("600123"), [start("600123")]);
        assert_eq!(terms("12 34"), [word("12"), start("34")]);
    }
}
