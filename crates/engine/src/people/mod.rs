//! People: how they come in (invitation), sign in (password, code), stay signed in (sessions) and get
//! back in (reset).

pub mod sessions;
