//! `/api/v1/events`: what other systems reported, and what it led to.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod retry;
pub(crate) mod show;
pub(crate) mod types;
mod view;

/// Five hundred events of the usual size.
pub(crate) const MAX_BODY: usize = 8 * 1024 * 1024;
