//! People come in by invitation, sign in, and can do what their role says: no more, and no longer than
//! they should.

#![expect(
    clippy::unwrap_used,
    reason = "a story that cannot go on says so by stopping"
)]

mod account;
mod getting_in;
mod guarding;
mod keys;
mod mail;
mod members;
mod sessions;
