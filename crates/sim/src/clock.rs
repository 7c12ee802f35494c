//! The virtual clock: starts at the real time, may run faster, may be moved forward.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

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

    /// Now, in virtual milliseconds.
    pub(crate) fn now_ms(&self) -> u64 {
        let state = self.state();
        (state.base_ms + state.base.elapsed().as_secs_f64() * 1_000.0 * state.speed) as u64
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

    /// Jumps forward.
    pub(crate) fn advance(&self, milliseconds: u64) {
        self.state().base_ms += milliseconds as f64;
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
