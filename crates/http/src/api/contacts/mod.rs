//! `/api/v1/contacts`.

pub(crate) mod list;
pub(crate) mod show;
pub(crate) mod update;
mod view;

pub(crate) use view::ContactView;
