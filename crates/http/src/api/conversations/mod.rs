//! `/api/v1/conversations`.

pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod show;
mod view;

pub(crate) use view::ConversationView;
