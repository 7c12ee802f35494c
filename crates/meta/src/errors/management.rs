//! Subcodes of management calls, which carry the meaning where the code is mostly 100; some come as the code itself.

use super::row::{Backoff, Row, Scope, Tell, Verdict, Where, rows};

/// Subcodes that mean the same under any code.
pub(super) const ROWS: &[Row] = rows! {
    2388001: 400 Sync, Verdict::HoldNumber, Both,
        "Phone number migration failed",
        "The number could not be moved. Check that two-step verification is off and that the number is free.";
    2388012: 400 Sync, Verdict::Fail, Tenant,
        "Phone number already present",
        "This number is in the account already.";
    2388019: 400 Sync, Verdict::Fail, Tenant,
        "Template limit reached",
        "The account has as many templates as it may have. Delete some that are no longer used.";
    2388023: 400 Sync, Verdict::Fail, Tenant,
        "Template name is being deleted",
        "A template of this name was deleted lately, and the name is free again after 30 days. Use another name.";
    2388024: 400 Sync, Verdict::Fail, Tenant,
        "Content in this language already exists",
        "There is a template of this name in this language already. Change that one, or use another name.";
    2388040: 400 Sync, Verdict::Fail, Tenant,
        "Character limit exceeded",
        "A part of the template is too long. Shorten it.";
    2388047: 400 Sync, Verdict::Fail, Tenant,
        "Header format is incorrect",
        "The header of the template is not in order: one variable at most, no formatting.";
    2388072: 400 Sync, Verdict::Fail, Tenant,
        "Body format is incorrect",
        "The body of the template is not in order. Check its variables and their examples.";
    2388073: 400 Sync, Verdict::Fail, Tenant,
        "Footer format is incorrect",
        "The footer of the template is not in order: it may hold no variables.";
    2388091: 400 Sync, Verdict::HoldNumber, Both,
        "Phone number migration failed",
        "The number could not be moved now. Try again later, or ask the platform's support.";
    2388093: 400 Sync, Verdict::HoldNumber, Both,
        "Phone number migration failed",
        "The number could not be moved now. Try again later, or ask the platform's support.";
    2388103: 400 Sync, Verdict::HoldNumber, Both,
        "Phone number migration failed",
        "The number could not be moved now. Try again later, or ask the platform's support.";
    2388293: 400 Sync, Verdict::Fail, Tenant,
        "Too many variables for the length of the text",
        "The template has too many variables for so short a text. Write more text, or use fewer variables.";
    2388299: 400 Sync, Verdict::Fail, Tenant,
        "Variables cannot be at the start or end",
        "A template may not begin or end with a variable. Put a word before or behind it.";
    2494100: 400 Sync, Verdict::Retry(Backoff::AtLeast(60 * 60)), Nobody,
        "Account in maintenance mode",
        "WhatsApp is working on this number. It is tried again later.";
    2494164..=2494179: 400 Sync, Verdict::Fail, Tenant,
        "Sign-up request failed",
        "WhatsApp did not take the sign-up listing. Its own text says why.";
    2593079: 400 Sync, Verdict::Fail, Platform,
        "Migration intent failed",
        "The account could not be moved to its new owner.";
    2593085: 400 Sync, Verdict::Fail, Platform,
        "On-behalf-of account",
        "This account still belongs to a former partner, and must be moved first.";
    2593107: 400 Sync, Verdict::Fail, Platform,
        "Synchronisation was already requested",
        "Contacts and history of the app can be asked for only once, and they were.";
    2593108: 400 Sync, Verdict::Fail, Both,
        "Synchronisation requested too late",
        "Contacts and history of the app can be had only within 24 hours of connecting. Disconnect and connect again.";
    2593109: 400 Async, Verdict::Fail, Nobody,
        "History sharing was refused",
        "The business chose not to share the history of its app. New messages come all the same.";
};

/// Subcodes that mean something only under one code.
pub(super) const SUBCODES: &[(i64, &[Row])] = &[
    (
        4,
        rows! {
            2390008: 400 Sync, Verdict::SlowDown(Scope::Number), Nobody,
                "Call permission check limit reached",
                "Call permissions were looked up too often. It goes on more slowly by itself.";
        },
    ),
    (
        100,
        rows! {
            33: 400 Sync, Verdict::HoldNumber, Both,
                "Object does not exist or cannot be loaded due to missing permissions",
                "The number or account was deleted, or is no longer shared with the platform. Connect it again.";
            2200: 400 Sync, Verdict::Fail, Platform,
                "Callback verification failed",
                "Meta could not reach the platform's webhook address, or got a wrong answer. The operators must check it.";
            36007: 400 Sync, Verdict::Fail, Platform,
                "Redirect address or code is not valid",
                "The sign-up could not be finished. Start it again.";
            36009: 400 Sync, Verdict::Fail, Platform,
                "This authorization code has been used or has expired",
                "The sign-up took too long, or was sent twice. Start it again.";
        },
    ),
    (
        190,
        rows! {
            458: 401 Sync, Verdict::HoldTenant, Both,
                "App not installed",
                "The business has removed the platform's access. Connect the account again.";
            460: 401 Sync, Verdict::HoldTenant, Both,
                "Password changed",
                "The access ended because a password was changed. Connect the account again.";
            463: 401 Sync, Verdict::HoldTenant, Both,
                "Session expired",
                "The access has run out. Connect the account again.";
            467: 401 Sync, Verdict::HoldTenant, Both,
                "Invalid access token",
                "The access was taken back. Connect the account again.";
        },
    ),
];
