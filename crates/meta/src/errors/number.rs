//! Codes of phone numbers: registration, verification, user errors.

use super::row::{Backoff, Row, Tell, Verdict, Where, rows};

pub(super) const ROWS: &[Row] = rows! {
    133000: 500 Sync, Verdict::HoldNumber, Platform,
        "Incomplete Deregistration",
        "An earlier deregistration of this number did not finish. Deregister it again, then register it.";
    133004: 503 Sync, Verdict::Retry(Backoff::Exponential), Nobody,
        "Server Temporarily Unavailable",
        "WhatsApp is not available for the moment. It is tried again by itself.";
    133005: 400 Sync, Verdict::HoldNumber, Tenant,
        "Two step verification PIN Mismatch",
        "The PIN of this number is not right. Enter the PIN that was chosen for two-step verification.";
    133006: 400 Sync, Verdict::HoldNumber, Tenant,
        "Phone number Re-verification Needed",
        "This number must be verified first. Ask for a code and enter it.";
    133008: 400 Sync, Verdict::Retry(Backoff::AtLeast(12 * 60 * 60)), Tenant,
        "Too Many two step verification PIN Guesses",
        "The PIN was wrong too often. Wait as long as WhatsApp says, then try the right one.";
    133009: 400 Sync, Verdict::Retry(Backoff::AtLeast(60)), Tenant,
        "Two step verification PIN Guessed Too Fast",
        "PINs were entered too quickly. Wait as long as WhatsApp says, then try again.";
    133010: 400 Sync, Verdict::HoldNumber, Both,
        "Phone number Not Registered",
        "This number is not registered for sending. Register it; its messages wait.";
    133015: 400 Sync, Verdict::Retry(Backoff::AtLeast(5 * 60)), Nobody,
        "Please wait a few minutes before attempting to register this phone number",
        "This number was deleted a moment ago. It is tried again after five minutes.";
    133016: 400 Sync, Verdict::Retry(Backoff::AtLeast(72 * 60 * 60)), Both,
        "Account register deregister rate limit exceeded",
        "This number was registered too often. WhatsApp allows ten times in 72 hours; wait that long.";
    135000: 400 Both, Verdict::Fail, Platform,
        "Generic user error",
        "WhatsApp could not send the message because of something in it, and does not say what.";
    136024: 400 Sync, Verdict::Retry(Backoff::AtLeast(60 * 60)), Tenant,
        "Code request failed",
        "WhatsApp did not send a code. Wait, then ask again, perhaps by a call instead of an SMS.";
    136025: 400 Sync, Verdict::Retry(Backoff::AtLeast(60)), Tenant,
        "Code verification failed",
        "The code was not right. Ask for a new one and enter it.";
};
