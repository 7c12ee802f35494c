//! Setup links: a business that gets one sets itself up. It makes its account, connects WhatsApp, and goes back to where
//! it came from; the page wears the platform's name, logo and colour.
//!
//! A link opens nothing of a tenant: it makes a new account, or asks its user to sign in.

mod account;
mod brand;
mod link;

pub use account::{Account, AccountError, account};
pub use link::{LIVES, Made, Opened, Step, Wanted, mail, make, opened, revoke};

/// What is wrong with something typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where.
    pub field: &'static str,
    /// What it must be.
    pub problem: String,
}

impl Mistake {
    fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self {
            field,
            problem: problem.into(),
        }
    }
}
