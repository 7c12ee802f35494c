//! Pages of conversations, the one with the newest message first, narrowed and searched; and how many there are.
//!
//! Each way of narrowing has a statement of its own, because neither database makes use of an index for
//! `column = $1 OR $1 IS NULL`. The inner query finds the page's ids in an index alone; only those rows are read.

use domain::{ConversationId, TenantId, Timestamp, UserId};

use super::{Conversation, beside, columns};
use crate::db::{Db, Result, Sql, Value, args, statements};
use crate::page::{LAST_ID, Page};

/// Whose conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum View {
    /// Everybody's.
    #[default]
    All,
    /// Those of one colleague.
    Of(UserId),
    /// Those that nobody has.
    Unassigned,
}

/// What a list may be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Whose.
    pub view: View,
    /// `open`, `closed`, `snoozed`.
    pub status: Option<String>,
    /// Only those with something unread.
    pub unread: bool,
    /// One of the tenant's numbers.
    pub number: Option<String>,
    /// Part of a name, a username, a number or the last message.
    pub text: Option<String>,
}

/// How many open conversations a tenant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Counts {
    /// All of them.
    pub everybodys: i64,
    /// Those of the asking colleague.
    pub mine: i64,
    /// Those that nobody has.
    pub unassigned: i64,
    /// Those with something unread.
    pub unread: i64,
}

macro_rules! page {
    ($narrowed:literal) => {
        Sql::Both(concat!(
            "SELECT ", columns!(), " FROM (SELECT id FROM conversations WHERE tenant_id = $1 AND (last_message_at, id) < ($2, $3) \
             AND (unread_count > 0 OR NOT $5) AND (phone_number_id = $6 OR $6 IS NULL)", $narrowed,
            " ORDER BY last_message_at DESC, id DESC LIMIT $4) page JOIN conversations v ON v.id = page.id ", beside!(),
            " ORDER BY v.last_message_at DESC, v.id DESC"
        ))
    };
}

macro_rules! search {
    ($text:literal) => {
        concat!(
            "SELECT ", columns!(), " FROM conversations v ", beside!(), " WHERE v.tenant_id = $1 AND (v.last_message_at, v.id) < ($2, $3) \
             AND (v.unread_count > 0 OR NOT $5) AND (v.phone_number_id = $6 OR $6 IS NULL) AND (v.status = $7 OR $7 IS NULL) \
             AND (v.assigned_to = $8 OR $8 IS NULL) AND (v.assigned_to IS NULL OR NOT $9) AND ", $text,
            " ORDER BY v.last_message_at DESC, v.id DESC LIMIT $4"
        )
    };
}

statements! {
    ALL = page!("");
    ALL_BY_STATUS = page!(" AND status = $7");
    OF = page!(" AND assigned_to = $7");
    OF_BY_STATUS = page!(" AND assigned_to = $7 AND status = $8");
    UNASSIGNED = page!(" AND assigned_to IS NULL");
    UNASSIGNED_BY_STATUS = page!(" AND assigned_to IS NULL AND status = $7");
    SEARCH = Sql::Each {
        sqlite: search!(r"(c.name LIKE $10 ESCAPE '\' OR c.username LIKE $10 ESCAPE '\' OR v.last_message_preview LIKE $10 ESCAPE '\' OR c.phone LIKE $11)"),
        postgres: search!("(c.name ILIKE $10 OR c.username ILIKE $10 OR v.last_message_preview ILIKE $10 OR c.phone LIKE $11)"),
    };
    // SQLite's LIKE knows capitals of ASCII only; GLOB with a class for each letter knows all. PostgreSQL's ILIKE knows
    // what the collation knows: that of the database may be C, ICU's root knows all.
    SEARCH_ANY_SCRIPT = Sql::Each {
        sqlite: search!("(c.name GLOB $10 OR c.username GLOB $10 OR v.last_message_preview GLOB $10 OR c.phone LIKE $11)"),
        postgres: search!("(c.name COLLATE \"und-x-icu\" ILIKE $10 OR c.username ILIKE $10 OR v.last_message_preview COLLATE \"und-x-icu\" ILIKE $10 OR c.phone LIKE $11)"),
    };
    COUNT = Sql::Both("SELECT COUNT(*) AS everybodys, COUNT(*) FILTER (WHERE assigned_to = $2) AS mine, \
        COUNT(*) FILTER (WHERE assigned_to IS NULL) AS unassigned, COUNT(*) FILTER (WHERE unread_count > 0) AS unread \
        FROM conversations WHERE tenant_id = $1 AND status = 'open'");
}

/// A page of the tenant's conversations.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    db: &Db,
    tenant: TenantId,
    filter: &Filter,
    page: Page<(Timestamp, ConversationId)>,
) -> Result<Vec<Conversation>> {
    let (at, id) = page
        .after
        .map_or((i64::MAX, LAST_ID), |(at, id)| (at.0, id.0));
    let mut args = args![
        tenant,
        at,
        id,
        page.limit,
        filter.unread,
        filter.number.clone()
    ];
    if let Some(text) = filter.text.as_deref() {
        let (user, unassigned) = match filter.view {
            View::All => (None, false),
            View::Of(user) => (Some(user), false),
            View::Unassigned => (None, true),
        };
        let wanted = Wanted::of(text);
        args.extend(args![filter.status.clone(), user, unassigned]);
        args.push(wanted.pattern(db));
        args.push(Value::Text(wanted.digits()));
        let statement = if wanted.0.is_ascii() {
            SEARCH
        } else {
            SEARCH_ANY_SCRIPT
        };
        return db.all(statement, args).await;
    }
    if let View::Of(user) = filter.view {
        args.push(user.into());
    }
    let by_status = filter.status.is_some();
    if let Some(status) = &filter.status {
        args.push(status.into());
    }
    let statement = match (filter.view, by_status) {
        (View::All, false) => ALL,
        (View::All, true) => ALL_BY_STATUS,
        (View::Of(_), false) => OF,
        (View::Of(_), true) => OF_BY_STATUS,
        (View::Unassigned, false) => UNASSIGNED,
        (View::Unassigned, true) => UNASSIGNED_BY_STATUS,
    };
    db.all(statement, args).await
}

/// How many open conversations the tenant has; `mine` are those of `user`.
///
/// # Errors
/// When the database refuses.
pub async fn count(db: &Db, tenant: TenantId, user: Option<UserId>) -> Result<Counts> {
    let counts = db.first(COUNT, args![tenant, user]).await?;
    Ok(counts.unwrap_or(Counts {
        everybodys: 0,
        mine: 0,
        unassigned: 0,
        unread: 0,
    }))
}

/// A text that is looked for.
struct Wanted<'a>(&'a str);

/// Shorter runs of digits stand in too many numbers to say anything.
const DIGITS: usize = 3;

impl<'a> Wanted<'a> {
    fn of(text: &'a str) -> Self {
        Self(text.trim())
    }

    /// The pattern for names and texts, in the language of the database.
    fn pattern(&self, db: &Db) -> Value {
        let text = if db.is_postgres() || self.0.is_ascii() {
            self.like()
        } else {
            self.glob()
        };
        Value::Text(Some(text))
    }

    fn like(&self) -> String {
        let mut pattern = String::from("%");
        for letter in self.0.chars() {
            if matches!(letter, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
        pattern.push('%');
        pattern
    }

    fn glob(&self) -> String {
        let mut pattern = String::from("*");
        for letter in self.0.chars() {
            match letter {
                '*' | '?' | '[' => pattern.extend(['[', letter, ']']),
                letter => match (one(letter.to_lowercase()), one(letter.to_uppercase())) {
                    (Some(lower), Some(upper)) if lower != upper => {
                        pattern.extend(['[', lower, upper, ']']);
                    }
                    _ => pattern.push(letter),
                },
            }
        }
        pattern.push('*');
        pattern
    }

    /// The pattern for numbers, which are kept as digits: people write them with spaces and signs.
    fn digits(&self) -> Option<String> {
        let is_number = |byte: u8| byte.is_ascii_digit() || b" +-().".contains(&byte);
        let digits: String = self.0.chars().filter(char::is_ascii_digit).collect();
        (digits.len() >= DIGITS && self.0.bytes().all(is_number)).then(|| format!("%{digits}%"))
    }
}

/// The letter, where a change of case gives exactly one.
fn one(mut letters: impl Iterator<Item = char>) -> Option<char> {
    let first = letters.next()?;
    letters.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_special_in_a_pattern_is_looked_for_as_it_stands() {
        assert_eq!(Wanted::of(r" 50%_\ ").like(), r"%50\%\_\\%");
        assert_eq!(Wanted::of("ñ*?[").glob(), "*[ñÑ][*][?][[]*");
        assert_eq!(Wanted::of("ß名").glob(), "*ß名*");
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        assert_eq!(
            Wanted::of("+34 600-000").digits().as_deref(),
            Some("%34600000%")
        );
        assert_eq!(Wanted::of("34").digits(), None);
        assert_eq!(Wanted::of("pedido 1234").digits(), None);
    }
}
