//! The real program, killed in the middle of everything: what was answered stays, nothing takes effect twice, and
//! what nobody can know is said.
//!
//! `program` starts and ends the process, `stage` is an installation with Meta's side before it, `traffic` is the
//! load that remembers what it was told, `calm` waits until all of it has ended, `evidence` compares that with the database and with the simulator. The
//! stories: `fifty_kills`, `no_answer` (killed while Meta was answering), `asked_to_end`, `fetching_files`, `connecting`, `two_programs`, `full_disk`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a story stops where it cannot go on, and says what it saw"
)]

mod addresses;
mod asked_to_end;
mod calm;
mod connecting;
mod database_away;
mod events;
mod evidence;
mod fetching_files;
mod fifty_kills;
mod full_disk;
mod no_answer;
mod program;
mod second_send;
mod sharing_templates;
mod stage;
mod traffic;
mod two_programs;
