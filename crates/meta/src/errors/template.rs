//! Codes of templates, flows and the marketing messages API.

use super::row::{Backoff, Row, Tell, Verdict, Where, rows};

pub(super) const ROWS: &[Row] = rows! {
    132000: 400 Sync, Verdict::Fail, Tenant,
        "Template Param Count Mismatch",
        "The number of values does not fit the template. Give one value for each variable.";
    132001: 404 Both, Verdict::HoldTemplate, Tenant,
        "Template does not exist",
        "There is no approved template of this name in this language. Check both, and that it is approved.";
    132005: 400 Both, Verdict::Fail, Tenant,
        "Template Hydrated Text Too Long",
        "With its values filled in, the template is too long. Use shorter values.";
    132007: 400 Both, Verdict::HoldTemplate, Tenant,
        "Template Format Character Policy Violated",
        "The content of the template breaks a policy of WhatsApp. Change the template.";
    132008: 400 Sync, Verdict::Fail, Tenant,
        "Template Parameter Value Invalid",
        "One of the values of the template is not allowed. Its own text says which.";
    132012: 400 Sync, Verdict::Fail, Tenant,
        "Template Parameter Format Mismatch",
        "A value has the wrong form for its variable: no line breaks, no tabs, not more than four spaces.";
    132015: 400 Both, Verdict::HoldTemplate, Tenant,
        "Template is Paused",
        "WhatsApp has paused this template because of low quality, and does not send it. Stop the campaign and improve it.";
    132016: 400 Both, Verdict::HoldTemplate, Tenant,
        "Template is Disabled",
        "WhatsApp has disabled this template for good because of low quality. Make a new one with another text.";
    132018: 400 Sync, Verdict::Fail, Tenant,
        "Template Parameter Validation Error",
        "One of the values of the template is not allowed. Its own text says which, and why.";
    132068: 400 Sync, Verdict::HoldTemplate, Tenant,
        "Flow is in blocked state",
        "The flow behind this message is blocked. Fix the flow in WhatsApp Manager.";
    132069: 400 Sync, Verdict::HoldTemplate, Tenant,
        "Flow is in throttled state",
        "The flow behind this message has errors, and goes out only ten times an hour. Fix the flow.";
    134011: 400 Sync, Verdict::HoldTenant, Tenant,
        "WhatsApp Payments terms of service has not been accepted",
        "The terms for payments in WhatsApp are not accepted yet. Accept them in WhatsApp Manager.";
    134100: 400 Sync, Verdict::Fail, Platform,
        "Only marketing messages are supported",
        "The marketing messages API takes marketing templates only. Send it the ordinary way.";
    134101: 400 Sync, Verdict::Retry(Backoff::AtLeast(10 * 60)), Nobody,
        "Template is still syncing",
        "The template is not ready for the marketing messages API yet. It is tried again after ten minutes.";
    134102: 500 Sync, Verdict::HoldTemplate, Tenant,
        "Template is unavailable for use",
        "This template cannot go through the marketing messages API. Finish the set-up, or send it the ordinary way.";
    134103: 400 Sync, Verdict::Fail, Tenant,
        "Marketing messages API error",
        "The marketing messages API did not take the message. Send it the ordinary way.";
};
