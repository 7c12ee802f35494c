//! Events of other systems become messages: rules say which, to whom, with which template and what fills it.
//!
//! Everything here is a function of a rule and an event. What needs the tenant's world (which templates are approved,
//! who has opted out) is asked by the engine with what these functions give it.
//!
//! A path reads the event as it was posted: `$.type`, `$.id`, `$.occurred_at`, and `$.data.…` for what it carries.

mod calling_code;
mod condition;
mod dates;
mod event;
mod fill;
mod format;
mod link;
mod money;
mod numbers;
mod parameter;
mod path;
mod reason;
mod recipient;
mod rule;
mod schedule;

pub use condition::{Comparison, Condition};
pub use event::{EventType, Posted, TypePattern, check_posted};
pub use fill::{Facts, Filled, FilledHeader, FilledTexts, fill};
pub use format::{Format, Kind, Style};
pub use parameter::{Button, Header, Media, Parameter, Texts};
pub use path::{NotAPath, Path};
pub use reason::{Reason, Wrong};
pub use recipient::{Recipient, Resolved};
pub use rule::{
    CancelledBy, Choice, FallbackTemplate, Flaw, Language, NotARule, Parameters, QuietHoursWish,
    Rule, TemplateChoice,
};
pub use schedule::{Due, Schedule};

#[cfg(test)]
mod tests;
