//! Files: uploaded to Meta for sending, and fetched from Meta for looking. Neither is held in memory whole, and
//! none is kept here.

mod fetch;
mod kind;
mod upload;

pub use fetch::{NotOpened, Opened, open};
pub use kind::{Kind, TAKEN, is_shown_inline};
pub use upload::{Incoming, NotUploaded, Uploaded};
