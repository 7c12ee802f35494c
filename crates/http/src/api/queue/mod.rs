//! `/api/v1/queue`: what has not left yet, how fast it leaves, and stopping it.

pub(crate) mod cancel;
pub(crate) mod control;
pub(crate) mod counts;
pub(crate) mod settle;
pub(crate) mod show;
pub(crate) mod uncertain;
mod view;

pub(crate) use view::{NumberQueueView, PauseView};
