//! Why connecting stopped, or what is not in order afterwards: a word for programs, a sentence and an act for people.
//! `docs/ONBOARDING.md` shows the same table.

use meta::errors::Verdict;
use meta::graph::{GraphCallError, GraphError};

/// Who can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Acts {
    /// The business itself.
    Tenant,
    /// The operators of the platform.
    Platform,
    /// Nobody has to.
    Nobody,
}

impl Acts {
    /// As it is shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Platform => "platform",
            Self::Nobody => "nobody",
        }
    }
}

macro_rules! causes {
    ($($name:ident = $word:literal, $who:ident, $title:literal, $action:literal;)*) => {
        /// A named cause.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Cause { $(#[doc = $title] $name,)* }

        impl Cause {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// For programs.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What happened.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// What to do.
            pub const fn action(self) -> &'static str {
                match self { $(Self::$name => $action,)* }
            }

            /// Who can do it.
            pub const fn who(self) -> Acts {
                match self { $(Self::$name => Acts::$who,)* }
            }

            /// The cause that a word names; none for a word of another version.
            pub fn read(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|cause| cause.as_str() == word)
            }
        }
    };
}

causes! {
    CodeUsed = "code_used", Tenant,
        "The sign-up's code has been used already.",
        "Connect again: each sign-up gives a new code, which works once.";
    CodeLate = "code_late", Tenant,
        "The sign-up's code came too late: it lives for 30 seconds.",
        "Connect again and leave the page open until it says that it goes on.";
    CodeRefused = "code_refused", Tenant,
        "WhatsApp does not know the sign-up's code.",
        "Connect again from the page itself.";
    AppRefused = "app_refused", Platform,
        "WhatsApp does not accept the platform's app id or app secret.",
        "Compare the app id and the app secret in the platform's settings with Meta's App Dashboard, then resume.";
    TokenInvalid = "token_invalid", Tenant,
        "WhatsApp does not accept the access that was given.",
        "Connect again, or enter a token that is valid.";
    TokenLacksPermission = "token_lacks_permission", Tenant,
        "The access lacks a permission.",
        "Connect again and grant every permission that WhatsApp asks for.";
    TokenOfOtherApp = "token_of_other_app", Tenant,
        "The token belongs to another app, so WhatsApp sends its messages there.",
        "Set the webhook address of that app to the platform's address, or use a token of the platform's app.";
    WabaNotShared = "waba_not_shared", Tenant,
        "The access does not reach the WhatsApp account that was named.",
        "Connect again and choose the account that you want to share.";
    WabaUnclear = "waba_unclear", Tenant,
        "The access reaches several WhatsApp accounts, or none, and none was named.",
        "Connect again and choose one account.";
    WabaTaken = "waba_taken", Platform,
        "This WhatsApp account is connected already.",
        "Disconnect it where it is connected, then resume. The operators know where that is.";
    WabaIsPlatforms = "waba_is_platforms", Tenant,
        "This WhatsApp account is the platform's own.",
        "Connect an account of your own business.";
    NumberNotInWaba = "number_not_in_waba", Tenant,
        "The phone number that was named is not in this WhatsApp account.",
        "Connect again and choose the number.";
    NumberTaken = "number_taken", Platform,
        "Another business here has a phone number of this account.",
        "Take the number back from that business, then resume.";
    NoNumber = "no_number", Tenant,
        "The WhatsApp account has no phone number.",
        "Add a number in WhatsApp Manager, then resume.";
    SystemUserMissing = "system_user_missing", Platform,
        "The platform has no system user token, which its line of credit needs.",
        "Set meta.system_user_token and meta.business_id, then resume.";
    CreditRefused = "credit_refused", Platform,
        "WhatsApp did not share the platform's line of credit with this account.",
        "Look at the line of credit in Meta's Billing Hub and at the currency of the account, then resume.";
    CreditNotAttached = "credit_not_attached", Platform,
        "The platform's line of credit is shared, but does not pay for this account.",
        "Look at the account in Meta's Billing Hub, then resume.";
    CreditNotRevoked = "credit_not_revoked", Platform,
        "The platform's line of credit could not be taken back from this account.",
        "Revoke the allocation in Meta's Billing Hub.";
    PinMismatch = "pin_mismatch", Tenant,
        "The number has a PIN already, and it is another one.",
        "Enter the number's PIN, or switch two-step verification off in WhatsApp Manager, then resume.";
    PinLocked = "pin_locked", Tenant,
        "Too many wrong PINs were tried for this number.",
        "Wait until WhatsApp takes a PIN again (its own text says how long), then resume with the right one.";
    NumberNotVerified = "number_not_verified", Tenant,
        "The number has not been verified yet.",
        "Verify the number with its code in WhatsApp Manager, then resume.";
    RegisterLimit = "register_limit", Tenant,
        "The number was registered too often: ten times within 72 hours.",
        "Wait three days, then resume.";
    NumberNotConnected = "number_not_connected", Tenant,
        "WhatsApp does not let this number send yet.",
        "Look at the number in WhatsApp Manager, then resume.";
    PhoneSyncLate = "phone_sync_late", Nobody,
        "Contacts and history of the WhatsApp Business app can be had only within 24 hours of connecting.",
        "Nothing has to be done; to have them, disconnect and connect again.";
    PhoneSyncRefused = "phone_sync_refused", Nobody,
        "WhatsApp did not give the contacts and the history of the WhatsApp Business app.",
        "The connection works without them; to have them, disconnect and connect again.";
    NotSubscribed = "not_subscribed", Tenant,
        "WhatsApp does not send the messages of this account to the platform.",
        "Resume; if that does not help, connect again.";
    WebhooksElsewhere = "webhooks_elsewhere", Platform,
        "WhatsApp does not post the app's messages to this platform.",
        "Compare the webhook address under Platform, Set-up and press Subscribe there; nothing that was missed meanwhile comes again by itself after seven days.";
    PaymentMissing = "payment_missing", Tenant,
        "The WhatsApp account has no payment method, so WhatsApp refuses what it charges for (131042).",
        "Add a payment method in WhatsApp Manager under Payment settings.";
    AccountBlocked = "account_blocked", Tenant,
        "WhatsApp has restricted or disabled this account.",
        "See the reason and the way to appeal in WhatsApp Manager.";
    NumberDisconnected = "number_disconnected", Tenant,
        "The number was disconnected in its phone.",
        "Connect it again; in the WhatsApp Business app this is under Settings, Account, Business Platform.";
    Reauthorise = "reauthorise", Tenant,
        "WhatsApp no longer accepts the access of this connection: it has ended, or was taken back.",
        "Connect again. What waits goes out by itself then.";
    PermissionMissing = "permission_missing", Platform,
        "WhatsApp did not allow a call: a permission of the app or of the token is missing.",
        "Check the app's permissions (advanced access) in Meta's App Dashboard; then resume or connect again.";
    AccountGone = "account_gone", Tenant,
        "The account or the number is not there any more, or is no longer shared with the platform.",
        "Connect again.";
    MetaUnreachable = "meta_unreachable", Nobody,
        "WhatsApp does not answer.",
        "It is tried again by itself for some minutes; afterwards, resume.";
    MetaBusy = "meta_busy", Nobody,
        "WhatsApp cannot do it at the moment, or has been asked too often.",
        "It is tried again by itself for some minutes; afterwards, resume.";
    MetaRefused = "meta_refused", Platform,
        "WhatsApp refused for a reason that has no name here.",
        "Its own text stands beside this; mend it, then resume.";
}

/// What keeps a step from its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// It may work later.
    Again {
        cause: Cause,
        detail: String,
        wait: Option<std::time::Duration>,
    },
    /// It does not work until somebody has done something.
    Failed { cause: Cause, detail: String },
    /// The run was cancelled, or another process has it.
    Gone,
    /// The database refused.
    Store(store::DbError),
}

impl From<store::DbError> for Stop {
    fn from(error: store::DbError) -> Self {
        Self::Store(error)
    }
}

impl Stop {
    pub(super) fn failed(cause: Cause, detail: impl Into<String>) -> Self {
        Self::Failed {
            cause,
            detail: detail.into(),
        }
    }
}

impl From<GraphCallError> for Stop {
    fn from(error: GraphCallError) -> Self {
        match error {
            GraphCallError::Transport(_) | GraphCallError::NotMeta { .. } => Self::Again {
                cause: Cause::MetaUnreachable,
                detail: error.to_string(),
                wait: None,
            },
            GraphCallError::NotAllowed(why) => Self::failed(Cause::MetaRefused, why),
            GraphCallError::Refused(error) => refused(&error),
        }
    }
}

/// What a refusal means where the step has no better name for it.
fn refused(error: &GraphError) -> Stop {
    let detail = said(error);
    let passing = matches!(
        error.row().verdict,
        Verdict::Retry(_) | Verdict::SlowDown(_)
    );
    if passing || error.is_transient || error.http_status >= 500 {
        return Stop::Again {
            cause: Cause::MetaBusy,
            detail,
            wait: error.retry_after,
        };
    }
    let cause = match (error.code, error.subcode) {
        (0 | 102 | 104 | 190, _) => Cause::TokenInvalid,
        (100, Some(33)) | (33, _) => Cause::AccountGone,
        (3 | 10 | 200..=299, _) => Cause::PermissionMissing,
        (368 | 131_031, _) => Cause::AccountBlocked,
        _ => Cause::MetaRefused,
    };
    Stop::Failed { cause, detail }
}

/// Meta's own words.
pub(super) fn said(error: &GraphError) -> String {
    let subcode = error
        .subcode
        .map_or_else(String::new, |subcode| format!("/{subcode}"));
    let text = error.details.as_deref().unwrap_or(&error.message);
    format!("{}{subcode}: {text}", error.code)
}
