//! One send: the body goes to Meta, the answer is judged by the error table.

use std::time::Duration;

use domain::Timestamp;
use domain::status::Failure;
use meta::errors::{Backoff, Scope, Verdict};
use meta::graph::{GraphError, SendError};
use secrecy::SecretString;
use store::outbox::Entry;

use crate::Engine;
use crate::config::exponential;

/// What became of a send.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Meta took it.
    Accepted { wamid: String },
    /// It will never go.
    Failed(Failure),
    /// It certainly did not go; again later. `tries` counts refusals that were about this message.
    Later {
        at: Timestamp,
        why: String,
        tries: i64,
    },
    /// Nobody knows whether it went.
    Unknown { why: String },
}

/// What a send tells about the number it left from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Advice {
    /// Go on.
    None,
    /// Nothing for this long.
    Rest(Duration),
}

/// How long a number is held when something has to be mended first (payment, registration, token).
const HOLD: Duration = Duration::from_secs(15 * 60);
/// A message that was held for so long fails.
const LONGEST_HOLD: Duration = Duration::from_secs(24 * 3_600);
/// The pause after a try that did not reach Meta at all.
const UNREACHABLE: Duration = Duration::from_secs(5);

/// Sends one claimed entry.
pub(super) async fn dispatch(
    engine: &Engine,
    token: &SecretString,
    entry: &Entry,
) -> (Outcome, Advice) {
    let answer = engine
        .graph
        .send_message_bytes(token, &entry.phone_number_id, entry.body.clone().into())
        .await;
    let now = engine.clock.now();
    match answer {
        Ok(accepted) => (
            Outcome::Accepted {
                wamid: accepted.wamid,
            },
            Advice::None,
        ),
        Err(SendError::NotSent(why)) => {
            let why = format!("WhatsApp cannot be reached: {why}");
            let outcome = Outcome::Later {
                at: now.plus(UNREACHABLE),
                why,
                tries: 0,
            };
            (outcome, Advice::Rest(Duration::from_millis(500)))
        }
        Err(SendError::Unknown(why)) => (Outcome::Unknown { why }, Advice::None),
        Err(SendError::Refused(error)) => judge(engine, &error, entry, now),
    }
}

/// The verdict of the error table on a refusal.
pub(super) fn judge(
    engine: &Engine,
    error: &GraphError,
    entry: &Entry,
    now: Timestamp,
) -> (Outcome, Advice) {
    let row = error.row();
    metrics::counter!("trunkline_graph_errors_total", "code" => error.code.to_string())
        .increment(1);
    let failure = || Failure {
        code: error.code,
        title: error.message.clone(),
        details: error.details.clone(),
        explanation: row.explanation.to_owned(),
    };
    let why = format!("{} ({}): {}", row.meaning, error.code, row.explanation);
    let attempts = entry.attempts + 1;
    // A refusal of this message counts; one that is about the number or the account only costs time.
    let again = |at: Timestamp, why: String| {
        if attempts >= engine.outbound.max_attempts {
            Outcome::Failed(failure())
        } else {
            Outcome::Later { at, why, tries: 1 }
        }
    };
    let hold = |at: Timestamp, why: String| {
        if now.since(entry.created_at) >= LONGEST_HOLD {
            Outcome::Failed(failure())
        } else {
            Outcome::Later { at, why, tries: 0 }
        }
    };
    match row.verdict {
        Verdict::Fail | Verdict::SuppressMarketing | Verdict::HoldTemplate => {
            (Outcome::Failed(failure()), Advice::None)
        }
        Verdict::Retry(Backoff::Exponential) => {
            (again(exponential(attempts, now), why), Advice::None)
        }
        Verdict::Retry(Backoff::Pair) | Verdict::SlowDown(Scope::Pair) => {
            (again(pair(attempts, now), why), Advice::None)
        }
        Verdict::Retry(Backoff::AtLeast(seconds)) => (
            again(now.plus(Duration::from_secs(u64::from(seconds))), why),
            Advice::None,
        ),
        // The number as a whole was too fast: everything of it waits, so this costs no attempt of its own.
        Verdict::SlowDown(Scope::Number) => {
            let rest = Duration::from_secs(1);
            (hold(now.plus(rest), why), Advice::Rest(rest))
        }
        Verdict::SlowDown(Scope::Waba | Scope::App) => {
            let rest = Duration::from_secs(60);
            (hold(now.plus(rest), why), Advice::Rest(rest))
        }
        Verdict::HoldNumber | Verdict::HoldTenant => {
            (hold(now.plus(HOLD), why), Advice::Rest(HOLD))
        }
    }
}

/// Meta's rule for the pair rate: 4^n seconds.
fn pair(attempts: i64, now: Timestamp) -> Timestamp {
    let power = u32::try_from(attempts.clamp(1, 6)).unwrap_or(1) - 1;
    now.plus(Duration::from_secs(4_u64.pow(power)))
}
