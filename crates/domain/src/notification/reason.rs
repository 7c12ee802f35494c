//! Why a rule sent nothing, or not now: words that stand in the database and in the API, and what to do about each.

use super::path::Path;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $todo:literal;)*) => {
        /// Why a rule led to no message, or to none yet.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Reason { $($(#[$doc])* $name,)* }

        impl Reason {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What a person can do.
            pub const fn what_to_do(self) -> &'static str {
                match self { $(Self::$name => $todo,)* }
            }

            /// Reads the word.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }
        }
    };
}

reasons! {
    /// A condition of the rule is not met.
    Conditions = "conditions", "Nothing: the rule is not meant for this event. Change its conditions if it should be.";
    /// The path to the recipient's number finds nothing.
    RecipientMissing = "recipient_missing", "Have the other system send the phone number, or correct the recipient's path in the rule; then try again.";
    /// What the recipient's path finds is no phone number.
    RecipientInvalid = "recipient_invalid", "Correct the phone number in the other system (with its country code), or set the country in the rule; then report the event again with a new id, or try again after changing the rule.";
    /// A parameter's path finds nothing and the rule has no text for that case.
    ParameterMissing = "parameter_missing", "Have the other system send the value, correct the path, or write a text for missing values into the rule; then try again.";
    /// A path finds an object or a list.
    PathFindsObject = "path_finds_object", "Make the path go on to one text or number inside of it; then try again.";
    /// A path finds several values.
    PathFindsSeveral = "path_finds_several", "Make the path find one value, for example with [0]; then try again.";
    /// A value is no number.
    NotANumber = "not_a_number", "Have the other system send a number such as 1234.5, or choose another format in the rule; then try again.";
    /// A value is no date.
    NotADate = "not_a_date", "Have the other system send a date such as 2026-11-30 or 2026-11-30T10:00:00+01:00, or choose another format in the rule; then try again.";
    /// No currency is known for an amount.
    NoCurrency = "no_currency", "Set the currency in the rule, or have the other system send its three letters (EUR, USD); then try again.";
    /// A link to a file is none.
    LinkInvalid = "link_invalid", "Have the other system send an address that begins with https:// and that WhatsApp can reach; then try again.";
    /// The template is not there.
    TemplateMissing = "template_missing", "Create the template in WhatsApp, or choose another one in the rule; then try again.";
    /// The template is approved in none of the languages.
    TemplateNotApproved = "template_not_approved", "Wait until WhatsApp approves the template, add a language in which it is approved, or set a fallback template; then try again.";
    /// What the rule fills is not what the template takes.
    TemplateMismatch = "template_mismatch", "Open the rule: its parameters are not those of the template as WhatsApp has it now. Correct them, then try again.";
    /// The recipient wants nothing, or no marketing.
    OptedOut = "opted_out", "Nothing: this person asked not to be written to. Only they can change that.";
    /// There is no number to send from.
    NoNumber = "no_number", "Connect a WhatsApp number, then try again.";
    /// WhatsApp is switched off for the tenant.
    WhatsappOff = "whatsapp_off", "Switch WhatsApp on in the settings, then try again.";
    /// The tenant is suspended.
    Suspended = "suspended", "Ask the platform's support, then try again.";
    /// The message was refused for another cause.
    Refused = "refused", "Read what is wrong, correct the rule or the event, then try again.";
    /// The date that a schedule counts from is not there.
    ScheduleDate = "schedule_date", "Have the other system send the date, or correct the path of the schedule in the rule; then try again.";
    /// The moment lies in the past.
    TooLate = "too_late", "Nothing: when the event came, the moment for this message had passed.";
    /// The moment lies too far ahead.
    TooFar = "too_far", "Check the date in the other system: messages are scheduled for two years ahead at most.";
    /// Another event cancelled it.
    CancelledByEvent = "cancelled_by_event", "Nothing: another event cancelled this message, also where that one came first.";
    /// A newer event of the same key took its place.
    Replaced = "replaced", "Nothing: a newer event with the same key took its place.";
    /// The rule is gone.
    RuleDeleted = "rule_deleted", "Nothing: the rule was deleted before the message was due.";
    /// The rule is switched off.
    RuleOff = "rule_off", "Switch the rule on, then try again.";
    /// The rule cannot be read by this version.
    RuleBroken = "rule_broken", "Open the rule and save it again, then try again.";
    /// It is night where the person lives.
    QuietHours = "quiet_hours", "Nothing: the message leaves when the quiet hours are over.";
    /// Nobody could carry it out here.
    Internal = "internal", "Try again; if it goes on, tell the platform's support.";
}

/// What is wrong with a value of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The member of the rule that asked for it, such as `parameters.body[1]`.
    pub field: String,
    /// Why.
    pub reason: Reason,
    /// What was found, for people.
    pub problem: String,
}

impl Wrong {
    /// Something about what a path finds.
    pub(super) fn at(path: &Path, reason: Reason, problem: &str) -> Self {
        Self::new(reason, format!("{path} {problem}"))
    }

    pub(super) fn new(reason: Reason, problem: impl Into<String>) -> Self {
        Self {
            field: String::new(),
            reason,
            problem: problem.into(),
        }
    }

    pub(super) fn of(mut self, field: impl Into<String>) -> Self {
        if self.field.is_empty() {
            self.field = field.into();
        }
        self
    }
}
