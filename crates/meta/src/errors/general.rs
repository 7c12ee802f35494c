//! Codes of the Graph API at large: tokens, permissions, rate limits.

use super::row::{Backoff, Row, Scope, Tell, Verdict, Where, rows};

pub(super) const ROWS: &[Row] = rows! {
    0: 401 Sync, Verdict::HoldTenant, Both,
        "AuthException",
        "WhatsApp no longer accepts the access of this connection. Connect the account again.";
    1: 400 Sync, Verdict::Retry(Backoff::Exponential), Nobody,
        "API Unknown",
        "WhatsApp could not handle the request, or had a fault of its own. It is tried again a few times.";
    2: 503 Sync, Verdict::Retry(Backoff::Exponential), Nobody,
        "API Service",
        "WhatsApp is not available for the moment. It is tried again by itself.";
    3: 500 Sync, Verdict::HoldTenant, Platform,
        "API Method",
        "The platform's app lacks a capability that this call needs. The operators must add it at Meta.";
    4: 400 Sync, Verdict::SlowDown(Scope::App), Platform,
        "API Too Many Calls",
        "The platform has made too many calls within the hour. Work goes on more slowly by itself.";
    10: 403 Sync, Verdict::HoldTenant, Both,
        "Permission Denied",
        "This connection may not do that. Connect the account again and grant every permission that is asked for.";
    17: 400 Sync, Verdict::SlowDown(Scope::Waba), Platform,
        "User request limit reached",
        "Too many calls were made with this access. Work goes on more slowly by itself.";
    32: 400 Sync, Verdict::SlowDown(Scope::Waba), Platform,
        "Page request limit reached",
        "Too many calls were made for this account. Work goes on more slowly by itself.";
    33: 400 Sync, Verdict::HoldNumber, Tenant,
        "Parameter value is not valid",
        "This phone number was deleted, or is no longer shared with the platform. Check it in WhatsApp Manager.";
    100: 400 Sync, Verdict::Fail, Platform,
        "Invalid parameter",
        "WhatsApp did not accept one of the values of this message. Its own text says which.";
    104: 400 Sync, Verdict::Fail, Platform,
        "An access token is required",
        "The call was made without access. This is a mistake of the platform; its operators have been told.";
    190: 401 Sync, Verdict::HoldTenant, Both,
        "Access token has expired",
        "WhatsApp no longer accepts the access of this connection. Connect the account again; nothing is sent until then.";
    200..=299: 403 Sync, Verdict::HoldTenant, Both,
        "API Permission",
        "A permission was never granted, or was taken back. Connect the account again and grant every permission.";
    368: 403 Both, Verdict::HoldTenant, Both,
        "Temporarily blocked for policies violations",
        "Meta has blocked this account for a time because of its policies. See WhatsApp Manager for the reason and the appeal.";
    613: 400 Sync, Verdict::SlowDown(Scope::Waba), Platform,
        "Calls to this API have exceeded the rate limit",
        "Too many calls of this kind were made. Work goes on more slowly by itself.";
    2500: 400 Sync, Verdict::Fail, Platform,
        "Unknown path components",
        "The call went to an address that does not exist. This is a mistake of the platform; its operators have been told.";
    80007: 400 Sync, Verdict::SlowDown(Scope::Waba), Platform,
        "Rate limit issues",
        "Too many management calls were made for this WhatsApp account within the hour. Work goes on more slowly by itself.";
    80008: 400 Sync, Verdict::SlowDown(Scope::Waba), Platform,
        "There have been too many calls to this WhatsApp Business account",
        "Too many management calls were made for this WhatsApp account within the hour. Work goes on more slowly by itself.";
    1752041: 400 Sync, Verdict::Fail, Nobody,
        "Duplicate onboarding request",
        "Marketing messages had been applied for already. There is nothing to do.";
    200005: 400 Sync, Verdict::Fail, Tenant,
        "Template Insights not available",
        "WhatsApp gives no template statistics for this account yet.";
    200006: 400 Sync, Verdict::Fail, Tenant,
        "Template Insights cannot be disabled",
        "Template statistics cannot be switched off again once they are on.";
    200007: 400 Sync, Verdict::Fail, Tenant,
        "Template Insights not enabled",
        "Template statistics are off. Switch them on in WhatsApp Manager.";
};
