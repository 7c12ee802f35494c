//! One send: the body goes to Meta, the answer is judged by the error table.

use std::time::Duration;

use domain::Timestamp;
use domain::status::Failure;
use meta::errors::{Backoff, Scope, Verdict};
use meta::graph::{GraphError, SendError};
use meta::limits::pair_rate_retry_after;
use secrecy::SecretString;
use store::outbox::Entry;
use store::outbox::look::Hold;
use store::templates;

use crate::Engine;
use crate::config::exponential;
use crate::media::{self, NotGiven, Resolved};
use crate::templates::hold_of as held_of;

/// What became of a send.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Meta took it.
    Accepted { wamid: String },
    /// It will never go.
    Failed(Failure),
    /// It certainly did not go; again later, or (without a time) when what holds it is over. `tries` counts refusals
    /// that were about this message.
    Later {
        at: Option<Timestamp>,
        why: String,
        tries: i64,
        hold: Hold,
    },
    /// It certainly did not go, and may go at its next turn.
    Back { why: Option<String> },
    /// Nobody knows whether it went.
    Unknown { why: String },
}

/// What a send tells about the number it left from, or about more than that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Advice {
    /// Nothing: it was not tried.
    None,
    /// Meta takes messages: what held the number or the template is over.
    Taken,
    /// Too fast: a rest, and then slower.
    Slow {
        scope: Scope,
        code: i64,
        why: String,
        rest: Duration,
    },
    /// A rest, and then as before.
    Rest {
        code: i64,
        why: String,
        rest: Duration,
    },
    /// Meta cannot be reached.
    Unreachable { why: String },
    /// No answer came: whether Meta has it nobody knows.
    Unknown,
    /// The number waits until something is mended.
    Hold {
        hold: Hold,
        code: i64,
        explanation: String,
    },
    /// The template waits until Meta lets it go.
    HoldTemplate { code: i64, explanation: String },
    /// Meta answers; what it would say to a good message is not known.
    Reached,
    /// Too many to this person.
    Pair { until: Timestamp },
}

impl Advice {
    /// Whether Meta said something, whatever it was.
    pub(super) const fn is_answer(&self) -> bool {
        !matches!(self, Self::None | Self::Unreachable { .. } | Self::Unknown)
    }
}

/// A message that was held for so long fails when its turn to try comes.
const LONGEST_HOLD: Duration = Duration::from_secs(24 * 3_600);
/// The pause of one message after a try that did not reach Meta at all.
const UNREACHABLE: Duration = Duration::from_secs(5);
/// How long a number rests when it was too fast.
const TOO_FAST: Duration = Duration::from_millis(500);
/// How long it rests when a limit of a WABA or of the app is reached and Meta does not say how long.
const USED_UP: Duration = Duration::from_secs(60);
/// How long it rests when too many people have blocked or reported its messages.
const SPAM: Duration = Duration::from_secs(5 * 60);

/// Sends one claimed entry.
pub(super) async fn dispatch(
    engine: &Engine,
    token: &SecretString,
    entry: &Entry,
) -> (Outcome, Advice) {
    let body = match media::resolve(engine, token, entry).await {
        Ok(Resolved::AsItIs) => entry.body.clone().into(),
        Ok(Resolved::Body(body)) => body.into(),
        Err(why) => return not_given(engine, why, entry),
    };
    let endpoint = entry.endpoint.as_deref().unwrap_or("messages");
    let answer = engine
        .graph
        .send_bytes_to(token, &entry.phone_number_id, endpoint, body)
        .await;
    let now = engine.clock.now();
    match answer {
        Ok(accepted) => (
            Outcome::Accepted {
                wamid: accepted.wamid,
            },
            Advice::Taken,
        ),
        Err(SendError::NotSent(why)) => {
            let why = format!("WhatsApp cannot be reached: {why}");
            let outcome = Outcome::Later {
                at: Some(now.plus(UNREACHABLE)),
                why: why.clone(),
                tries: 0,
                hold: Hold::Unreachable,
            };
            (outcome, Advice::Unreachable { why })
        }
        Err(SendError::Unknown(why)) => (Outcome::Unknown { why }, Advice::Unknown),
        Err(SendError::Refused(error)) => {
            if media::spoilt(engine, entry, &error).await {
                let why =
                    "WhatsApp does not know the file any more; it is given it again".to_owned();
                return (
                    Outcome::Later {
                        at: Some(now),
                        why,
                        tries: 1,
                        hold: Hold::Retry,
                    },
                    Advice::Reached,
                );
            }
            if error.code == NO_TEMPLATE && is_in_review(engine, entry).await {
                let outcome = Outcome::Later {
                    at: None,
                    why: "WhatsApp has not approved the present text of the template".to_owned(),
                    tries: 0,
                    hold: Hold::TemplateReview,
                };
                return (outcome, Advice::Reached);
            }
            judge(engine, &error, entry, now)
        }
    }
}

/// Whether the template was edited since the message was enqueued, and Meta has not approved it again: then it is not
/// there for Meta, and will be.
async fn is_in_review(engine: &Engine, entry: &Entry) -> bool {
    let Some((name, language)) = entry
        .template
        .as_deref()
        .and_then(|key| key.rsplit_once('/'))
    else {
        return false;
    };
    let number = &entry.phone_number_id;
    let row = templates::any_tenant_of_number(&engine.db, number, name, language).await;
    let hold = row.ok().flatten().and_then(|row| held_of(&row));
    hold.is_some_and(|hold| hold.hold == Hold::TemplateReview)
}

/// The file of the message is not at Meta, so the message certainly did not go.
fn not_given(engine: &Engine, why: NotGiven, entry: &Entry) -> (Outcome, Advice) {
    let now = engine.clock.now();
    match why {
        NotGiven::Never { code, why } => {
            let failure = Failure {
                code,
                title: "Media upload error".to_owned(),
                details: Some(why.clone()),
                explanation: why,
            };
            (Outcome::Failed(failure), Advice::None)
        }
        NotGiven::Later(why) => {
            let outcome = Outcome::Later {
                at: Some(now.plus(UNREACHABLE)),
                why,
                tries: 0,
                hold: Hold::Unreachable,
            };
            (outcome, Advice::None)
        }
        NotGiven::Refused(error) => judge(engine, &error, entry, now),
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
    let code = error.code;
    let why = format!("{} ({}): {}", row.meaning, error.code, row.explanation);
    let attempts = entry.attempts + 1;
    // A refusal of this message counts; one that is about the number or the account only costs time.
    let again = |at: Timestamp, hold: Hold| {
        if attempts >= engine.outbound.max_attempts {
            Outcome::Failed(failure())
        } else {
            let why = why.clone();
            Outcome::Later {
                at: Some(at),
                why,
                tries: 1,
                hold,
            }
        }
    };
    let too_long = now.since(entry.created_at) >= LONGEST_HOLD;
    let back = || {
        if too_long {
            Outcome::Failed(failure())
        } else {
            Outcome::Back {
                why: Some(why.clone()),
            }
        }
    };
    let slow = |scope: Scope, rest: Duration| {
        let why = why.clone();
        let outcome = if too_long {
            Outcome::Failed(failure())
        } else {
            Outcome::Later {
                at: Some(now.plus(rest)),
                why: why.clone(),
                tries: 0,
                hold: Hold::SlowDown,
            }
        };
        let advice = Advice::Slow {
            scope,
            code,
            why,
            rest,
        };
        (outcome, advice)
    };
    match row.verdict {
        Verdict::Fail | Verdict::SuppressMarketing => (Outcome::Failed(failure()), Advice::Reached),
        Verdict::HoldTemplate => match entry.template {
            // A template that does not exist is no more there tomorrow.
            Some(_) if PAUSED.contains(&code) && !too_long => {
                let outcome = Outcome::Later {
                    at: None,
                    why: why.clone(),
                    tries: 0,
                    hold: Hold::Template,
                };
                let explanation = row.explanation.to_owned();
                (outcome, Advice::HoldTemplate { code, explanation })
            }
            _ => (Outcome::Failed(failure()), Advice::Reached),
        },
        Verdict::Retry(Backoff::Exponential) => (
            again(exponential(attempts, now), Hold::Retry),
            Advice::Reached,
        ),
        Verdict::Retry(Backoff::Pair) | Verdict::SlowDown(Scope::Pair) => {
            let tried = u32::try_from(entry.attempts).unwrap_or(0).min(5);
            let until = now.plus(pair_rate_retry_after(tried));
            (again(until, Hold::PairRate), Advice::Pair { until })
        }
        // Meta makes the number faster: all of it waits, and no message is to blame.
        Verdict::Retry(Backoff::AtLeast(seconds)) if code == MAINTENANCE => {
            let rest = Duration::from_secs(u64::from(seconds));
            let advice = Advice::Rest {
                code,
                why: why.clone(),
                rest,
            };
            (back(), advice)
        }
        Verdict::Retry(Backoff::AtLeast(seconds)) => {
            let at = now.plus(Duration::from_secs(u64::from(seconds)));
            (again(at, Hold::Retry), Advice::Reached)
        }
        // The number as a whole was too fast: everything of it waits, so this costs no attempt of its own.
        Verdict::SlowDown(scope) => {
            let rest = error.retry_after.unwrap_or(rest_of(scope, code));
            slow(scope, rest)
        }
        Verdict::HoldNumber | Verdict::HoldTenant => {
            let advice = Advice::Hold {
                hold: hold_of(code),
                code,
                explanation: row.explanation.to_owned(),
            };
            (back(), advice)
        }
    }
}

/// The template is not there in this language, or not approved.
const NO_TEMPLATE: i64 = 132_001;
/// The template is paused, or switched off.
const PAUSED: [i64; 2] = [132_015, 132_016];
/// The number is being made faster.
const MAINTENANCE: i64 = 131_057;
/// Too many of the number's messages were blocked or reported.
const SPAM_LIMIT: i64 = 131_048;

/// How long nothing leaves when Meta does not say how long.
pub(super) fn rest_of(scope: Scope, code: i64) -> Duration {
    match scope {
        Scope::Waba | Scope::App => USED_UP,
        Scope::Number | Scope::Pair if code == SPAM_LIMIT => SPAM,
        Scope::Number | Scope::Pair => TOO_FAST,
    }
}

/// What a code makes a number wait for.
pub(super) fn hold_of(code: i64) -> Hold {
    match code {
        131_042 | 131_044 | 134_011 => Hold::Payment,
        0 | 102 | 104 | 190 | 2_500 => Hold::Token,
        _ => Hold::Number,
    }
}
