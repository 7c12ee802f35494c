//! `/api/v1/messages`.

pub(crate) mod cancel;
pub(crate) mod contents;
pub(crate) mod create;
pub(crate) mod export;
pub(crate) mod life;
pub(crate) mod list;
pub(crate) mod media;
pub(crate) mod media_retry;
pub(crate) mod narrow;
mod pages;
pub(crate) mod read;
pub(crate) mod retry;
pub(crate) mod settle;
pub(crate) mod show;
pub(crate) mod thumbnail;
mod view;

pub(crate) use retry::{Chosen, Which};
pub(crate) use view::{HoldView, MessageView, RemedyView, meaning};
