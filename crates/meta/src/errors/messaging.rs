//! Codes of sending messages.

use super::row::{Backoff, Row, Scope, Tell, Verdict, Where, rows};

pub(super) const ROWS: &[Row] = rows! {
    130429: 400 Both, Verdict::SlowDown(Scope::Number), Nobody,
        "Rate limit hit",
        "Messages left faster than this number is allowed to send. They go out more slowly by themselves.";
    130472: 400 Async, Verdict::Fail, Nobody,
        "User's number is part of an experiment",
        "Meta holds marketing back from a small share of users, and this user is one of them. It was not charged; use another way.";
    130497: 403 Both, Verdict::Fail, Tenant,
        "Business account is restricted from messaging users in this country",
        "This business may not write to users in that country. Leave the recipient out.";
    131000: 500 Both, Verdict::Retry(Backoff::Exponential), Nobody,
        "Something went wrong",
        "WhatsApp could not send the message and does not say why. It is tried again a few times.";
    131005: 403 Sync, Verdict::HoldTenant, Both,
        "Access denied",
        "A permission was never granted, or was taken back. Connect the account again and grant every permission.";
    131008: 400 Sync, Verdict::Fail, Platform,
        "Required parameter is missing",
        "Something that WhatsApp needs was missing in the message. Its own text says what.";
    131009: 400 Both, Verdict::Fail, Platform,
        "Parameter value is not valid",
        "WhatsApp did not accept one of the values of this message; for a reaction, the message may be too old. Its own text says which.";
    131016: 500 Both, Verdict::Retry(Backoff::Exponential), Nobody,
        "Service unavailable",
        "A part of WhatsApp is not available for the moment. It is tried again by itself.";
    131021: 400 Sync, Verdict::Fail, Nobody,
        "Recipient cannot be sender",
        "A number cannot write to itself. Choose another recipient.";
    131026: 400 Async, Verdict::Fail, Nobody,
        "Message undeliverable",
        "The message cannot reach this user: no WhatsApp on that number, an old app, terms not accepted, or you are blocked.";
    131030: 400 Sync, Verdict::Fail, Tenant,
        "Recipient phone number not in allowed list",
        "A test number may write only to the recipients that were registered for it. Add the recipient, or use a real number.";
    131031: 403 Both, Verdict::HoldTenant, Both,
        "Account has been locked",
        "Meta has locked this WhatsApp account, or its data do not match. See WhatsApp Manager for the reason and the appeal.";
    131037: 400 Both, Verdict::HoldNumber, Tenant,
        "WhatsApp provided number needs display name approval before message can be sent",
        "This number may not write before its display name is approved. Wait for the review, or choose another name.";
    131042: 400 Both, Verdict::HoldTenant, Both,
        "Business eligibility payment issue",
        "Meta cannot charge for messages: no payment method, a limit, or missing currency or time zone. Fix it in WhatsApp Manager.";
    131044: 400 Async, Verdict::HoldTenant, Both,
        "Business eligibility payment issue for calls",
        "Meta cannot charge for calls: there is no valid payment method. Fix it in WhatsApp Manager.";
    131045: 500 Sync, Verdict::HoldNumber, Both,
        "Incorrect certificate",
        "The registration of this phone number is not in order. Register it again.";
    131047: 400 Async, Verdict::Fail, Nobody,
        "Re-engagement message",
        "The user last wrote more than 24 hours ago, so only a template can be sent. Send a template.";
    131048: 400 Both, Verdict::SlowDown(Scope::Number), Tenant,
        "Spam rate limit hit",
        "Too many earlier messages were blocked or reported, so WhatsApp limits this number. Pause campaigns and look at the quality.";
    131049: 400 Async, Verdict::Retry(Backoff::AtLeast(24 * 60 * 60)), Nobody,
        "This message was not delivered to maintain healthy ecosystem engagement",
        "WhatsApp limits how much marketing a user gets from all businesses together. Do not repeat it within 24 hours.";
    131050: 400 Async, Verdict::SuppressMarketing, Nobody,
        "User has stopped receiving marketing messages from this business",
        "The user does not want marketing from you any more. The contact gets no more of it; other messages still go.";
    131051: 400 Both, Verdict::Fail, Nobody,
        "Message type unknown",
        "WhatsApp does not support this type of message here.";
    131052: 400 Async, Verdict::Fail, Nobody,
        "Media download error",
        "A file could not be fetched: too large, or not reachable. Ask the sender to send it again.";
    131053: 400 Async, Verdict::Fail, Tenant,
        "Media upload error",
        "WhatsApp could not take the file: its type, its size or its address. Use a file of an allowed type and size.";
    131055: 400 Sync, Verdict::Fail, Platform,
        "Method not allowed",
        "This kind of message cannot be sent in this way. Only marketing templates go through the marketing API.";
    131056: 400 Both, Verdict::Retry(Backoff::Pair), Nobody,
        "(Business Account, Consumer Account) pair rate limit hit",
        "Too many messages to the same user in a short time. The next ones wait a little by themselves.";
    131057: 500 Sync, Verdict::Retry(Backoff::AtLeast(60)), Nobody,
        "Account in maintenance mode",
        "WhatsApp is just making this number faster. It takes about a minute; messages wait by themselves.";
    131059: 400 Sync, Verdict::Fail, Nobody,
        "Invalid paging cursor",
        "A list has changed while it was read. It is read again from the start.";
    131060: 400 Async, Verdict::Fail, Tenant,
        "Message content unavailable",
        "This message can be seen only on the phone with the WhatsApp Business app. Look there.";
    131062: 400 Sync, Verdict::Fail, Tenant,
        "Business-scoped user id recipients are not supported for this message",
        "Codes for signing in can be sent only to a phone number, and this contact has none here. Ask for the number.";
    131063: 400 Sync, Verdict::Fail, Tenant,
        "Marketing messages are disabled on Cloud API",
        "This account sends marketing only through the marketing messages API. Send it that way, or change the setting.";
    131064: 400 Both, Verdict::SlowDown(Scope::Waba), Tenant,
        "Messaging limit reached because of template classification",
        "Templates were sent under a wrong category, so WhatsApp limits this account for a time. Stop the campaign.";
    137000: 400 Async, Verdict::Fail, Tenant,
        "Recipient identity key hash mismatch",
        "The user's phone or app has changed since it was last verified. Make sure that it is still the same person.";
};
