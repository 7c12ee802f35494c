//! Codes of flows, blocking users, account health and usernames.

use super::row::{Backoff, Row, Tell, Verdict, Where, rows};

pub(super) const ROWS: &[Row] = rows! {
    139000: 400 Sync, Verdict::Fail, Tenant,
        "Blocked by integrity",
        "Meta does not let this account make or publish flows. See WhatsApp Manager.";
    139001: 400 Sync, Verdict::Fail, Tenant,
        "Flow cannot be updated",
        "A published flow cannot be changed. Make a copy of it.";
    139002: 400 Sync, Verdict::Fail, Tenant,
        "Flow cannot be published",
        "The flow has mistakes, or lacks something. Look at it in WhatsApp Manager.";
    139003: 400 Sync, Verdict::Fail, Tenant,
        "Flow cannot be deprecated",
        "Only a published flow can be taken out of use.";
    139004: 400 Sync, Verdict::Fail, Tenant,
        "Flow cannot be deleted",
        "Only a draft of a flow can be deleted.";
    139100: 400 Sync, Verdict::Fail, Tenant,
        "Failed to block or unblock some users",
        "Some of the users were not blocked; the answer names them. Only users of the last 24 hours can be blocked.";
    139101: 400 Sync, Verdict::Fail, Tenant,
        "Blocklist limit reached",
        "The list of blocked users is full. Take users off it first.";
    139102: 400 Sync, Verdict::Retry(Backoff::Exponential), Nobody,
        "Blocklist concurrent update",
        "The list of blocked users was changed at the same moment. It is tried again.";
    139103: 400 Sync, Verdict::Retry(Backoff::Exponential), Nobody,
        "Blocklist internal error",
        "WhatsApp could not change the list of blocked users. It is tried again.";
    141000..=141999: 400 Both, Verdict::Fail, Tenant,
        "Account health issue",
        "Something in the account keeps it from sending. The health of the number in WhatsApp Manager says what, and how to fix it.";
    147001: 400 Sync, Verdict::Fail, Tenant,
        "Username is not available",
        "This username is taken or not allowed. Choose another one.";
    147002: 400 Sync, Verdict::Fail, Tenant,
        "Not eligible for a username",
        "This number may not have a username yet.";
    147003: 400 Sync, Verdict::Fail, Tenant,
        "Username must be linked to a Facebook page",
        "The name belongs to a Facebook page. Link that page first.";
    147004: 400 Sync, Verdict::Fail, Tenant,
        "Username must be linked to an Instagram account",
        "The name belongs to an Instagram account. Link that account first.";
    147005: 400 Sync, Verdict::Fail, Tenant,
        "Username transfer is required",
        "The name belongs to another of your numbers. Move it from there.";
};
