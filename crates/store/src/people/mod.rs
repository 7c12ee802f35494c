//! People who sign in: users, what they are in tenants, sessions, invitations, resets, wrong guesses.

pub mod guesses;
pub mod invitations;
pub mod members;
pub mod resets;
pub mod sessions;
pub mod users;
