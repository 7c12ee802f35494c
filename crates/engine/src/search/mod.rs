//! Keeping the full-text index: [`indexer`] follows what is written, [`text`] says what a message is found by.

pub mod indexer;
mod text;

pub use text::texts;
