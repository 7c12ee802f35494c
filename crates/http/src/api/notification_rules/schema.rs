//! A rule as the API's description draws it. It is read by `domain::notification::Rule`, which is the same.
#![expect(dead_code, reason = "these are drawn, not used")]

use serde_json::Value;
use utoipa::ToSchema;

/// By which events become messages. Paths are JSON paths (RFC 9535) into `{type, id, occurred_at, data}`; `data.order.total`
/// is taken for `$.data.order.total`.
#[derive(ToSchema)]
pub(crate) struct NotificationRule {
    /// What people call it.
    name: String,
    /// Which events: exactly, or `purchase_order.*`.
    #[schema(example = "purchase_order.created")]
    event_type: String,
    /// Whether it does anything; true when left out.
    enabled: Option<bool>,
    /// All must be met.
    conditions: Option<Vec<RuleCondition>>,
    /// To whom.
    recipient: RuleRecipient,
    /// With which template.
    template: RuleTemplate,
    /// What is sent where that is approved in none of the languages.
    fallback_template: Option<RuleFallback>,
    /// What fills it.
    parameters: Option<RuleParameters>,
    /// `respect` (left out) or `ignore`: whether it waits while the business's quiet hours last where the recipient lives.
    quiet_hours: Option<String>,
    /// Sent also to people who asked not to be written to. For what they must be told.
    ignore_opt_out: Option<bool>,
    /// When, where not at once.
    schedule: Option<RuleSchedule>,
    /// What a scheduled message belongs to: a later event with the same key replaces or cancels it.
    key_path: Option<String>,
    /// Which later events cancel what is scheduled.
    cancelled_by: Option<Vec<RuleCancelledBy>>,
    /// A label by which its messages can be paused and cancelled.
    batch: Option<String>,
}

/// A condition.
#[derive(ToSchema)]
pub(crate) struct RuleCondition {
    path: String,
    /// `eq`, `ne`, `gt`, `gte`, `lt`, `lte`, `exists`, `missing`, `contains`, `in`.
    op: String,
    /// With what is compared; `exists` and `missing` have none, `in` has a list.
    #[schema(value_type = Option<Object>)]
    value: Option<Value>,
}

/// To whom: one of path and phone.
#[derive(ToSchema)]
pub(crate) struct RuleRecipient {
    path: Option<String>,
    phone: Option<String>,
    /// Where the name of somebody new stands.
    name_path: Option<String>,
    /// The country of numbers that are written without one: `ES` or `34`.
    country: Option<String>,
}

/// A template and its language.
#[derive(ToSchema)]
pub(crate) struct RuleTemplate {
    name: String,
    language: Option<RuleLanguage>,
    fallback_languages: Option<Vec<String>>,
}

/// One of these; without any it is the tenant's language.
#[derive(ToSchema)]
pub(crate) struct RuleLanguage {
    tenant: Option<bool>,
    path: Option<String>,
    is: Option<String>,
}

/// Another template; what is left out is as in the first.
#[derive(ToSchema)]
pub(crate) struct RuleFallback {
    name: String,
    language: Option<RuleLanguage>,
    fallback_languages: Option<Vec<String>>,
    parameters: Option<RuleParameters>,
}

/// What fills a template.
#[derive(ToSchema)]
pub(crate) struct RuleParameters {
    /// A list of parameters, or a file: `{link_path | link, filename_path?, filename?}`.
    #[schema(value_type = Option<Object>)]
    header: Option<Value>,
    /// A list in the order of the variables, or an object by their names.
    #[schema(value_type = Option<Object>)]
    body: Option<Value>,
    /// Values of buttons.
    buttons: Option<Vec<RuleButton>>,
}

/// A value: one of path and text.
#[derive(ToSchema)]
pub(crate) struct RuleParameter {
    path: Option<String>,
    text: Option<String>,
    format: Option<RuleFormat>,
    /// What stands there when the path finds nothing; without it the message is held.
    if_missing: Option<String>,
}

/// A button's value.
#[derive(ToSchema)]
pub(crate) struct RuleButton {
    /// Its place, from 0.
    index: u32,
    #[schema(inline)]
    #[serde(flatten)]
    value: RuleParameter,
}

/// How a value is shown in the template's language.
#[derive(ToSchema)]
pub(crate) struct RuleFormat {
    /// `text`, `money`, `number`, `date`, `time`, `datetime`, `upper`, `lower`.
    kind: String,
    currency: Option<String>,
    currency_path: Option<String>,
    decimals: Option<u8>,
    /// Of dates: `short`, `medium`, `long`, `full`.
    style: Option<String>,
    time_zone: Option<String>,
    /// What is no number or date is shown as it is instead of holding the message.
    or_text: Option<bool>,
}

/// Relative to a date in the event.
#[derive(ToSchema)]
pub(crate) struct RuleSchedule {
    at_path: String,
    /// After it; before it, where it is negative.
    offset_seconds: Option<i64>,
    /// Where the moment has passed: true (left out) sends nothing, false sends at once.
    not_if_past: Option<bool>,
}

/// A later event that cancels.
#[derive(ToSchema)]
pub(crate) struct RuleCancelledBy {
    event_type: String,
    key_path: String,
}
