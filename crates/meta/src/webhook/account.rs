//! Changes of the account, its numbers and its templates (pages "webhooks/reference/account_update" and following).
//!
//! They are rare, so they are read on demand: [`Change::account`]. Words of Meta's stay words, because new ones come
//! without notice and every reader must handle them anyway.

use serde::Deserialize;

use super::tagged::words;
use super::{Change, Field, lenient};

/// What a change says about the account.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountChange {
    /// `account_update`
    Account(Box<AccountUpdate>),
    /// `account_alerts`
    Alert(AccountAlert),
    /// `account_review_update`: the decision
    Review(Option<String>),
    /// `business_capability_update`
    Capability(CapabilityUpdate),
    /// `phone_number_quality_update`, `phone_number_name_update`, `security`, `business_username_update`
    Number(NumberUpdate),
    /// `message_template_*_update`, `template_category_update`
    Template(Box<TemplateUpdate>),
    /// Any other field, or a value that is not an object: see [`Change::value_raw`].
    Other,
}

impl Change<'_> {
    /// Reads a change of the account, a number or a template.
    #[must_use]
    pub fn account(&self) -> AccountChange {
        let Some(raw) = self.value_raw() else {
            return AccountChange::Other;
        };
        let read = match &self.field {
            Field::AccountUpdate => lenient::object(raw)
                .map(Box::new)
                .map(AccountChange::Account),
            Field::AccountAlerts => lenient::object(raw).map(AccountChange::Alert),
            Field::AccountReviewUpdate => lenient::object::<NumberUpdate>(raw)
                .map(|update| AccountChange::Review(update.decision)),
            Field::BusinessCapabilityUpdate => lenient::object(raw).map(AccountChange::Capability),
            Field::PhoneNumberQualityUpdate
            | Field::PhoneNumberNameUpdate
            | Field::Security
            | Field::BusinessUsernameUpdate => lenient::object(raw).map(AccountChange::Number),
            Field::MessageTemplateStatusUpdate
            | Field::MessageTemplateQualityUpdate
            | Field::MessageTemplateComponentsUpdate
            | Field::TemplateCategoryUpdate => lenient::object(raw)
                .map(Box::new)
                .map(AccountChange::Template),
            Field::Messages
            | Field::SmbMessageEchoes
            | Field::SmbAppStateSync
            | Field::History
            | Field::Calls
            | Field::UserPreferences
            | Field::GroupLifecycleUpdate
            | Field::GroupParticipantsUpdate
            | Field::GroupSettingsUpdate
            | Field::GroupStatusUpdate
            | Field::Standby
            | Field::MessageEchoes
            | Field::MessagingHandovers
            | Field::TrackingEvents
            | Field::AutomaticEvents
            | Field::Flows
            | Field::PartnerSolutions
            | Field::PaymentConfigurationUpdate
            | Field::Other(_) => Ok(AccountChange::Other),
        };
        read.unwrap_or(AccountChange::Other)
    }
}

words! {
    /// `account_update.value.event`.
    AccountEvent {
        /// A customer finished the signup and shared its WABA.
        PartnerAdded = "PARTNER_ADDED",
        /// The customer installed our app.
        PartnerAppInstalled = "PARTNER_APP_INSTALLED",
        /// The customer took our app's access away: the token is dead.
        PartnerAppUninstalled = "PARTNER_APP_UNINSTALLED",
        /// The WABA is no longer shared, or a coexistence number was disconnected.
        PartnerRemoved = "PARTNER_REMOVED",
        /// A coexistence number left.
        AccountOffboarded = "ACCOUNT_OFFBOARDED",
        /// A coexistence number came back.
        AccountReconnected = "ACCOUNT_RECONNECTED",
        /// Result of a partner-led business verification.
        PartnerClientCertificationStatusUpdate = "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE",
        /// A policy was violated.
        AccountViolation = "ACCOUNT_VIOLATION",
        /// Something is not allowed for a time.
        AccountRestriction = "ACCOUNT_RESTRICTION",
        /// The WABA is banned, will be, or is back.
        DisabledUpdate = "DISABLED_UPDATE",
        /// The WABA was deleted.
        AccountDeleted = "ACCOUNT_DELETED",
        /// Prices of international authentication messages will apply.
        AuthIntlPriceEligibilityUpdate = "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE",
        /// The country of the business changed.
        BusinessPrimaryLocationCountryUpdate = "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE",
        /// The next volume tier is reached.
        VolumeBasedPricingTierUpdate = "VOLUME_BASED_PRICING_TIER_UPDATE",
        /// Terms of the marketing messages API were accepted.
        MmLiteTermsSigned = "MM_LITE_TERMS_SIGNED",
        /// An ad account was linked (old).
        AdAccountLinked = "AD_ACCOUNT_LINKED",
        /// The account was verified (old).
        VerifiedAccount = "VERIFIED_ACCOUNT",
    }
}

/// `account_update`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct AccountUpdate {
    /// What happened.
    pub event: Option<AccountEvent>,
    /// The WABA, where `entry.id` is the receiving partner's business.
    #[serde(deserialize_with = "lenient::part")]
    pub waba_info: Option<WabaInfo>,
    /// The number, where it is about one.
    #[serde(deserialize_with = "lenient::text")]
    pub phone_number: Option<String>,
    /// ISO 3166.
    #[serde(deserialize_with = "lenient::text")]
    pub country: Option<String>,
    /// Why a coexistence number was disconnected.
    #[serde(deserialize_with = "lenient::part")]
    pub disconnection_info: Option<DisconnectionInfo>,
    /// What was violated.
    #[serde(deserialize_with = "lenient::part")]
    pub violation_info: Option<ViolationInfo>,
    /// What is not allowed for a time.
    #[serde(deserialize_with = "lenient::list")]
    pub restriction_info: Vec<Restriction>,
    /// The ban.
    #[serde(deserialize_with = "lenient::part")]
    pub ban_info: Option<BanInfo>,
}

/// `account_update.value.waba_info`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct WabaInfo {
    /// The customer's WABA.
    #[serde(deserialize_with = "lenient::text")]
    pub waba_id: Option<String>,
    /// The customer's business.
    #[serde(deserialize_with = "lenient::text")]
    pub owner_business_id: Option<String>,
    /// The multi-partner solution.
    #[serde(deserialize_with = "lenient::text")]
    pub solution_id: Option<String>,
    /// The app.
    #[serde(deserialize_with = "lenient::text")]
    pub partner_app_id: Option<String>,
}

/// `account_update.value.disconnection_info`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct DisconnectionInfo {
    /// `ACCOUNT_DISCONNECTED`, `PRIMARY_INACTIVITY` …
    #[serde(deserialize_with = "lenient::text")]
    pub reason: Option<String>,
    /// `USER` or `SYSTEM`.
    #[serde(deserialize_with = "lenient::text")]
    pub initiated_by: Option<String>,
}

/// `account_update.value.violation_info`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct ViolationInfo {
    /// `SPAM`, `SCAM`, `ALCOHOL` …
    #[serde(deserialize_with = "lenient::text")]
    pub violation_type: Option<String>,
}

/// `account_update.value.restriction_info[]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Restriction {
    /// `RESTRICTED_BIZ_INITIATED_MESSAGING` …
    #[serde(deserialize_with = "lenient::text")]
    pub restriction_type: Option<String>,
    /// Unix seconds.
    #[serde(deserialize_with = "lenient::integer")]
    pub expiration: Option<i64>,
    /// What to do.
    #[serde(deserialize_with = "lenient::text")]
    pub remediation: Option<String>,
}

/// `account_update.value.ban_info`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct BanInfo {
    /// `SCHEDULE_FOR_DISABLE`, `DISABLE`, `REINSTATE`.
    #[serde(deserialize_with = "lenient::text")]
    pub waba_ban_state: Option<String>,
    /// A date as people write it.
    #[serde(deserialize_with = "lenient::text")]
    pub waba_ban_date: Option<String>,
}

/// `account_alerts`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct AccountAlert {
    /// `BUSINESS`, `PHONE_NUMBER`, `CURRENT_STATUS_ID`.
    #[serde(deserialize_with = "lenient::text")]
    pub entity_type: Option<String>,
    /// Its id.
    #[serde(deserialize_with = "lenient::text")]
    pub entity_id: Option<String>,
    /// The alert.
    #[serde(deserialize_with = "lenient::part")]
    pub alert_info: Option<AlertInfo>,
}

/// `account_alerts.value.alert_info`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct AlertInfo {
    /// `CRITICAL`, `WARNING`, `INFORMATIONAL`.
    #[serde(deserialize_with = "lenient::text")]
    pub alert_severity: Option<String>,
    /// `ACTIVE`, `NONE`.
    #[serde(deserialize_with = "lenient::text")]
    pub alert_status: Option<String>,
    /// `OBA_APPROVED` …
    #[serde(deserialize_with = "lenient::text")]
    pub alert_type: Option<String>,
    /// Meta's sentence.
    #[serde(deserialize_with = "lenient::text")]
    pub alert_description: Option<String>,
}

/// `business_capability_update`. Meta writes the limit as a number and as a tier: both come as text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct CapabilityUpdate {
    /// `2000` or `TIER_2K`: unique users in 24 h for the whole portfolio.
    #[serde(deserialize_with = "lenient::text")]
    pub max_daily_conversations_per_business: Option<String>,
    /// Old; −1 = no limit.
    #[serde(deserialize_with = "lenient::integer")]
    pub max_daily_conversation_per_phone: Option<i64>,
    /// Numbers of the portfolio.
    #[serde(deserialize_with = "lenient::integer")]
    pub max_phone_numbers_per_business: Option<i64>,
    /// Numbers of a WABA.
    #[serde(deserialize_with = "lenient::integer")]
    pub max_phone_numbers_per_waba: Option<i64>,
}

/// A change of a number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct NumberUpdate {
    /// The number: these webhooks do not carry its id.
    #[serde(deserialize_with = "lenient::text")]
    pub display_phone_number: Option<String>,
    /// Quality: `ONBOARDING`, `THROUGHPUT_UPGRADE`, `FLAGGED` …; security: `PIN_CHANGED` ….
    #[serde(deserialize_with = "lenient::text")]
    pub event: Option<String>,
    /// Of a name: `APPROVED`, `REJECTED`, `PENDING`, `DEFERRED`.
    #[serde(deserialize_with = "lenient::text")]
    pub decision: Option<String>,
    /// The name that was asked for.
    #[serde(deserialize_with = "lenient::text")]
    pub requested_verified_name: Option<String>,
    /// Why a name was rejected.
    #[serde(deserialize_with = "lenient::text")]
    pub rejection_reason: Option<String>,
    /// Messaging limit of the portfolio.
    #[serde(deserialize_with = "lenient::text")]
    pub max_daily_conversations_per_business: Option<String>,
    /// Old: messaging limit of the number.
    #[serde(deserialize_with = "lenient::text")]
    pub current_limit: Option<String>,
    /// Username.
    #[serde(deserialize_with = "lenient::text")]
    pub username: Option<String>,
    /// Of a username: `approved`, `reserved`, `deleted`.
    #[serde(deserialize_with = "lenient::text")]
    pub status: Option<String>,
    /// Who asked for a new PIN.
    #[serde(deserialize_with = "lenient::text")]
    pub requester: Option<String>,
}

/// A change of a template; which members are there depends on the field.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct TemplateUpdate {
    /// The template's id (a number on the wire).
    #[serde(deserialize_with = "lenient::text")]
    pub message_template_id: Option<String>,
    /// Its name.
    #[serde(deserialize_with = "lenient::text")]
    pub message_template_name: Option<String>,
    /// Its language.
    #[serde(deserialize_with = "lenient::text")]
    pub message_template_language: Option<String>,
    /// Its category, on approval.
    #[serde(deserialize_with = "lenient::text")]
    pub message_template_category: Option<String>,
    /// Status: `APPROVED`, `REJECTED`, `PAUSED` ….
    #[serde(deserialize_with = "lenient::text")]
    pub event: Option<String>,
    /// Status: `NONE`, `INVALID_FORMAT` ….
    #[serde(deserialize_with = "lenient::text")]
    pub reason: Option<String>,
    /// Status: why, and what to do.
    #[serde(deserialize_with = "lenient::part")]
    pub rejection_info: Option<RejectionInfo>,
    /// Status: `FIRST_PAUSE`, `UNPAUSE` …, and a sentence.
    #[serde(deserialize_with = "lenient::part")]
    pub other_info: Option<OtherInfo>,
    /// Quality until now.
    #[serde(deserialize_with = "lenient::text")]
    pub previous_quality_score: Option<String>,
    /// Quality: `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    #[serde(deserialize_with = "lenient::text")]
    pub new_quality_score: Option<String>,
    /// Category until now.
    #[serde(deserialize_with = "lenient::text")]
    pub previous_category: Option<String>,
    /// Category (in a notice: the one of today).
    #[serde(deserialize_with = "lenient::text")]
    pub new_category: Option<String>,
    /// In a notice: the category that comes at `category_update_timestamp`.
    #[serde(deserialize_with = "lenient::text")]
    pub correct_category: Option<String>,
    /// Unix seconds.
    #[serde(deserialize_with = "lenient::integer")]
    pub category_update_timestamp: Option<i64>,
    /// Components: the new body.
    #[serde(deserialize_with = "lenient::text")]
    pub message_template_element: Option<String>,
    /// Components: the new header.
    #[serde(deserialize_with = "lenient::text")]
    pub message_template_title: Option<String>,
    /// Components: the new footer.
    #[serde(deserialize_with = "lenient::text")]
    pub message_template_footer: Option<String>,
}

/// `rejection_info`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct RejectionInfo {
    /// Why.
    #[serde(deserialize_with = "lenient::text")]
    pub reason: Option<String>,
    /// What to do.
    #[serde(deserialize_with = "lenient::text")]
    pub recommendation: Option<String>,
}

/// `other_info`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct OtherInfo {
    /// `FIRST_PAUSE`, `SECOND_PAUSE`, `RATE_LIMITING_PAUSE`, `UNPAUSE`, `DISABLED`.
    #[serde(deserialize_with = "lenient::text")]
    pub title: Option<String>,
    /// Meta's sentence.
    #[serde(deserialize_with = "lenient::text")]
    pub description: Option<String>,
}

/// What a change about a template says, read from the text of the whole change; none of any other field.
#[must_use]
pub fn template_update(change: &[u8]) -> Option<(Field, TemplateUpdate)> {
    #[derive(Deserialize)]
    struct Wire {
        field: Field,
        value: TemplateUpdate,
    }
    let wire: Wire = serde_json::from_slice(change).ok()?;
    let of_template = matches!(
        wire.field,
        Field::MessageTemplateStatusUpdate
            | Field::MessageTemplateQualityUpdate
            | Field::MessageTemplateComponentsUpdate
            | Field::TemplateCategoryUpdate
    );
    of_template.then_some((wire.field, wire.value))
}
