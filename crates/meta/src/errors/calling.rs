//! Codes of calls.

use super::row::{Backoff, Row, Scope, Tell, Verdict, Where, rows};

pub(super) const ROWS: &[Row] = rows! {
    138000: 401 Both, Verdict::Fail, Tenant,
        "Calling not enabled",
        "Calls are switched off for this number. Switch them on in its settings.";
    138001: 400 Both, Verdict::Fail, Nobody,
        "Receiver uncallable",
        "This user cannot be called: not on WhatsApp, or with an old app.";
    138002: 429 Both, Verdict::SlowDown(Scope::Number), Nobody,
        "Concurrent call limit reached",
        "This number has as many calls at once as it may have. Try again when one has ended.";
    138003: 400 Both, Verdict::Fail, Nobody,
        "Duplicate call",
        "There is a call with this user already.";
    138004: 500 Both, Verdict::Retry(Backoff::Exponential), Nobody,
        "Connection error",
        "The call could not be connected. Try again.";
    138005: 429 Both, Verdict::SlowDown(Scope::Number), Nobody,
        "Call rate limit exceeded",
        "Too many calls in a short time. Wait a little.";
    138006: 401 Both, Verdict::Fail, Nobody,
        "No approved call permission",
        "The user has not allowed calls from you. Ask for permission first.";
    138007: 500 Both, Verdict::Retry(Backoff::Exponential), Nobody,
        "Connection timeout",
        "The call could not be connected in time. Try again.";
    138008: 400 Both, Verdict::Fail, Nobody,
        "Call failed",
        "WhatsApp could not make this call. Try again later.";
    138009: 400 Both, Verdict::Fail, Nobody,
        "Call permission request limit hit",
        "A user may be asked once in 24 hours and twice in seven days for permission to call.";
    138010..=138011: 400 Both, Verdict::Fail, Nobody,
        "Call failed",
        "WhatsApp could not make this call. Try again later.";
    138012: 400 Both, Verdict::Retry(Backoff::AtLeast(24 * 60 * 60)), Nobody,
        "Business initiated calls limit hit",
        "This user was called as often as is allowed within 24 hours.";
    138013..=138018: 400 Both, Verdict::Fail, Tenant,
        "Calling is not available",
        "Calls are not available for this number, this country or this user.";
    138019..=138023: 400 Both, Verdict::Fail, Nobody,
        "Call ended by a media error",
        "The call could not go on for a technical reason of the connection.";
};
