//! From "Connect WhatsApp" to a number that works: a persisted list of steps, one file each. A step looks at Meta
//! whether it has been done already before it does it, so a crash before or after a call leads to one effect. A run is
//! a job in its connection's lane; passing trouble puts another one there for later; anything else ends it with a
//! named cause ([`Cause`]), from which it can be resumed.
//!
//! The ways of connecting differ only in which steps have something to do and in whose token is used. What the browser
//! says is a claim: `inspect_token` and `claim_waba` hold it against Meta's word.

mod begin;
mod cause;
mod claim_waba;
mod disconnect;
mod exchange_code;
mod inspect_token;
mod numbers;
mod pin;
mod read_facts;
mod register_number;
mod resume;
mod run;
mod share_credit;
mod subscribe;
mod sync_phone;
mod sync_templates;
mod verify;
mod work;

pub use begin::{BeginError, Credentials, SignUp, embedded_signup, own_credentials};
pub use cause::{Acts, Cause};
pub(crate) use disconnect::take_leave;
pub use disconnect::{DisconnectError, disconnect};
pub(crate) use inspect_token::NEEDED;
pub use pin::{PinError, change as change_pin, reveal as reveal_pin};
pub use resume::{Resume, resume};
pub(crate) use run::go_on;
