//! The simulator, seen from outside: over HTTP, as any client of Meta would use it.

mod accounts;
mod acts;
mod any_input;
mod catalogue;
mod coexistence;
mod controls;
mod deliveries;
mod limits;
mod load;
mod media;
mod openapi;
mod partners;
mod popup;
mod refusals;
mod registering;
mod script;
mod signing_up;
mod stage;
mod standing;
mod statuses;
mod template_edits;
mod template_lives;
mod template_many;
mod template_rules;
