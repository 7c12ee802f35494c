//! Codes of groups.

use super::row::{Backoff, Row, Scope, Tell, Verdict, Where, rows};

pub(super) const ROWS: &[Row] = rows! {
    131020: 400 Sync, Verdict::Fail, Tenant,
        "Group is too small",
        "The group has too few participants for this. Invite more users.";
    131041: 400 Sync, Verdict::Fail, Tenant,
        "Group is unknown",
        "There is no such group, or it was deleted.";
    131201: 206 Both, Verdict::Fail, Tenant,
        "Group request succeeded in part",
        "Only a part of the change of the group was made. Look at the group.";
    131202: 400 Both, Verdict::Fail, Nobody,
        "Duplicate participant",
        "The same user was named twice.";
    131203: 400 Both, Verdict::Fail, Nobody,
        "Recipient has not accepted the terms",
        "The user has not accepted WhatsApp's new terms yet, and cannot be in the group.";
    131204: 400 Both, Verdict::Fail, Tenant,
        "Group is over its limit",
        "The group has as many participants as it may have.";
    131205..=131206: 400 Both, Verdict::Fail, Tenant,
        "Group request failed",
        "WhatsApp did not make the change of the group.";
    131207: 403 Both, Verdict::Fail, Tenant,
        "Group is suspended",
        "WhatsApp has suspended this group. See WhatsApp Manager for the reason.";
    131208: 429 Both, Verdict::SlowDown(Scope::Number), Nobody,
        "Group rate limit hit",
        "Groups were changed too often in a short time. It goes on more slowly by itself.";
    131209..=131210: 400 Both, Verdict::Fail, Tenant,
        "Group picture not accepted",
        "WhatsApp did not take the picture of the group. Use another one.";
    131211: 400 Both, Verdict::Retry(Backoff::AtLeast(24 * 60 * 60)), Tenant,
        "Group creation limit reached",
        "This number may not make more groups for now.";
    131212: 400 Both, Verdict::Fail, Nobody,
        "Not a member of the group",
        "The user is not in this group any more.";
    131213: 400 Both, Verdict::Fail, Nobody,
        "No join request",
        "The user no longer asks to join the group.";
    131214: 400 Both, Verdict::Fail, Tenant,
        "Group creation is disabled",
        "WhatsApp does not let this number make groups.";
    131215: 400 Both, Verdict::Fail, Tenant,
        "Not eligible for groups",
        "Groups need an official business account. See WhatsApp Manager.";
};
