//! `/api/v1/messages`.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod media;
pub(crate) mod settle;
pub(crate) mod show;
mod view;

pub(crate) use view::MessageView;
