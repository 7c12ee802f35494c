//! Full text: [`index`] writes it, [`hits`] finds messages in it and [`people`] contacts.
//!
//! SQLite keeps it in FTS5, PostgreSQL as tsvectors behind GIN; both get the same folded words from
//! `domain::search`, and both get a word that stands for the tenant and one for the conversation, so that another
//! tenant's texts are left out within the index. Words of ours begin with a letter that no word of a text has.

pub mod hits;
pub mod index;
pub mod people;
pub mod talks;

use domain::search::{Query, Term};
use domain::{ConversationId, TenantId};

use crate::db::{Db, Value};

/// Begins the words that are ours: of Unicode's private use, which `domain::search` takes for no letter.
const OURS: char = '\u{e000}';

fn tenant_word(tenant: TenantId) -> String {
    format!("{OURS}t{}", tenant.hex())
}

fn conversation_word(hex: &str) -> String {
    format!("{OURS}c{hex}")
}

/// The question to the index, in the language of the database: a query within conversations or outside of some.
fn question(
    db: &Db,
    tenant: TenantId,
    within: Option<&[String]>,
    outside: &[String],
    query: &Query,
) -> Value {
    let signs = if db.is_postgres() { POSTGRES } else { SQLITE };
    let mut parts = vec![signs.word(&tenant_word(tenant))];
    if let Some(conversations) = within {
        let words = conversations
            .iter()
            .map(|hex| signs.word(&conversation_word(hex)));
        parts.push(signs.group(words.collect(), signs.or));
    }
    for term in query.terms() {
        let number = term.as_number();
        let either = |word: String, number: Option<String>| match number {
            None => word,
            Some(number) => signs.group(vec![word, number], signs.or),
        };
        parts.push(match term {
            Term::Word(word) => either(signs.word(word), number.map(|word| signs.word(&word))),
            Term::Start(start) => either(signs.start(start), number.map(|word| signs.start(&word))),
            Term::Number(_, groups) => {
                let groups = groups.iter().map(|word| signs.word(word)).collect();
                either(
                    signs.group(groups, signs.and),
                    number.map(|word| signs.start(&word)),
                )
            }
        });
    }
    let mut text = parts.join(signs.and);
    if !outside.is_empty() {
        let words = outside
            .iter()
            .map(|hex| signs.word(&conversation_word(hex)));
        text = format!(
            "({text}){}{}",
            signs.not,
            signs.group(words.collect(), signs.or)
        );
    }
    Value::Text(Some(text))
}

/// How a database writes a question. Every word is quoted, so none of them is taken for a sign.
#[derive(Clone, Copy)]
struct Signs {
    quote: char,
    begins: &'static str,
    and: &'static str,
    or: &'static str,
    not: &'static str,
}

const SQLITE: Signs = Signs {
    quote: '"',
    begins: " *",
    and: " AND ",
    or: " OR ",
    not: " NOT ",
};
const POSTGRES: Signs = Signs {
    quote: '\'',
    begins: ":*",
    and: " & ",
    or: " | ",
    not: " & !",
};

impl Signs {
    fn word(self, word: &str) -> String {
        debug_assert!(
            !word.contains(['"', '\'', '\\', ' ']),
            "{word:?} is no word"
        );
        format!("{0}{word}{0}", self.quote)
    }

    fn start(self, start: &str) -> String {
        self.word(start) + self.begins
    }

    fn group(self, parts: Vec<String>, sign: &str) -> String {
        format!("({})", parts.join(sign))
    }
}

/// A conversation's id as the batches write it.
fn hex(conversation: ConversationId) -> String {
    conversation.hex()
}
