//! The only place that knows Meta's JSON.
//!
//! [`signature`] proves that a webhook came from Meta, [`webhook`] reads it without ever losing a piece of it,
//! [`graph`] calls the Graph API and says honestly when the outcome of a send is unknown, [`errors`] is Meta's table
//! of error codes with what to do about each, [`limits`] holds Meta's numbers, and [`form`] is how what may be sent is
//! written down as data. Nothing here keeps state or knows
//! a tenant; the rest of the product speaks in its own terms and comes here for the translation.

pub mod errors;
pub mod form;
pub mod graph;
pub mod limits;
pub mod searchable;
pub mod signature;
pub mod webhook;
