//! The simulator, seen from outside: over HTTP, as any client of Meta would use it.

mod catalogue;
mod controls;
mod deliveries;
mod limits;
mod load;
mod media;
mod openapi;
mod refusals;
mod stage;
mod statuses;
