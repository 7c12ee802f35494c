//! What Meta says when it has taken a message already: for some reasons (the portfolio's limit is used up, too many
//! people blocked the number, nothing pays) it answers 200 and lets the message fail a moment later. The failures are
//! read from the dead letters, wherever they were projected, and the number waits as if it had been refused at once.

use std::collections::HashMap;
use std::time::Duration;

use domain::Timestamp;
use meta::errors::{self, Scope, Verdict};
use store::dead_letters;
use store::outbox::look::Hold;

use super::dispatch::{hold_of, rest_of};
use super::sender::Shared;
use crate::Engine;

/// How far back is looked: a status may be projected some time after Meta made it.
const WINDOW: Duration = Duration::from_secs(10 * 60);

/// What late failures mean for a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Too fast, or too many.
    Slow {
        scope: Scope,
        code: i64,
        why: String,
        rest: Duration,
    },
    /// Something has to be mended.
    Hold {
        hold: Hold,
        code: i64,
        explanation: String,
    },
}

impl Refusal {
    /// None for codes that are about one message only.
    fn of(code: i64) -> Option<Self> {
        // What the platform itself let fail (its number was taken back) says nothing about the number. Meta's own 0 is
        // an answer, never a status.
        if code == 0 {
            return None;
        }
        let row = errors::lookup(code, None);
        let explanation = row.explanation.to_owned();
        match row.verdict {
            Verdict::SlowDown(scope @ (Scope::Number | Scope::Waba | Scope::App)) => {
                Some(Self::Slow {
                    scope,
                    code,
                    why: explanation,
                    rest: rest_of(scope, code),
                })
            }
            Verdict::HoldNumber | Verdict::HoldTenant => Some(Self::Hold {
                hold: hold_of(code),
                code,
                explanation,
            }),
            _ => None,
        }
    }
}

/// What was heard so far: by number and code, when the newest such message died.
#[derive(Debug, Default)]
pub(super) struct Heard(HashMap<(String, i64), i64>);

impl Heard {
    /// Looks for new late failures and lets the numbers wait.
    pub(super) async fn listen(&mut self, engine: &Engine, shared: &Shared) -> store::Result<()> {
        let now = engine.clock.now();
        let since = now.minus(WINDOW);
        for late in dead_letters::any_tenant_late(&engine.db, since).await? {
            let key = (late.phone_number_id, late.code);
            let heard = self
                .0
                .get(&key)
                .is_some_and(|newest| *newest >= late.newest);
            if heard {
                continue;
            }
            if let Some(refusal) = Refusal::of(late.code) {
                let waba = late.waba_id.unwrap_or_default();
                shared.learned(|learned| learned.late(&key.0, &waba, &refusal, now));
            }
            self.0.insert(key, late.newest);
        }
        self.0.retain(|_, newest| Timestamp(*newest) >= since);
        Ok(())
    }
}
