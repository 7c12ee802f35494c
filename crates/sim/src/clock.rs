//! The virtual clock: starts at the real time, may run faster, may be moved forward.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The last moment that dates can name, so that sums of times never overflow.
const END_MS: u64 = 253_402_300_799_000;
/// A jump ends before the year 9000, so that time can go on after it.
const LAST_JUMP_MS: u64 = 221_845_392_000_000;

#[derive(Debug)]
struct State {
    base: Instant,
    base_ms: f64,
    speed: f64,
}

/// Virtual time in milliseconds since the Unix epoch.
#[derive(Debug)]
pub(crate) struct Clock {
    state: Mutex<State>,
}

impl Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the simulator is the boundary: its clock starts at the real time once"
    )]
    pub(crate) fn new(speed: f64) -> Self {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            state: Mutex::new(State {
                base: Instant::now(),
                base_ms: since_epoch.as_secs_f64() * 1_000.0,
                speed: sane(speed),
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Now, in virtual milliseconds; the clock stops at the end of the year 9999.
    pub(crate) fn now_ms(&self) -> u64 {
        let state = self.state();
        let now_ms = state.base_ms + state.base.elapsed().as_secs_f64() * 1_000.0 * state.speed;
        (now_ms as u64).min(END_MS)
    }

    pub(crate) fn speed(&self) -> f64 {
        self.state().speed
    }

    /// Lets time go on from here at another pace.
    pub(crate) fn set_speed(&self, speed: f64) {
        let mut state = self.state();
        state.base_ms += state.base.elapsed().as_secs_f64() * 1_000.0 * state.speed;
        state.base = Instant::now();
        state.speed = sane(speed);
    }

    /// Whether a jump stays before the end; there, time would stand and nothing would be due any more.
    pub(crate) fn can_advance(&self, milliseconds: u64) -> bool {
        self.now_ms().saturating_add(milliseconds) < LAST_JUMP_MS
    }

    /// Jumps forward.
    pub(crate) fn advance(&self, milliseconds: u64) {
        let mut state = self.state();
        state.base_ms = (state.base_ms + milliseconds as f64).min(END_MS as f64);
    }

    /// Real time until the virtual moment `due_ms`.
    pub(crate) fn real_wait(&self, due_ms: u64) -> Duration {
        let wait_ms = due_ms.saturating_sub(self.now_ms()) as f64 / self.speed();
        Duration::from_secs_f64((wait_ms / 1_000.0).min(3_600.0))
    }
}

fn sane(speed: f64) -> f64 {
    if speed.is_finite() {
        speed.clamp(0.001, 1_000_000.0)
    } else {
        1.0
    }
}
