//! A WhatsApp Business Account: who owns it, who pays, whom it is shared with, and how it stands with Meta.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::hourly::Hourly;
use crate::templates::TemplateSpec;

/// An account.
pub(crate) struct Waba {
    pub(crate) name: String,
    /// The portfolio that owns it.
    pub(crate) business_id: String,
    pub(crate) currency: String,
    pub(crate) timezone_id: String,
    /// ISO country, drawn from its first number or said by a test.
    pub(crate) country: String,
    pub(crate) subscribed: bool,
    pub(crate) override_url: Option<String>,
    pub(crate) templates: Vec<TemplateSpec>,
    /// Names and languages of deleted templates, and until when nobody may take them.
    pub(crate) locked: HashMap<(String, String), u64>,
    /// How many templates it may have, where a test says so.
    pub(crate) template_limit: Option<usize>,
    /// Management calls of the last hour.
    pub(crate) calls: Hourly,
    /// Templates created in the last hour.
    pub(crate) created: Hourly,
    pub(crate) payment: Payment,
    /// The allocation of a credit line that pays for it.
    pub(crate) allocation_id: Option<String>,
    /// Shared with the app's business by a sign-up.
    pub(crate) shared: bool,
    /// System users of the app's business, with their tasks.
    pub(crate) assigned: BTreeMap<String, Vec<String>>,
    /// `PENDING`, `APPROVED` or `REJECTED`.
    pub(crate) review: String,
    pub(crate) ban: Ban,
    /// What is forbidden, until when.
    pub(crate) restrictions: Vec<Restriction>,
    /// When the last sign-up with it ended.
    pub(crate) onboarded_ms: Option<u64>,
}

impl Waba {
    pub(crate) fn new(name: &str, business_id: &str) -> Self {
        Self {
            name: name.to_owned(),
            business_id: business_id.to_owned(),
            currency: "EUR".to_owned(),
            timezone_id: "70".to_owned(),
            country: "ES".to_owned(),
            subscribed: false,
            override_url: None,
            templates: Vec::new(),
            locked: HashMap::new(),
            template_limit: None,
            calls: Hourly::default(),
            created: Hourly::default(),
            payment: Payment::Ok,
            allocation_id: None,
            shared: false,
            assigned: BTreeMap::new(),
            review: "APPROVED".to_owned(),
            ban: Ban::None,
            restrictions: Vec::new(),
            onboarded_ms: None,
        }
    }

    /// Whether this is forbidden now.
    pub(crate) fn is_restricted(&self, kind: &str, now_ms: u64) -> bool {
        self.restrictions
            .iter()
            .any(|restriction| restriction.kind == kind && restriction.until_ms > now_ms)
    }
}

/// Something that Meta forbids an account for a time.
#[derive(Debug, Clone)]
pub(crate) struct Restriction {
    /// Meta's word, e.g. `RESTRICTED_BIZ_INITIATED_MESSAGING`.
    pub(crate) kind: String,
    pub(crate) until_ms: u64,
}

/// The last step of the ladder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Ban {
    #[default]
    None,
    /// Announced.
    Scheduled,
    /// In force: nothing is sent.
    Disabled,
}

/// Whether Meta can charge an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Payment {
    #[default]
    Ok,
    /// Billable messages are accepted and fail with 131042.
    Missing,
    /// Billable messages are refused with 131042.
    MissingRefused,
}
