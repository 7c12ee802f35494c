//! What exists in a simulated world when it starts.

use serde::{Deserialize, Serialize};

use crate::templates::{TemplateSpec, default_templates};

/// A business phone number.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NumberSpec {
    /// The account that holds it.
    pub waba_id: String,
    /// Its Graph id.
    pub phone_number_id: String,
    /// As people read it, e.g. `+34 612 345 678`.
    pub display_phone_number: String,
    /// The name that users see.
    pub verified_name: String,
    /// Messages per second, in and out together; 80 is Meta's standard, 1,000 its high level, 20 coexistence.
    pub mps: u32,
    /// `CONNECTED` may send; `DISCONNECTED`, `PENDING`, `BANNED` … may not.
    pub status: String,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub quality_rating: String,
    /// `VERIFIED`, `NOT_VERIFIED` or `EXPIRED`.
    pub code_verification_status: String,
    /// `APPROVED`, `PENDING_REVIEW`, `DECLINED` …
    pub name_status: String,
    /// `TIER_250` to `TIER_UNLIMITED`.
    pub messaging_limit: String,
    /// A test number reaches only these users (digits); `None` means everybody.
    pub allowed_recipients: Option<Vec<String>>,
    /// Used with the WhatsApp Business app as well: edits and deletions are told, throughput is 20.
    pub coexistence: bool,
    /// A code of `health_status` (141000 …) that keeps the number from sending, as its node shows; `null` for none.
    pub health_error: Option<i64>,
    /// The PIN of two-step verification; `null`: none is set, the next one sets it.
    pub pin: Option<String>,
    /// Recently deleted: registration gets 133015 until then, in milliseconds of virtual time since the epoch.
    pub deleted_until_ms: Option<u64>,
}

impl Default for NumberSpec {
    fn default() -> Self {
        Self {
            waba_id: String::new(),
            phone_number_id: String::new(),
            display_phone_number: String::new(),
            verified_name: "Test Business".to_owned(),
            mps: 80,
            status: "CONNECTED".to_owned(),
            quality_rating: "GREEN".to_owned(),
            code_verification_status: "VERIFIED".to_owned(),
            name_status: "APPROVED".to_owned(),
            messaging_limit: "TIER_2K".to_owned(),
            allowed_recipients: None,
            coexistence: false,
            health_error: None,
            pin: None,
            deleted_until_ms: None,
        }
    }
}

/// A person with a phone. Numbers that nobody seeded are on WhatsApp too, receive, and sometimes read.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustomerSpec {
    /// Digits with the country code.
    pub phone: String,
    /// Shown in `contacts[].profile.name`.
    pub profile_name: String,
    /// The optional user name of 2026.
    pub username: Option<String>,
    /// Without WhatsApp (or having blocked the business) sends fail with 131026.
    pub on_whatsapp: bool,
    /// An offline phone receives when it is online again.
    pub online: bool,
    /// Somebody who looks at the chat: `read` comes without `delivered`.
    pub chat_open: bool,
    /// Whether messages are read at all.
    pub reads: bool,
    /// Writes now and then, and answers; never when phones are quiet.
    pub talkative: bool,
    /// The number that this customer writes to by itself; the first one when empty.
    pub writes_to: String,
    /// Chose to get no more marketing: marketing templates fail with 131050.
    pub marketing_stopped: bool,
    /// Got enough marketing from all businesses together: marketing templates fail with 131049.
    pub marketing_capped: bool,
    /// Part of Meta's experiment: marketing templates fail with 130472 unless a window is open.
    pub experiment: bool,
    /// Blocked the business: everything fails with 131026.
    pub blocks_business: bool,
}

impl Default for CustomerSpec {
    fn default() -> Self {
        Self {
            phone: String::new(),
            profile_name: "Customer".to_owned(),
            username: None,
            on_whatsapp: true,
            online: true,
            chat_open: false,
            reads: true,
            talkative: true,
            writes_to: String::new(),
            marketing_stopped: false,
            marketing_capped: false,
            experiment: false,
            blocks_business: false,
        }
    }
}

/// What a token is good for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenSpec {
    /// `valid`, `expired` (190/463), `revoked` (190/460) or `uninstalled` (190/458).
    pub state: TokenState,
    /// Has `whatsapp_business_messaging` (else 200).
    pub messaging: bool,
    /// Has `whatsapp_business_management` (else 10).
    pub management: bool,
    /// Has `business_management` (else 200 at credit lines and system users).
    pub business_management: bool,
    /// When its time is over, in seconds since the epoch; `null` for never.
    pub expires_at: Option<u64>,
}

impl Default for TokenSpec {
    fn default() -> Self {
        Self {
            state: TokenState::Valid,
            messaging: true,
            management: true,
            business_management: true,
            expires_at: None,
        }
    }
}

/// Whether a token is still one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    /// In force.
    #[default]
    Valid,
    /// Its time is over.
    Expired,
    /// Taken back.
    Revoked,
    /// The business took the app away.
    Uninstalled,
}

/// An account and the tokens that may use it.
#[derive(Debug, Clone)]
pub(crate) struct WabaSeed {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) subscribed: bool,
    /// The owner; the platform itself when absent.
    pub(crate) business_id: Option<String>,
}

/// A customer of the platform that every seeded world has: a business without an account, as `(id, name)`.
pub const CUSTOMER_BUSINESS: (&str, &str) = ("306914307650001", "Cafetería Luna");

/// Builder of a world.
#[derive(Debug, Clone, Default)]
pub struct Seed {
    pub(crate) businesses: Vec<(String, String)>,
    pub(crate) wabas: Vec<WabaSeed>,
    pub(crate) tokens: Vec<(String, Vec<String>)>,
    pub(crate) numbers: Vec<NumberSpec>,
    pub(crate) customers: Vec<CustomerSpec>,
    pub(crate) templates: Vec<(String, TemplateSpec)>,
}

impl Seed {
    /// A world with the platform's business (see [`crate::SimConfig`]) and one customer's, [`CUSTOMER_BUSINESS`].
    #[must_use]
    pub fn new() -> Self {
        Self::default().add_business(CUSTOMER_BUSINESS.0, CUSTOMER_BUSINESS.1)
    }

    /// Adds a business (a portfolio) that has no account yet.
    #[must_use]
    pub fn add_business(mut self, business_id: &str, name: &str) -> Self {
        self.businesses
            .push((business_id.to_owned(), name.to_owned()));
        self
    }

    /// The account belongs to this business; to the platform's own otherwise. Its tokens are of that business, too.
    #[must_use]
    pub fn owned_by(mut self, waba_id: &str, business_id: &str) -> Self {
        for waba in &mut self.wabas {
            if waba.id == waba_id {
                waba.business_id = Some(business_id.to_owned());
            }
        }
        self
    }

    /// Adds an account whose webhooks the app receives, and lets `tokens` use it. A token named for several accounts
    /// sees them all. Every account gets the approved templates `hello_world` and `po_notification`.
    #[must_use]
    pub fn add_waba(mut self, waba_id: &str, name: &str, tokens: &[&str]) -> Self {
        self.wabas.push(WabaSeed {
            id: waba_id.to_owned(),
            name: name.to_owned(),
            subscribed: true,
            business_id: None,
        });
        for token in tokens {
            match self.tokens.iter_mut().find(|(known, _)| known == token) {
                Some((_, targets)) => targets.push(waba_id.to_owned()),
                None => self
                    .tokens
                    .push(((*token).to_owned(), vec![waba_id.to_owned()])),
            }
        }
        for template in default_templates() {
            self.templates.push((waba_id.to_owned(), template));
        }
        self
    }

    /// The account's webhooks stay away until `POST /{waba}/subscribed_apps`.
    #[must_use]
    pub fn unsubscribed(mut self, waba_id: &str) -> Self {
        for waba in &mut self.wabas {
            if waba.id == waba_id {
                waba.subscribed = false;
            }
        }
        self
    }

    /// Adds a business phone number.
    #[must_use]
    pub fn add_number(mut self, number: NumberSpec) -> Self {
        self.numbers.push(number);
        self
    }

    /// Adds a person.
    #[must_use]
    pub fn add_customer(mut self, customer: CustomerSpec) -> Self {
        self.customers.push(customer);
        self
    }

    /// Adds a template to an account.
    #[must_use]
    pub fn add_template(mut self, waba_id: &str, template: TemplateSpec) -> Self {
        self.templates.push((waba_id.to_owned(), template));
        self
    }
}
