//! Embedded sign-up, what it leaves behind: a business, an account, a number, a code for the app, and the webhooks that say so.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::growth;
use crate::ids;
use crate::seed::{NumberSpec, TokenSpec};
use crate::sim::Shared;
use crate::templates::{TemplateSpec, default_templates};
use crate::timeline::Event;
use crate::webhook::Update;
use crate::world::{Payment, SignupCode, Tier, Waba, World};

/// What a person chose in the popup; what is empty is made up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Choice {
    pub(crate) business_id: Option<String>,
    pub(crate) business_name: Option<String>,
    pub(crate) waba_id: Option<String>,
    pub(crate) waba_name: Option<String>,
    pub(crate) currency: Option<String>,
    /// Whether a number comes with it.
    pub(crate) with_number: bool,
    pub(crate) phone_number_id: Option<String>,
    pub(crate) display_phone_number: Option<String>,
    pub(crate) verified_name: Option<String>,
    /// The number stays in use with the WhatsApp Business app.
    pub(crate) coexistence: bool,
    /// The number was proved to be theirs by a code.
    pub(crate) verified: bool,
    pub(crate) code_life_ms: Option<u64>,
    /// The token lives for so long; for ever when absent.
    pub(crate) token_seconds: Option<u64>,
    pub(crate) spec: TokenSpec,
    pub(crate) partner_added: Told,
    /// The multi-partner solution by which it came.
    pub(crate) solution_id: Option<String>,
    /// The decision of the account's review.
    pub(crate) review: Option<String>,
}

/// When the app hears of a sign-up by webhook.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Told {
    /// Before the browser does.
    Before,
    /// Within a minute.
    #[default]
    After,
    Never,
}

/// What a sign-up made.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) code: String,
    pub(crate) business_id: String,
    pub(crate) waba_id: String,
    pub(crate) phone_number_id: Option<String>,
}

/// Life of a code when nobody says otherwise.
pub(crate) const CODE_LIFE_MS: u64 = 30_000;
/// Codes remembered; the oldest go first.
const CODES: usize = 10_000;

/// Ends a sign-up as the person wished it.
pub(crate) async fn finish(shared: &Shared, choice: Choice) -> Result<Made, String> {
    let made = make(shared, &choice)?;
    tell(shared, &choice, &made).await;
    Ok(made)
}

fn decimal(name: &str, id: &str) -> Result<(), String> {
    if (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(format!(
            "{name} must be an id of up to 20 digits, not \"{id}\""
        ))
    }
}

fn make(shared: &Shared, choice: &Choice) -> Result<Made, String> {
    let now_ms = shared.clock.now_ms();
    let chance = shared.chance;
    let mut world = shared.world();
    let world = &mut *world;
    let count = world.businesses.signups;
    let drawn = |kind: &str| ids::numeric(chance, kind, "signup", count);
    let waba_id = choice.waba_id.clone().unwrap_or_else(|| drawn("waba"));
    let known = world
        .wabas
        .get(&waba_id)
        .map(|waba| waba.business_id.clone());
    let business_id = choice
        .business_id
        .clone()
        .or_else(|| known.clone())
        .unwrap_or_else(|| drawn("business"));
    let phone_number_id = choice.with_number.then(|| {
        let first = || {
            let mut numbers = world.numbers.values();
            numbers
                .find(|number| number.spec.waba_id == waba_id)
                .map(|number| number.spec.phone_number_id.clone())
        };
        let named = choice.phone_number_id.clone();
        // A new display number is a new number.
        let new = choice.display_phone_number.is_some();
        named
            .or_else(|| if new { None } else { first() })
            .unwrap_or_else(|| drawn("number"))
    });
    // Everything is looked at before anything is changed.
    decimal("waba_id", &waba_id)?;
    decimal("business_id", &business_id)?;
    if let Some(owner) = known.filter(|owner| *owner != business_id) {
        return Err(format!(
            "the account \"{waba_id}\" belongs to the business \"{owner}\", not to \"{business_id}\" (business_id)"
        ));
    }
    if business_id == shared.config.business_id && choice.waba_id.is_none() {
        return Err("the platform's own business does not sign up (business_id)".to_owned());
    }
    if let Some(id) = &phone_number_id {
        decimal("phone_number_id", id)?;
        if let Some(number) = world
            .numbers
            .get(id)
            .filter(|number| number.spec.waba_id != waba_id)
        {
            return Err(format!(
                "the number \"{id}\" belongs to the account \"{}\" (phone_number_id)",
                number.spec.waba_id
            ));
        }
    }
    world.businesses.signups += 1;
    if !world.businesses.all.contains_key(&business_id) {
        let name = choice.business_name.as_deref().unwrap_or("New customer");
        world.businesses.put(&business_id, name, "not_verified");
    }
    account(shared, world, choice, &waba_id, &business_id, now_ms);
    if let Some(id) = &phone_number_id {
        number(shared, world, choice, &waba_id, id, now_ms);
    }
    let code = code(shared, count);
    let life_ms = choice.code_life_ms.unwrap_or(CODE_LIFE_MS);
    let codes = &mut world.businesses.codes;
    if codes.len() >= CODES
        && let Some(oldest) = codes
            .iter()
            .min_by_key(|(_, code)| code.dies_ms)
            .map(|(code, _)| code.clone())
    {
        codes.remove(&oldest);
    }
    codes.insert(
        code.clone(),
        SignupCode {
            dies_ms: now_ms.saturating_add(life_ms),
            used: false,
            business_id: business_id.clone(),
            wabas: vec![waba_id.clone()],
            token_seconds: choice.token_seconds,
            spec: choice.spec.clone(),
        },
    );
    Ok(Made {
        code,
        business_id,
        waba_id,
        phone_number_id,
    })
}

fn code(shared: &Shared, count: u64) -> String {
    let mut code = "AQ".to_owned();
    for part in 0..6 {
        let bits = shared.chance.nth("code", &part.to_string(), count);
        code.push_str(&format!("{bits:016x}"));
    }
    code
}

fn account(
    shared: &Shared,
    world: &mut World,
    choice: &Choice,
    waba_id: &str,
    business_id: &str,
    now_ms: u64,
) {
    let is_new = !world.wabas.contains_key(waba_id);
    let business_name = world.businesses.name(business_id).to_owned();
    let waba = world.wabas.entry(waba_id.to_owned()).or_insert_with(|| {
        let name = choice.waba_name.as_deref().unwrap_or(&business_name);
        let mut waba = Waba::new(name, business_id);
        // Whoever signs up has not paid for anything yet.
        waba.payment = Payment::Missing;
        "PENDING".clone_into(&mut waba.review);
        waba
    });
    if let Some(currency) = &choice.currency {
        waba.currency.clone_from(currency);
    }
    waba.shared = true;
    waba.onboarded_ms = Some(now_ms);
    if is_new {
        // Meta puts its sample there; nobody else's.
        let hello: Option<TemplateSpec> = default_templates().into_iter().next();
        if let Some(hello) = hello {
            world.add_template(shared.chance, waba_id, hello);
        }
    }
}

fn number(
    shared: &Shared,
    world: &mut World,
    choice: &Choice,
    waba_id: &str,
    id: &str,
    now_ms: u64,
) {
    if !world.numbers.contains_key(id) {
        let bits = shared.chance.bits("display", id.as_bytes());
        let drawn = format!(
            "+34 6{:02} {:03} {:03}",
            bits % 100,
            (bits >> 8) % 1_000,
            (bits >> 24) % 1_000
        );
        let waba_name = world.wabas.get(waba_id).map(|waba| waba.name.clone());
        let spec = NumberSpec {
            waba_id: waba_id.to_owned(),
            phone_number_id: id.to_owned(),
            display_phone_number: choice.display_phone_number.clone().unwrap_or(drawn),
            verified_name: choice
                .verified_name
                .clone()
                .or(waba_name)
                .unwrap_or_default(),
            status: "PENDING".to_owned(),
            quality_rating: "UNKNOWN".to_owned(),
            code_verification_status: if choice.verified {
                "VERIFIED"
            } else {
                "NOT_VERIFIED"
            }
            .to_owned(),
            name_status: "PENDING_REVIEW".to_owned(),
            messaging_limit: "TIER_250".to_owned(),
            ..NumberSpec::default()
        };
        world.put_number(spec);
    }
    let Some(number) = world.numbers.get_mut(id) else {
        return;
    };
    number.line.onboarded_ms = Some(now_ms);
    number.line.contacts_asked = false;
    number.line.history_asked = false;
    if choice.coexistence {
        number.spec.coexistence = true;
        number.spec.mps = 20;
        "CONNECTED".clone_into(&mut number.spec.status);
        "VERIFIED".clone_into(&mut number.spec.code_verification_status);
        "AVAILABLE_WITHOUT_REVIEW".clone_into(&mut number.spec.name_status);
    }
}

/// `PARTNER_ADDED`, the review of the account, and what the business may do.
async fn tell(shared: &Shared, choice: &Choice, made: &Made) {
    let now_ms = shared.clock.now_ms();
    let chance = shared.chance;
    let mut update = partner_added(
        shared,
        &made.waba_id,
        &made.business_id,
        choice.solution_id.as_deref(),
    );
    match choice.partner_added {
        Told::Never => {}
        Told::Before => {
            let (sender, receiver) = oneshot::channel();
            update.first = Some(sender);
            shared.emit(update);
            // Whatever the receiver says, and if it says nothing: the browser goes on.
            let _ = tokio::time::timeout(Duration::from_secs(2), receiver).await;
        }
        Told::After => {
            let wait_ms = chance.between("partner-added", &made.code, 0, 60_000);
            let due_ms = now_ms.saturating_add(wait_ms);
            shared
                .timeline
                .schedule(due_ms, Event::Emit(Box::new(update)));
        }
    }
    let decision = choice.review.as_deref().unwrap_or("APPROVED").to_owned();
    let wait_ms = chance.between("account-review", &made.code, 60_000, 180_000);
    let waba_id = made.waba_id.as_str().into();
    let event = Event::Review {
        waba_id,
        decision: decision.into(),
    };
    shared
        .timeline
        .schedule(now_ms.saturating_add(wait_ms), event);
}

/// The update that says that an account was shared with the app's business.
fn partner_added(shared: &Shared, waba_id: &str, owner: &str, solution_id: Option<&str>) -> Update {
    let mut info = json!({"waba_id": waba_id, "owner_business_id": owner});
    if let Some(solution_id) = solution_id {
        info["solution_id"] = json!(solution_id);
        info["solution_partner_business_ids"] = json!([shared.config.business_id]);
    }
    let value = json!({"event": "PARTNER_ADDED", "waba_info": info});
    Update::of_partner(shared, waba_id, value)
}

/// The review of an account has ended.
pub(crate) fn review(shared: &Shared, waba_id: &str, decision: &str) {
    let capability = {
        let mut world = shared.world();
        let owner = world.wabas.get(waba_id).map(|waba| &waba.business_id);
        let tier = owner.and_then(|owner| world.tier(owner));
        let tier = tier.unwrap_or(Tier::T250);
        let Some(waba) = world.wabas.get_mut(waba_id) else {
            return;
        };
        decision.clone_into(&mut waba.review);
        growth::capability_of(waba_id, tier)
    };
    let value = json!({"decision": decision});
    shared.emit(Update::of_account(waba_id, "account_review_update", value));
    if decision == "APPROVED" {
        shared.emit(capability);
    }
}

/// What the popup tells the page that opened it.
pub(crate) fn message(event: &str, version: &str, made: Option<&Made>, data: Value) -> Value {
    let mut data = data;
    if let Some(made) = made {
        data["waba_id"] = json!(made.waba_id);
        // Coexistence tells the account alone; the number is asked for by the API.
        if event != "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING" {
            if let Some(id) = &made.phone_number_id {
                data["phone_number_id"] = json!(id);
            }
            if version != "v2" {
                data["business_id"] = json!(made.business_id);
            }
            if version == "v4" {
                for none in [
                    "ad_account_ids",
                    "page_ids",
                    "dataset_ids",
                    "catalog_ids",
                    "instagram_account_ids",
                ] {
                    data[none] = json!([]);
                }
                data["waba_ids"] = json!([made.waba_id]);
            }
        }
    }
    json!({"type": "WA_EMBEDDED_SIGNUP", "event": event, "version": 3, "data": data})
}
