//! What a row of the table holds.

/// Where an error is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Where {
    /// In the answer to a call.
    Sync,
    /// In a `failed` status, an inbound message or `value.errors`.
    Async,
    /// In both.
    Both,
}

/// How long to wait before the next try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backoff {
    /// Growing gaps, few tries.
    Exponential,
    /// 4^n seconds for this pair of number and user ([`crate::limits::pair_rate_retry_after`]).
    Pair,
    /// Not before this many seconds.
    AtLeast(u32),
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// A business phone number.
    Number,
    /// A number and one user.
    Pair,
    /// A WABA or its portfolio.
    Waba,
    /// The app: every tenant on it.
    App,
}

/// What to do with the message or call, and with what stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Try again later.
    Retry(Backoff),
    /// Send more slowly in this scope, then try again.
    SlowDown(Scope),
    /// Stop the number until somebody fixed it; its messages wait.
    HoldNumber,
    /// Stop the tenant until somebody fixed it; its messages wait.
    HoldTenant,
    /// Stop sends of this template and its campaign.
    HoldTemplate,
    /// Do not send marketing to this user any more; this message fails.
    SuppressMarketing,
    /// Give up on this message or call; the same again gives the same answer.
    Fail,
}

/// Who must hear of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tell {
    /// Shown on the message, no more.
    Nobody,
    /// The tenant can fix it.
    Tenant,
    /// Only the platform's operators can fix it.
    Platform,
    /// Both should know.
    Both,
}

/// One code with what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorRow {
    /// Meta's code, as it was asked for.
    pub code: i64,
    /// The subcode, as it was asked for.
    pub subcode: Option<i64>,
    /// Meta's title, or ours in its style.
    pub meaning: &'static str,
    /// For a shop owner: what happened and what to do.
    pub explanation: &'static str,
    /// HTTP status of the synchronous answer.
    pub http_status: u16,
    /// Where it is seen.
    pub where_seen: Where,
    /// What to do.
    pub verdict: Verdict,
    /// Who must hear of it.
    pub tell: Tell,
    /// Whether the code is in the table; count the others.
    pub known: bool,
}

impl ErrorRow {
    pub(super) fn unknown(code: i64, subcode: Option<i64>, http_status: u16) -> Self {
        let server = http_status >= 500;
        Self {
            code,
            subcode,
            meaning: "Unknown error",
            explanation: "WhatsApp answered with an error that this program does not know yet. Its own text says more.",
            http_status,
            where_seen: Where::Both,
            verdict: if server {
                Verdict::Retry(Backoff::Exponential)
            } else {
                Verdict::Fail
            },
            tell: Tell::Platform,
            known: false,
        }
    }
}

/// A row as it stands in the table: one code or a range with one answer.
pub(super) struct Row {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) http_status: u16,
    pub(super) where_seen: Where,
    pub(super) verdict: Verdict,
    pub(super) tell: Tell,
    pub(super) meaning: &'static str,
    pub(super) explanation: &'static str,
}

impl Row {
    pub(super) fn holds(&self, code: i64) -> bool {
        (self.first..=self.last).contains(&code)
    }

    pub(super) fn expand(&self, code: i64, subcode: Option<i64>) -> ErrorRow {
        ErrorRow {
            code,
            subcode,
            meaning: self.meaning,
            explanation: self.explanation,
            http_status: self.http_status,
            where_seen: self.where_seen,
            verdict: self.verdict,
            tell: self.tell,
            known: true,
        }
    }
}

/// Writes a table, one code or one range a row: `code: HTTP where, verdict, tell, "meaning", "explanation";`.
macro_rules! rows {
    ($($first:literal $(..= $last:literal)?: $http:literal $seen:ident, $verdict:expr, $tell:ident,
        $meaning:literal, $explanation:literal;)+) => {
        &[$(Row {
                first: $first,
                last: $crate::errors::row::end($first, &[$($last)?]),
                http_status: $http,
                where_seen: Where::$seen,
                verdict: $verdict,
                tell: Tell::$tell,
                meaning: $meaning,
                explanation: $explanation,
            }),+]
    };
}

/// The end of a range, or the code itself.
pub(super) const fn end(first: i64, last: &[i64]) -> i64 {
    if last.is_empty() { first } else { last[0] }
}

pub(super) use rows;
