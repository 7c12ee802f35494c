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
    /// It certainly did not go; again later.
    Later { at: Timestamp, why: String },
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
/// How often a held send is looked at again before it fails: a day of quarter hours.
const HELD_ATTEMPTS: i64 = 96;

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
    let attempts = entry.attempts + 1;
    match answer {
        Ok(accepted) => (
            Outcome::Accepted {
                wamid: accepted.wamid,
            },
            Advice::None,
        ),
        Err(SendError::NotSent(why)) => {
            let at = exponential(attempts, now);
            (
                Outcome::Later {
                    at,
                    why: format!("WhatsApp cannot be reached: {why}"),
                },
                Advice::Rest(Duration::from_millis(500)),
            )
        }
        Err(SendError::Unknown(why)) => (Outcome::Unknown { why }, Advice::None),
        Err(SendError::Refused(error)) => judge(engine, &error, attempts, now),
    }
}

/// The verdict of the error table on a refusal.
pub(super) fn judge(
    engine: &Engine,
    error: &GraphError,
    attempts: i64,
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
    let again = |at: Timestamp, limit: i64, why: String| {
        if attempts >= limit {
            Outcome::Failed(failure())
        } else {
            Outcome::Later { at, why }
        }
    };
    let limit = engine.outbound.max_attempts;
    match row.verdict {
        Verdict::Fail | Verdict::SuppressMarketing | Verdict::HoldTemplate => {
            (Outcome::Failed(failure()), Advice::None)
        }
        Verdict::Retry(Backoff::Exponential) => {
            (again(exponential(attempts, now), limit, why), Advice::None)
        }
        Verdict::Retry(Backoff::Pair) | Verdict::SlowDown(Scope::Pair) => {
            (again(pair(attempts, now), limit, why), Advice::None)
        }
        Verdict::Retry(Backoff::AtLeast(seconds)) => (
            again(
                now.plus(Duration::from_secs(u64::from(seconds))),
                limit,
                why,
            ),
            Advice::None,
        ),
        // The number as a whole was too fast: everything of it waits, so this costs no attempt of its own.
        Verdict::SlowDown(Scope::Number) => {
            let rest = Duration::from_secs(1);
            (
                again(now.plus(rest), HELD_ATTEMPTS, why),
                Advice::Rest(rest),
            )
        }
        Verdict::SlowDown(Scope::Waba | Scope::App) => {
            let rest = Duration::from_secs(60);
            (
                again(now.plus(rest), HELD_ATTEMPTS, why),
                Advice::Rest(rest),
            )
        }
        Verdict::HoldNumber | Verdict::HoldTenant => (
            again(now.plus(HOLD), HELD_ATTEMPTS, why),
            Advice::Rest(HOLD),
        ),
    }
}

/// Meta's rule for the pair rate: 4^n seconds.
fn pair(attempts: i64, now: Timestamp) -> Timestamp {
    let power = u32::try_from(attempts.clamp(1, 6)).unwrap_or(1) - 1;
    now.plus(Duration::from_secs(4_u64.pow(power)))
}
