//! What exists in a simulated world when it starts.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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
        }
    }
}

/// A message template.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TemplateSpec {
    /// Graph id, decimal; made up when empty.
    pub id: String,
    /// `[a-z0-9_]`.
    pub name: String,
    /// For example `en_US`.
    pub language: String,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`.
    pub category: String,
    /// `POSITIONAL` or `NAMED`.
    pub parameter_format: String,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED` …
    pub status: String,
    /// As Meta stores them, placeholders included.
    pub components: Value,
}

impl Default for TemplateSpec {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            language: "en_US".to_owned(),
            category: "UTILITY".to_owned(),
            parameter_format: "POSITIONAL".to_owned(),
            status: "APPROVED".to_owned(),
            components: json!([]),
        }
    }
}

/// An account and the tokens that may use it.
#[derive(Debug, Clone)]
pub(crate) struct WabaSeed {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) subscribed: bool,
}

/// Builder of a world.
#[derive(Debug, Clone, Default)]
pub struct Seed {
    pub(crate) wabas: Vec<WabaSeed>,
    pub(crate) tokens: Vec<(String, Vec<String>)>,
    pub(crate) numbers: Vec<NumberSpec>,
    pub(crate) customers: Vec<CustomerSpec>,
    pub(crate) templates: Vec<(String, TemplateSpec)>,
}

impl Seed {
    /// An empty world.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an account whose webhooks the app receives, and lets `tokens` use it. A token named for several accounts
    /// sees them all. Every account gets the approved templates `hello_world` and `po_notification`.
    #[must_use]
    pub fn add_waba(mut self, waba_id: &str, name: &str, tokens: &[&str]) -> Self {
        self.wabas.push(WabaSeed {
            id: waba_id.to_owned(),
            name: name.to_owned(),
            subscribed: true,
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

fn default_templates() -> [TemplateSpec; 2] {
    [
        TemplateSpec {
            name: "hello_world".to_owned(),
            components: json!([
                {"type": "HEADER", "format": "TEXT", "text": "Hello World"},
                {"type": "BODY", "text": "Welcome and congratulations!! This message demonstrates your ability to send a \
                                          WhatsApp message notification from the Cloud API, hosted by Meta."},
                {"type": "FOOTER", "text": "WhatsApp Business Platform sample message"},
            ]),
            ..TemplateSpec::default()
        },
        TemplateSpec {
            name: "po_notification".to_owned(),
            language: "es".to_owned(),
            components: json!([
                {"type": "BODY", "text": "Hola {{1}}, has recibido una nueva orden de compra {{2}} por un total de {{3}}.",
                 "example": {"body_text": [["Ana", "OC-1001", "120,50 €"]]}},
            ]),
            ..TemplateSpec::default()
        },
    ]
}
