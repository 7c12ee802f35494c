//! The last Graph calls, for tests and for the page.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// How many calls are remembered.
pub(crate) const RING: usize = 1_000;

/// One call to the Graph side.
#[derive(Debug, Clone, Serialize)]
pub struct CallRecord {
    /// Counts from 1; grows without gaps until a reset.
    pub number: u64,
    /// Virtual milliseconds since the epoch.
    pub at_ms: u64,
    /// HTTP method.
    pub method: String,
    /// Path and query; the value of `access_token` is masked.
    pub path: String,
    /// HTTP status; 0 when the connection was closed without an answer.
    pub status: u16,
    /// Meta's error code, if the call was refused.
    pub code: Option<i64>,
    /// The first 2,000 characters of the request body, when it is text.
    pub request: String,
    /// Microseconds from the first byte read to the answer.
    pub duration_us: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Calls {
    ring: Mutex<(u64, VecDeque<CallRecord>)>,
}

impl Calls {
    pub(crate) fn push(&self, mut call: CallRecord) {
        let mut guard = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        guard.0 += 1;
        call.number = guard.0;
        if guard.1.len() == RING {
            guard.1.pop_front();
        }
        guard.1.push_back(call);
    }

    /// Calls numbered above `since`, oldest first.
    pub(crate) fn since(&self, since: u64) -> Vec<CallRecord> {
        let guard = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        guard
            .1
            .iter()
            .filter(|call| call.number > since)
            .cloned()
            .collect()
    }

    pub(crate) fn clear(&self) {
        *self.ring.lock().unwrap_or_else(PoisonError::into_inner) = (0, VecDeque::new());
    }
}
