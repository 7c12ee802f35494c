//! Meta's error codes as data: what each means, and what to do about it.
//!
//! One row a code, in one file for each family of codes. A code that is not there gets a safe default and is marked as unknown, so that
//! it can be counted. Sources: page "support/error-codes" and the Graph API's own error pages.

mod calling;
mod feature;
mod general;
mod group;
mod management;
mod messaging;
mod number;
mod remedy;
mod row;
mod template;

pub use remedy::{Remedy, Who, remedy};
pub use row::{Backoff, ErrorRow, Scope, Tell, Verdict, Where};

/// What to do about a code, without knowing the HTTP status; an unknown one fails.
#[must_use]
pub fn lookup(code: i64, subcode: Option<i64>) -> ErrorRow {
    lookup_with_status(code, subcode, 400)
}

/// What to do about a code. An unknown one fails, or is tried again with growing gaps when the HTTP status is 5xx.
#[must_use]
pub fn lookup_with_status(code: i64, subcode: Option<i64>, http_status: u16) -> ErrorRow {
    if let Some(subcode) = subcode {
        let of_code = management::SUBCODES
            .iter()
            .filter(|(of, _)| *of == code)
            .flat_map(|(_, rows)| *rows);
        if let Some(row) = of_code
            .chain(management::ROWS)
            .find(|row| row.holds(subcode))
        {
            return row.expand(code, Some(subcode));
        }
    }
    match rows().find(|row| row.holds(code)) {
        Some(row) => row.expand(code, subcode),
        None => ErrorRow::unknown(code, subcode, http_status),
    }
}

/// Every code that is known, ranges expanded.
pub fn all() -> impl Iterator<Item = ErrorRow> {
    rows().flat_map(|row| (row.first..=row.last).map(|code| row.expand(code, None)))
}

fn rows() -> impl Iterator<Item = &'static row::Row> {
    let families = [
        messaging::ROWS,
        general::ROWS,
        template::ROWS,
        number::ROWS,
        group::ROWS,
        feature::ROWS,
        calling::ROWS,
        management::ROWS,
    ];
    families.into_iter().flatten()
}
