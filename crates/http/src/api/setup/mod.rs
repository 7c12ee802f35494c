//! `/api/v1/setup/{token}`: what a setup link opens, for somebody who need not be signed in.

pub(crate) mod account;
pub(crate) mod show;
