//! Everything that exists: accounts, numbers, people, templates, media, messages. One lock, held only for moments.

mod business;
mod hourly;
mod messages;
mod number;
mod pacing;
mod portfolio;
mod waba;
mod windows;

use std::collections::{BTreeMap, HashMap};

use crate::chance::Chance;
use crate::config::SimConfig;
use crate::control::outage::Outage;
use crate::dialog::Ending;
use crate::ids;
use crate::media::MediaShelf;
use crate::seed::{CustomerSpec, NumberSpec, Seed};
use crate::templates::{Lives, ReviewPolicy, TemplateSpec};
use crate::uploads::Uploads;
pub(crate) use business::{Businesses, SignupCode, Token, TokenKind};
pub(crate) use messages::{Inbound, Messages, Outbound, Price};
pub use messages::{OutboundRecord, OutboundSummary};
pub(crate) use number::{Line, Number, Pin};
pub(crate) use pacing::{Outcome, Pacing, PacingSpec};
pub(crate) use portfolio::{Portfolio, Refusal, Tier};
pub(crate) use waba::{Ban, Payment, Restriction, Waba};
pub use windows::Windows;

/// When seeded tokens were made: 2026-01-01.
const ISSUED_MS: u64 = 1_767_225_600_000;

pub(crate) struct World {
    pub(crate) callback_url: Option<String>,
    pub(crate) verify_token: String,
    /// Fields the app subscribed to; `None` means all.
    pub(crate) fields: Option<Vec<String>>,
    pub(crate) tokens: HashMap<String, Token>,
    /// Whether the app demands `appsecret_proof`.
    pub(crate) require_proof: bool,
    /// What the whole Graph API suffers from.
    pub(crate) outage: Option<Outage>,
    /// The oldest version of the Graph API that is left.
    pub(crate) oldest_version: u32,
    pub(crate) businesses: Businesses,
    /// How a sign-up in a browser ends.
    pub(crate) ending: Ending,
    pub(crate) wabas: BTreeMap<String, Waba>,
    pub(crate) numbers: BTreeMap<String, Number>,
    pub(crate) customers: BTreeMap<String, CustomerSpec>,
    pub(crate) phones_by_bsuid: HashMap<String, String>,
    pub(crate) media: MediaShelf,
    pub(crate) messages: Messages,
    pub(crate) link_cache: HashMap<String, (bool, u64)>,
    /// What each business may send, by its id.
    pub(crate) portfolios: BTreeMap<String, Portfolio>,
    /// Paced templates by id.
    pub(crate) pacing: HashMap<String, Pacing>,
    /// What is known of templates beside what is shown.
    pub(crate) lives: Lives,
    /// How templates are reviewed.
    pub(crate) review: ReviewPolicy,
    /// How newly approved templates are paced, if they are.
    pub(crate) pace_new: Option<PacingSpec>,
    /// How many templates an account had of a name and language, so that no id comes twice.
    made_templates: HashMap<String, u64>,
    /// Files sent piece by piece, and the handles they were given.
    pub(crate) uploads: Uploads,
}

impl World {
    pub(crate) fn new(config: &SimConfig, seed: Seed) -> Self {
        let chance = Chance::new(config.seed);
        let mut world = Self {
            callback_url: config.callback_url.clone(),
            verify_token: config.verify_token.clone(),
            fields: None,
            tokens: HashMap::new(),
            businesses: Businesses::new(config, seed.businesses),
            ending: Ending::default(),
            outage: None,
            oldest_version: crate::graph::version::OLDEST,
            require_proof: false,
            wabas: BTreeMap::new(),
            numbers: BTreeMap::new(),
            customers: BTreeMap::new(),
            phones_by_bsuid: HashMap::new(),
            media: MediaShelf::new(config.media_bytes_limit),
            messages: Messages::default(),
            link_cache: HashMap::new(),
            portfolios: BTreeMap::new(),
            pacing: HashMap::new(),
            lives: Lives::new(),
            review: config.template_review,
            pace_new: None,
            made_templates: HashMap::new(),
            uploads: Uploads::default(),
        };
        for waba in seed.wabas {
            let owner = waba.business_id.unwrap_or(config.business_id.clone());
            let mut account = Waba::new(&waba.name, &owner);
            account.subscribed = waba.subscribed;
            world.wabas.insert(waba.id, account);
        }
        for (token, wabas) in seed.tokens {
            // A seeded token is one of a system user of the business that owns the accounts.
            let owner = wabas.first().and_then(|id| world.wabas.get(id));
            let owner = owner.map_or(config.business_id.clone(), |waba| waba.business_id.clone());
            let mut known = Token::system(chance, &token, &owner, ISSUED_MS);
            known.wabas = wabas;
            world.tokens.insert(token, known);
        }
        for (waba_id, template) in seed.templates {
            world.add_template(chance, &waba_id, template);
        }
        for number in seed.numbers {
            world.put_number(number);
        }
        for customer in seed.customers {
            world.put_customer(chance, &config.business_id, customer);
        }
        world
    }

    /// Adds a template to an account, or replaces the one of the same name and language; `None` without the account.
    pub(crate) fn add_template(
        &mut self,
        chance: Chance,
        waba_id: &str,
        mut template: TemplateSpec,
    ) -> Option<String> {
        let waba = self.wabas.get_mut(waba_id)?;
        let same = |known: &&TemplateSpec| {
            known.name == template.name && known.language == template.language
        };
        let known = waba
            .templates
            .iter()
            .find(same)
            .map(|known| known.id.clone());
        if template.id.is_empty() {
            template.id = known.unwrap_or_else(|| {
                let subject = format!("{waba_id}/{}/{}", template.name, template.language);
                let made = self.made_templates.entry(subject.clone()).or_insert(0);
                let id = ids::numeric(chance, "template", &subject, *made);
                *made += 1;
                id
            });
        }
        let id = template.id.clone();
        waba.templates
            .retain(|known| known.name != template.name || known.language != template.language);
        waba.templates.push(template);
        Some(id)
    }

    pub(crate) fn put_number(&mut self, spec: NumberSpec) {
        match self.numbers.get_mut(&spec.phone_number_id) {
            Some(number) => number.spec = spec,
            None => {
                let number = Number::new(spec);
                self.numbers
                    .insert(number.spec.phone_number_id.clone(), number);
            }
        }
    }

    pub(crate) fn put_customer(
        &mut self,
        chance: Chance,
        business_id: &str,
        customer: CustomerSpec,
    ) {
        let user_id = ids::bsuid(chance, business_id, &customer.phone);
        self.phones_by_bsuid.insert(user_id, customer.phone.clone());
        self.customers.insert(customer.phone.clone(), customer);
    }

    /// The business that owns the account of a number.
    pub(crate) fn owner_of_number(&self, phone_number_id: &str) -> &str {
        let waba = self
            .numbers
            .get(phone_number_id)
            .and_then(|number| self.wabas.get(&number.spec.waba_id));
        waba.map_or("", |waba| waba.business_id.as_str())
    }

    /// The messaging limit of a business, while it is counted.
    pub(crate) fn tier(&self, business_id: &str) -> Option<Tier> {
        self.portfolios.get(business_id)?.tier
    }

    pub(crate) fn portfolio(&mut self, business_id: &str) -> &mut Portfolio {
        self.portfolios.entry(business_id.to_owned()).or_default()
    }

    /// The phone behind a BSUID, which is good for the numbers of one business only.
    pub(crate) fn phone_of(
        &self,
        chance: Chance,
        business_id: &str,
        user_id: &str,
    ) -> Option<String> {
        let is = |phone: &&String| ids::bsuid(chance, business_id, phone) == user_id;
        let known = self.phones_by_bsuid.get(user_id).filter(is);
        known.or_else(|| self.customers.keys().find(is)).cloned()
    }

    /// The account that holds a template.
    pub(crate) fn waba_of_template(&self, template_id: &str) -> Option<&str> {
        let holds = |waba: &&Waba| {
            waba.templates
                .iter()
                .any(|template| template.id == template_id)
        };
        let found = self.wabas.iter().find(|(_, waba)| holds(waba));
        found.map(|(id, _)| id.as_str())
    }

    /// Where updates of this account (and number) go.
    pub(crate) fn callback_for(
        &self,
        waba_id: &str,
        phone_number_id: Option<&str>,
        field: &str,
    ) -> Option<String> {
        let number = phone_number_id.and_then(|id| self.numbers.get(id)?.override_url.clone());
        let waba = || {
            self.wabas
                .get(waba_id)
                .and_then(|waba| waba.override_url.clone())
        };
        let overridden = if field == "messages" {
            number.or_else(waba)
        } else {
            None
        };
        overridden.or_else(|| self.callback_url.clone())
    }

    /// Forgets messages, traffic and windows; accounts, numbers, people, templates and media stay. The counters behind the
    /// ids go on, so that no id comes twice.
    pub(crate) fn forget_messages(&mut self) {
        self.messages = Messages::default();
        self.link_cache.clear();
        self.outage = None;
        for portfolio in self.portfolios.values_mut() {
            portfolio.forget();
        }
        for pacing in self.pacing.values_mut() {
            pacing.passed = 0;
            pacing.held.clear();
            pacing.round += 1;
        }
        for number in self.numbers.values_mut() {
            number.traffic.clear();
            number.pairs.clear();
            number.windows.clear();
            number.typing.clear();
            // The event that ends it is forgotten, too.
            number.upgrading_until_ms = None;
        }
    }
}
