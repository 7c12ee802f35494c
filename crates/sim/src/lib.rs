//! Meta in a box: a stand-in for `graph.facebook.com` and for the phones behind it.
//!
//! The simulator refuses what Meta refuses, with Meta's code and envelope; it answers a send at once and reports what
//! became of it later, by signed webhooks that may be late, doubled or out of order. Every choice is drawn from a seed,
//! so that a failing run can be repeated. It shares no type with the product: it reads requests as plain JSON and judges
//! them by Meta's documents alone, otherwise it would merely accept what our own client happens to send.
//!
//! The map: [`Seed`] says what exists, `world` holds it, `graph` answers calls, `validate` judges messages, `webhook`
//! signs and delivers, `phones` plays the customers, `control` is the `/_sim/` side for tests and for the page.

mod calls;
mod chance;
mod clock;
mod codes;
mod coexistence;
mod config;
mod control;
mod definition;
mod dialog;
mod error;
mod faults;
mod graph;
mod growth;
mod ids;
mod library;
mod media;
mod phones;
mod sample;
mod seed;
mod server;
mod signature;
mod signup;
mod sim;
mod standing;
mod templates;
mod timeline;
mod uploads;
mod validate;
mod webhook;
mod world;

pub use calls::CallRecord;
pub use config::{LinkCheck, SimConfig};
pub use control::inbound::InboundRequest;
pub use faults::{Answer, Cut, Faults, Garble, Matching, Mode, Rule};
pub use seed::{CUSTOMER_BUSINESS, CustomerSpec, NumberSpec, Seed, TokenSpec, TokenState};
pub use signature::{ascii_escape, sign};
pub use sim::Sim;
pub use templates::{ReviewMode, ReviewPolicy, TemplateSpec};
pub use world::{OutboundRecord, OutboundSummary, Windows};
