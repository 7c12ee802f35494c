//! `/api/v1/contacts`.

pub(crate) mod list;
pub(crate) mod show;
mod view;

pub(crate) use view::ContactView;
