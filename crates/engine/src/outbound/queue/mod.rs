//! The queue as people see and stop it: `overview` counts, `pause` and `resume` hold back and let go, `cancel` takes
//! out what has not left, and `expire` what is too late.

mod overview;
mod stop;

pub use overview::{
    BatchView, Budget, HoldView, Lanes, NumberQueue, Overview, PauseView, overview,
};
pub(super) use stop::expire;
pub use stop::{Cancelled, Selection, cancel, cancel_message, pause, resume};
