//! The webhook reader against every fixture, against other projects' payloads, and against noise.

mod files;
mod fixtures;
mod kind;
mod noise;
mod tolerance;
