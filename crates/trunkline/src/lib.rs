//! The program: settings read and checked, the parts put together, the commands.

pub mod config;
pub mod demo;
pub mod doctor;
pub mod logging;
pub mod maintenance;
pub mod people;
pub mod ready;
pub mod serve;
pub mod simulator;
