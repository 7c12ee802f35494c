//! Full text, as far as it needs no database: what a text is found by ([`words`]), what somebody looks for
//! ([`Query`]), and where in a text it stands ([`mark`]).
//!
//! Both databases get the same words, already folded, so that a search finds the same on each of them, whatever
//! language or collation they were set up with.

mod mark;
mod query;
mod words;

pub use mark::{HIT_END, HIT_START, excerpt, mark};
pub use query::{Query, Term};
pub use words::{in_contact, in_message};

/// Counts up when texts are taken apart otherwise than before: an index of another version is built anew.
pub const VERSION: i64 = 1;
