//! Meta's error codes as data: HTTP status, where each is seen, title and details.
//!
//! Source: Meta's page "support/error-codes", the pages of each feature, and what the Graph API answers at large. A script of
//! `POST /_sim/faults` may ask for any of them. One row a code, or a range with one answer.

/// Where a code is seen, the place first that it takes when a script does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// In the answer to a call.
    Sync,
    /// In a `failed` status.
    Status,
    /// In an answer, sometimes in a status.
    SyncOrStatus,
    /// In a status, sometimes in an answer.
    StatusOrSync,
    /// In the `errors` of an inbound message of type `unsupported`.
    Inbound,
    /// In `health_status`.
    Health,
}

/// One code, or a range with one answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    first: i64,
    last: i64,
    /// HTTP status of the synchronous answer.
    pub(crate) http: u16,
    pub(crate) seen: Seen,
    pub(crate) title: &'static str,
    /// `error_data.details` where the caller has nothing better to say.
    pub(crate) details: &'static str,
}

/// A subcode of the management side: its code, itself, `error_user_title` and `error_user_msg`.
pub(crate) struct Subcode {
    pub(crate) code: i64,
    pub(crate) subcode: i64,
    pub(crate) title: &'static str,
    pub(crate) message: &'static str,
}

macro_rules! codes {
    ($($first:literal $(..= $last:literal)?: $http:literal $seen:ident $title:literal, $details:literal;)+) => {
        &[$(Row { first: $first, last: end($first, &[$($last)?]), http: $http, seen: Seen::$seen, title: $title, details: $details }),+]
    };
}

macro_rules! subcodes {
    ($($code:literal / $subcode:literal: $title:literal, $message:literal;)+) => {
        &[$(Subcode { code: $code, subcode: $subcode, title: $title, message: $message }),+]
    };
}

const fn end(first: i64, last: &[i64]) -> i64 {
    if last.is_empty() { first } else { last[0] }
}

const TABLE: &[Row] = codes! {
    0: 401 Sync "AuthException", "Unable to authenticate the app user.";
    1: 400 Sync "API Unknown", "Invalid request or possible server error.";
    2: 503 Sync "API Service", "Temporary issue due to downtime or due to being overloaded.";
    3: 500 Sync "API Method", "Capability or permissions issue.";
    4: 400 Sync "API Too Many Calls", "The app has reached its API call rate limit.";
    10: 403 Sync "Permission Denied", "Application does not have permission for this action.";
    15: 400 Sync "This method must be called with an app access_token.", "This method must be called with an app access_token.";
    17: 400 Sync "User request limit reached", "User request limit reached.";
    32: 400 Sync "Page request limit reached", "Page request limit reached.";
    33: 400 Sync "Parameter value is not valid", "The business phone number has been deleted.";
    100: 400 Sync "Invalid parameter", "The request included one or more unsupported or misspelled parameters.";
    104: 400 Sync "An access token is required to request this resource.", "An access token is required to request this resource.";
    190: 401 Sync "Access token has expired", "The access token has expired.";
    200: 403 Sync "You do not have the necessary permissions required to send messages on behalf of this WhatsApp Business Account", "Permission is either not granted or has been removed.";
    201..=299: 403 Sync "API Permission", "Permission is either not granted or has been removed.";
    368: 403 SyncOrStatus "Temporarily blocked for policies violations", "The WhatsApp Business Account associated with the app has been restricted or disabled for violating a platform policy.";
    613: 400 Sync "Calls to this API have exceeded the rate limit.", "Calls to this API have exceeded the rate limit.";
    2500: 400 Sync "Unknown path components", "An unknown path was called.";
    80007: 400 Sync "Rate limit issues", "The WhatsApp Business Account has reached its rate limit.";
    80008: 400 Sync "There have been too many calls to this WhatsApp Business account.", "Wait a bit and try again.";
    130429: 400 SyncOrStatus "Rate limit hit", "Cloud API message throughput has been reached.";
    130472: 400 Status "User's number is part of an experiment", "Message was not sent as part of an experiment.";
    130497: 403 SyncOrStatus "Business account is restricted from messaging users in this country.", "The WhatsApp Business account is restricted from messaging to users in certain countries.";
    131000: 500 SyncOrStatus "Something went wrong", "Message failed to send due to an unknown error.";
    131005: 403 Sync "Access denied", "Permission is either not granted or has been removed.";
    131008: 400 Sync "Required parameter is missing", "The request is missing a required parameter.";
    131009: 400 SyncOrStatus "Parameter value is not valid", "One or more parameter values are invalid.";
    131016: 500 SyncOrStatus "Service unavailable", "A service is temporarily unavailable.";
    131020: 400 Sync "Group is too small", "The group has too few participants for this action.";
    131021: 400 Sync "Recipient cannot be sender", "Sender and recipient phone number is the same.";
    131026: 400 Status "Message undeliverable", "Message Undeliverable.";
    131030: 400 Sync "Recipient phone number not in allowed list", "Recipient phone number not in allowed list: Add recipient phone number to recipient list and try again.";
    131031: 403 SyncOrStatus "Account has been locked", "Business Account associated with this phone number has been restricted or disabled for violating a policy.";
    131037: 400 SyncOrStatus "WhatsApp provided number needs display name approval before message can be sent.", "Your display name has not been approved yet.";
    131041: 400 Sync "Group is unknown", "The group does not exist or this number is not in it.";
    131042: 400 StatusOrSync "Business eligibility payment issue", "Message failed to send because there were one or more errors related to your payment method.";
    131044: 400 Status "Business eligibility payment issue", "The call failed because there were one or more errors related to your payment method.";
    131045: 500 Sync "Incorrect certificate", "Message failed to send due to a phone number registration error.";
    131047: 400 StatusOrSync "Re-engagement message", "Message failed to send because more than 24 hours have passed since the customer last replied to this number.";
    131048: 400 StatusOrSync "Spam rate limit hit", "Message failed to send because there are restrictions on how many messages can be sent from this phone number.";
    131049: 400 Status "This message was not delivered to maintain healthy ecosystem engagement.", "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.";
    131050: 400 Status "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages on WhatsApp from your business", "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages on WhatsApp from your business.";
    131051: 400 SyncOrStatus "Unsupported message type", "Message type is currently not supported.";
    131052: 400 Status "Media download error", "Failed to download the media from the sender.";
    131053: 400 Status "Media upload error", "Media upload error: the link could not be fetched, or its type or size is not supported.";
    131055: 400 Sync "Method not allowed", "This message cannot be sent by this method.";
    131056: 400 SyncOrStatus "(Business Account, Consumer Account) pair rate limit hit", "Too many messages sent from the sender phone number to the same recipient phone number in a short period of time.";
    131057: 500 Sync "Account in maintenance mode", "Business Account is in maintenance mode.";
    131059: 400 Sync "Invalid paging cursor", "The paging cursor is invalid or has expired. Restart without cursors.";
    131060: 400 Inbound "Message unavailable", "This message is unavailable on this device.";
    131062: 400 Sync "Business-scoped User ID (BSUID) recipients are not supported for this message", "Authentication templates need a phone number.";
    131063: 400 Sync "Marketing messages are disabled on Cloud API", "Send marketing templates through the Marketing Messages API.";
    131064: 400 StatusOrSync "Messaging limit reached", "The messaging limit was reduced because of template classification violations.";
    131201: 206 SyncOrStatus "Group action partially succeeded", "The action succeeded for some of the participants only.";
    131202: 400 SyncOrStatus "Duplicate participant", "A participant was named twice.";
    131203: 400 SyncOrStatus "Recipient has not accepted the terms", "The recipient has not accepted the terms of service.";
    131204: 400 SyncOrStatus "Too many participants", "The group has reached its limit of participants.";
    131205..=131206: 400 SyncOrStatus "Group error", "The group action failed.";
    131207: 403 SyncOrStatus "Group suspended", "The group has been suspended.";
    131208: 429 SyncOrStatus "Group rate limit hit", "Too many group actions in a short period of time.";
    131209..=131210: 400 SyncOrStatus "Group picture error", "The picture of the group is not valid.";
    131211: 400 SyncOrStatus "Group creation limit reached", "The number has reached its limit of groups.";
    131212: 400 SyncOrStatus "Not a member of the group", "The participant is not in this group.";
    131213: 400 SyncOrStatus "No join request", "There is no join request of this user.";
    131214: 400 SyncOrStatus "Group creation disabled", "This number may not create groups.";
    131215: 400 SyncOrStatus "Not eligible for groups", "This number is not eligible for the Groups API.";
    132000: 400 Sync "Number of parameters does not match the expected number of params", "The number of variable parameter values did not match the number defined in the template.";
    132001: 404 SyncOrStatus "Template name does not exist in the translation", "The template does not exist in the specified language or the template has not been approved.";
    132005: 400 SyncOrStatus "Translated text too long", "The translated text is too long.";
    132007: 400 SyncOrStatus "Template content policy violated", "The template content violates a WhatsApp policy.";
    132008: 400 Sync "Parameter value is not valid", "A template parameter value is not valid.";
    132012: 400 Sync "Parameter format does not match format in the created template", "Variable parameter values formatted incorrectly.";
    132015: 400 SyncOrStatus "Template is paused", "Template is paused due to low quality so it cannot be sent in a template message.";
    132016: 400 SyncOrStatus "Template is disabled", "Template has been paused too many times due to low quality and is now permanently disabled.";
    132018: 400 Sync "Template parameter is not valid", "One of the template's parameters is not valid.";
    132068: 400 Sync "Flow is blocked", "Flow is in blocked state.";
    132069: 400 Sync "Flow is throttled", "Flow is in throttled state and 10 messages using this flow were already sent in the last hour.";
    133000: 500 Sync "Incomplete deregistration", "A previous deregistration attempt failed.";
    133004: 503 Sync "Server temporarily unavailable", "Server is temporarily unavailable.";
    133005: 400 Sync "Two step verification PIN mismatch", "Two-step verification PIN incorrect.";
    133006: 400 Sync "Phone number re-verification needed", "Phone number needs to be verified before registering.";
    133008: 400 Sync "Too many two step verification PIN guesses", "Too many two-step verification PIN guesses for this phone number.";
    133009: 400 Sync "Two step verification PIN guessed too fast", "Two-step verification PIN was entered too quickly.";
    133010: 400 Sync "Account not registered", "Phone number not registered on the WhatsApp Business Platform.";
    133015: 400 Sync "Please wait a few minutes before attempting to register this phone number", "The phone number you are attempting to register was recently deleted, and deletion has not yet completed.";
    133016: 400 Sync "Account register/deregister rate limit exceeded", "Registration or deregistration failed because there were too many attempts for this phone number in a short period of time.";
    134011: 400 Sync "WhatsApp Payments terms of service has not been accepted", "Accept the terms of service of WhatsApp Payments.";
    134100: 400 Sync "Only marketing messages supported", "Only marketing templates can be sent through the Marketing Messages API.";
    134101: 400 Sync "Template is syncing", "The template is being synced with the ads side; wait ten minutes.";
    134102: 500 Sync "Template is unavailable for use", "The template cannot be used with the Marketing Messages API.";
    134103: 400 Sync "Marketing message could not be sent", "The marketing message could not be sent.";
    135000: 400 SyncOrStatus "Generic user error", "Message failed to send because of an unknown error with your request parameters.";
    136024: 400 Sync "Verification code could not be requested", "Wait before another code is requested.";
    136025: 400 Sync "Verification code is not valid", "The code is wrong or has expired.";
    137000: 400 Status "Identity key mismatch", "The identity key hash of the recipient does not match.";
    138000: 401 SyncOrStatus "Calling not enabled", "Calling is not enabled for this phone number.";
    138001: 400 SyncOrStatus "Receiver uncallable", "The receiver cannot be called.";
    138002: 429 SyncOrStatus "Concurrent calls limit", "The limit of 1000 concurrent calls was reached.";
    138003: 400 SyncOrStatus "Duplicate call", "There is a call with this receiver already.";
    138004: 500 SyncOrStatus "Connection error", "The call could not be connected.";
    138005: 429 SyncOrStatus "Call rate limit exceeded", "Too many calls were made in a short period of time.";
    138006: 401 SyncOrStatus "No approved call permission found", "The user has not given permission to be called.";
    138007: 500 SyncOrStatus "Connection timeout", "The call could not be connected in time.";
    138008: 400 SyncOrStatus "Call error", "The call failed.";
    138009: 400 SyncOrStatus "Call permission request limit hit", "Too many call permission requests were sent to this user.";
    138010..=138011: 400 SyncOrStatus "Call error", "The call failed.";
    138012: 400 SyncOrStatus "Business initiated calls limit hit", "The daily limit of calls to this user was reached.";
    138013..=138018: 400 SyncOrStatus "Calling not available", "Calling is not available for this business or user.";
    138019..=138023: 400 SyncOrStatus "Call ended", "The call ended because of its media, or was terminated.";
    139000: 400 Sync "Blocked by Integrity", "The flow was blocked by integrity systems.";
    139001: 400 Sync "Flow cannot be updated", "The flow is published and cannot be changed.";
    139002: 400 Sync "Flow cannot be published", "The flow has validation errors or misses properties.";
    139003: 400 Sync "Flow cannot be deprecated", "Only a published flow can be deprecated.";
    139004: 400 Sync "Flow cannot be deleted", "Only a draft can be deleted.";
    139100: 400 Sync "Failed to block/unblock users", "Failed to block some users, see the block_users response list for details.";
    139101: 400 Sync "Blocklist limit reached", "The limit of 64,000 blocked users was reached.";
    139102: 400 Sync "Blocklist concurrent update", "The blocklist is being updated by another call; try again.";
    139103: 400 Sync "Internal error", "The blocklist could not be changed because of an internal error.";
    141000..=141999: 400 Health "Sending is limited", "See health_status of the entity.";
    147001: 400 Sync "Username is not available", "This username is taken or not allowed.";
    147002: 400 Sync "Not eligible for a username", "This business is not eligible for a username.";
    147003: 400 Sync "Username belongs to a Facebook page", "Link the Facebook page that has this username.";
    147004: 400 Sync "Username belongs to an Instagram account", "Link the Instagram account that has this username.";
    147005: 400 Sync "Username must be transferred", "Transfer the username from the number that has it.";
    200005: 400 Sync "Template Insights not available", "Template insights are not available for this account.";
    200006: 400 Sync "Template Insights cannot be disabled", "Template insights cannot be disabled once they are enabled.";
    200007: 400 Sync "Template Insights not enabled", "Enable template insights first.";
    1752041: 400 Sync "Duplicate request", "This account has applied for marketing messages already.";
};

const SUBCODES: &[Subcode] = subcodes! {
    100 / 33: "Object does not exist", "The object does not exist, or this token may not see it.";
    190 / 458: "App not installed", "The user has not authorized the application.";
    190 / 460: "Password changed", "The session has been invalidated because the user changed their password.";
    190 / 463: "Expired", "Session has expired.";
    190 / 467: "Invalid access token", "The access token has been invalidated.";
    4 / 2390008: "Too many calls", "call_permissions was asked more than five times per second.";
    100 / 2388001: "Phone number cannot be migrated", "The phone number is not ready to be migrated.";
    100 / 2388012: "Phone number is there already", "The phone number is registered with this account already.";
    100 / 2388019: "Message template limit reached", "The account has reached its limit of message templates.";
    100 / 2388023: "Message template language is being deleted", "New content in this language cannot be added while the existing one is being deleted. Try again in 4 weeks.";
    100 / 2388024: "Content in this language already exists", "There is already content in this language for this template.";
    100 / 2388040: "Character limit exceeded", "A field has exceeded its character limit.";
    100 / 2388043: "Component lacks a field", "A component of the template is missing expected field(s).";
    100 / 2388047: "Message header format is incorrect", "The message header cannot have newlines, formatting characters, emoji or asterisks.";
    100 / 2388072: "Message body format is incorrect", "The message body has a format problem.";
    100 / 2388073: "Message footer format is incorrect", "The message footer has a format problem.";
    100 / 2388091: "Phone number cannot be migrated", "The phone number was not verified.";
    100 / 2388093: "Phone number cannot be migrated", "The phone number belongs to an account that does not allow it.";
    100 / 2388103: "Phone number cannot be migrated", "The phone number is being migrated already.";
    100 / 2388293: "Parameters words ratio exceeds limit", "This template has too many variables for its length.";
    100 / 2388299: "Leading or trailing params not allowed", "Variables cannot be at the start or end of the template.";
    100 / 2494100: "Phone number in maintenance", "The phone number is being moved; try again later.";
    100 / 2494164: "Sign-up listing error", "The sign-up listing is not valid.";
    100 / 2494179: "Sign-up listing error", "The sign-up listing could not be changed.";
    100 / 2593079: "Migration intent error", "There is no migration intent for this account.";
    100 / 2593085: "On-behalf-of account", "The account is owned on behalf of another business.";
    100 / 2593107: "Synchronization already requested", "This synchronization can be requested only once.";
    100 / 2593108: "Synchronization requested too late", "Synchronization must be requested within 24 hours of onboarding.";
    100 / 2593109: "History sharing is turned off", "The business has chosen not to share its history.";
};

/// What is known of a code.
pub(crate) fn find(code: i64) -> Option<&'static Row> {
    TABLE
        .iter()
        .find(|row| (row.first..=row.last).contains(&code))
}

/// What is known of a subcode, whichever code goes with it.
pub(crate) fn find_subcode(subcode: i64) -> Option<&'static Subcode> {
    SUBCODES.iter().find(|row| row.subcode == subcode)
}

/// Every code of the table, ranges expanded, with its HTTP status and the place it takes by itself.
pub(crate) fn all() -> impl Iterator<Item = (i64, &'static Row)> {
    TABLE
        .iter()
        .flat_map(|row| (row.first..=row.last).map(move |code| (code, row)))
}

pub(crate) fn all_subcodes() -> impl Iterator<Item = &'static Subcode> {
    SUBCODES.iter()
}

/// Title of a code; `Something went wrong` for one that the table lacks.
pub(crate) fn title(code: i64) -> &'static str {
    find(code).map_or("Something went wrong", |row| row.title)
}

/// HTTP status of a code's answer; 400 for one that the table lacks.
pub(crate) fn http(code: i64) -> u16 {
    find(code).map_or(400, |row| row.http)
}

impl Seen {
    /// Whether a script that does not say gets a `failed` status (`Some(true)`), a refusal (`Some(false)`), or neither.
    pub(crate) fn by_status(self) -> Option<bool> {
        match self {
            Self::Sync | Self::SyncOrStatus => Some(false),
            Self::Status | Self::StatusOrSync => Some(true),
            Self::Inbound | Self::Health => None,
        }
    }

    /// Meta's own words of the table: `S`, `A`, `S/A`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sync => "answer",
            Self::Status => "status",
            Self::SyncOrStatus => "answer, status",
            Self::StatusOrSync => "status, answer",
            Self::Inbound => "inbound",
            Self::Health => "health_status",
        }
    }
}
