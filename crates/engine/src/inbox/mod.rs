//! What people do with conversations: give them to each other, close and snooze them, write notes, and see
//! who else is there. Everything but presence is a row, and commits together with what tells about it.

mod change;
mod leave;
mod line;
mod notes;
pub mod presence;
pub mod seen;
pub mod snooze;

pub use change::{Change, NotChanged, Status, change, read};
pub(crate) use leave::let_go;
pub use line::Author;
pub use notes::{NewNote, note};
