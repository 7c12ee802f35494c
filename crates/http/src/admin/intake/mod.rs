//! `/api/v1/admin/intake`: what came, what became of it, what is parked.

pub(crate) mod parked;
pub(crate) mod replay;
pub(crate) mod show;
