//! `POST /{phone_number_id}/messages`: form, state, rate, and what will become of the message.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::Reply;
use super::call::Call;
use super::fate::{self, Case};
use super::fingerprint::fingerprint;
use super::messages::{link_is_good, mark_read};
use super::rates::{pair_rate, throughput};
use crate::error::{GraphError, GraphResult};
use crate::ids::{self, Direction};
use crate::phones;
use crate::sim::Shared;
use crate::timeline::{Event, Step};
use crate::validate::{self, Checked, MediaSource, template};
use crate::webhook::Update;
use crate::world::{Outbound, Payment, Price, Refusal, World};

/// How long the raise of a limit takes at most.
const SIX_HOURS_MS: u64 = 6 * 3_600 * 1_000;

/// What is known of a message when it is accepted, beside the record.
pub(crate) struct Accepted {
    pub(crate) wamid: Arc<str>,
    pub(crate) fate: phones::Fate,
    /// Held until the template's quality is judged.
    pub(crate) held: bool,
}

/// `POST /{phone_number_id}/messages`; by `/marketing_messages` only marketing templates go.
pub(super) async fn post(
    shared: &Arc<Shared>,
    call: &Call,
    phone_number_id: &str,
    marketing: bool,
) -> GraphResult<Reply> {
    if call.malformed {
        return Err(GraphError::parameter(
            "Invalid parameter: the request body is not a valid JSON object.",
        ));
    }
    if call.params.contains_key("status") && !marketing {
        return mark_read(shared, &call.params, phone_number_id).map(Reply::Json);
    }
    let checked = validate::message(&call.params)?;
    if marketing && checked.kind != "template" {
        return Err(GraphError::of_table(131055, None));
    }
    let raw = if call.is_json {
        Box::from(&*call.body)
    } else {
        Value::Object(call.params.clone())
            .to_string()
            .into_bytes()
            .into_boxed_slice()
    };
    let asked = Asked {
        phone_number_id,
        checked: &checked,
        request: &call.params,
        raw,
        marketing,
        failure: call.failure,
    };
    let accepted = accept(shared, asked)?;
    let faults = shared.faults();
    let links: Vec<_> = checked
        .media
        .iter()
        .filter_map(|media| match &media.source {
            MediaSource::Link(link) => Some((media.kind, link.clone())),
            MediaSource::Id(_) => None,
        })
        .collect();
    let Accepted { wamid, fate, held } = accepted;
    if held {
        // Its statuses wait for the verdict on the template.
    } else if links.is_empty() {
        if faults.status_before_answer && fate.failure.is_none() {
            status_first(shared, &wamid).await;
            phones::follow(shared, &wamid, &fate, true);
        } else {
            phones::follow(shared, &wamid, &fate, false);
        }
    } else {
        let shared = Arc::clone(shared);
        let wamid = Arc::clone(&wamid);
        tokio::spawn(async move {
            let mut fate = fate;
            for (kind, link) in links {
                if !link_is_good(&shared, kind, &link).await {
                    fate.failure = fate.failure.or(Some(131053));
                }
            }
            phones::follow(&shared, &wamid, &fate, false);
        });
    }
    Ok(Reply::Json(answer(
        &checked,
        &wamid,
        held,
        faults.omits("message_status"),
    )))
}

fn answer(checked: &Checked, wamid: &str, held: bool, bare: bool) -> Value {
    let mut contact = json!({"input": checked.input});
    match &checked.phone {
        Some(phone) => contact["wa_id"] = json!(phone),
        None => contact["user_id"] = json!(checked.input),
    }
    let mut message = json!({"id": wamid});
    if checked.kind == "template" && !bare {
        message["message_status"] = json!(if held {
            "held_for_quality_assessment"
        } else {
            "accepted"
        });
    }
    json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]})
}

/// Delivers `sent` and waits for the receiver's answer, at most two seconds.
async fn status_first(shared: &Arc<Shared>, wamid: &str) {
    let (sender, receiver) = oneshot::channel();
    if phones::reach_telling(shared, wamid, Step::Sent, Some(sender)) {
        // Whatever the receiver said, and if it said nothing: the answer follows.
        let _ = tokio::time::timeout(Duration::from_secs(2), receiver).await;
    }
}

/// A message as it was asked for, its form already judged.
struct Asked<'a> {
    phone_number_id: &'a str,
    checked: &'a Checked,
    request: &'a Map<String, Value>,
    raw: Box<[u8]>,
    marketing: bool,
    /// The code of its failure, when a script wants one.
    failure: Option<i64>,
}

/// Everything that Meta checks while the caller waits; all under one lock, so that rates are exact.
fn accept(shared: &Shared, asked: Asked<'_>) -> GraphResult<Accepted> {
    let now_ms = shared.clock.now_ms();
    let mut world = shared.world();
    let world = &mut *world;
    let Asked {
        phone_number_id,
        checked,
        request,
        ..
    } = asked;
    let missing = || GraphError::no_object("POST", phone_number_id);
    let number = world.numbers.get(phone_number_id).ok_or_else(missing)?;
    let waba = world.wabas.get(&number.spec.waba_id).ok_or_else(missing)?;
    let (mut category, mut template_id) = ("service", None);
    if checked.kind == "template" {
        let template = template::sendable(waba.templates.iter(), &request["template"])?;
        template::matches(template, &request["template"])?;
        if checked.phone.is_none() && template.category == "AUTHENTICATION" {
            return Err(GraphError::of_table(131062, None));
        }
        if asked.marketing && template.category != "MARKETING" {
            return Err(GraphError::of_table(134100, None));
        }
        category = price_category(&template.category, asked.marketing);
        template_id = Some(template.id.clone());
    }
    let owner = waba.business_id.clone();
    let bad_media = fate::media_by_id(world, checked, &number.spec.waba_id, now_ms)?;
    let phone = match &checked.phone {
        Some(phone) => Some(phone.clone()),
        None => world.phone_of(shared.chance, &waba.business_id, &checked.input),
    };
    let to: Box<str> = phone.as_deref().unwrap_or(&checked.input).into();
    fate::recipient(number, &to)?;
    fate::standing(waba, category, checked.kind != "template", now_ms)?;
    fate::state(number, now_ms)?;
    let window_open = number.windows.service_until(&to, now_ms).is_some();
    let entry_open = number.windows.entry_until(&to, now_ms).is_some();
    let free_form = checked.kind != "template";
    if free_form && !window_open && shared.config.window_refusal {
        return Err(GraphError::of_table(131047, None));
    }
    let free = category == "service" || (category == "utility" && window_open) || entry_open;
    if !free && waba.payment == Payment::MissingRefused {
        return Err(GraphError::of_table(131042, None));
    }
    let case = Case {
        checked,
        to: &to,
        is_phone: phone.is_some(),
        category,
        bad_media,
        window_open,
        entry_open,
        billable: !free,
    };
    let mut failure = asked
        .failure
        .or_else(|| fate::failure(world, number, &case, now_ms));
    let known = world.customers.contains_key(&*to);
    let number = world.numbers.get_mut(phone_number_id).ok_or_else(missing)?;
    throughput(number)?;
    if shared.config.pair_limit {
        pair_rate(number, &to, now_ms)?;
    }
    if let Some(portfolio) = world.portfolios.get_mut(&owner)
        && failure.is_none()
        && !window_open
        && !portfolio.admits(&to, now_ms)
    {
        if portfolio.refusal == Refusal::Sync {
            return Err(GraphError::of_table(131048, None));
        }
        failure = Some(131048);
    }
    if failure.is_none() {
        number.windows.answered(&to, now_ms);
    }
    let entry_until_ms = number.windows.entry_until(&to, now_ms);
    number.typing.remove(&*to);
    number.sent_count += 1;
    let wamid: Arc<str> = ids::wamid(
        shared.chance,
        Direction::FromBusiness,
        phone_number_id,
        &to,
        number.sent_count,
    )
    .into();
    let fate = phones::Fate {
        failure,
        voice: checked.voice,
    };
    if let Some(id) = &template_id {
        world.life(id).sends += 1;
    }
    let held = hold(shared, world, template_id.as_deref(), &wamid, fate, now_ms);
    let outbound = Outbound {
        wamid: Arc::clone(&wamid),
        phone_number_id: phone_number_id.into(),
        fingerprint: fingerprint(phone_number_id, &to, checked, request),
        to,
        kind: checked.kind,
        body: asked.raw,
        callback_data: checked.callback_data.as_deref().map(Box::from),
        accepted_ms: now_ms,
        price: Price {
            category,
            free,
            entry_until_ms,
        },
        status: if held { "held" } else { "accepted" },
        by_user_id: checked.phone.is_none(),
    };
    world
        .messages
        .push_outbound(outbound, shared.config.outbound_limit, known);
    grow(shared, world, owner, now_ms);
    Ok(Accepted { wamid, fate, held })
}

/// Whether a paced template keeps this message back; the first one kept starts the clock of the verdict.
fn hold(
    shared: &Shared,
    world: &mut World,
    template_id: Option<&str>,
    wamid: &Arc<str>,
    fate: phones::Fate,
    now_ms: u64,
) -> bool {
    let Some((id, pacing)) = template_id.and_then(|id| Some((id, world.pacing.get_mut(id)?)))
    else {
        return false;
    };
    if pacing.passed < pacing.spec.first {
        pacing.passed += 1;
        return false;
    }
    if pacing.held.is_empty()
        && let Some(minutes) = pacing.spec.after_minutes
    {
        let event = Event::Judge {
            template_id: id.into(),
            round: pacing.round,
        };
        let due_ms = now_ms.saturating_add(u64::from(minutes) * 60_000);
        shared.timeline.schedule(due_ms, event);
    }
    pacing.held.push((Arc::clone(wamid), fate));
    true
}

/// What heavy use brings: a higher messaging limit after six hours, and a higher throughput at the top.
fn grow(shared: &Shared, world: &mut World, business_id: String, now_ms: u64) {
    let Some(portfolio) = world.portfolios.get_mut(&business_id) else {
        return;
    };
    if portfolio.tier.is_none() {
        return;
    }
    if !portfolio.deserves_raise(now_ms) {
        return;
    }
    let wabas = &world.wabas;
    let of_others = |waba_id: &String| {
        let waba = wabas.get(waba_id);
        waba.is_some_and(|waba| waba.business_id != business_id)
    };
    let good = world
        .numbers
        .values()
        .all(|number| number.spec.quality_rating == "GREEN" || of_others(&number.spec.waba_id));
    if good {
        portfolio.raising = true;
        let business_id = business_id.into();
        let event = Event::RaiseLimit { business_id };
        shared
            .timeline
            .schedule(now_ms.saturating_add(SIX_HOURS_MS), event);
    }
}

fn price_category(category: &str, marketing_api: bool) -> &'static str {
    match category {
        "MARKETING" if marketing_api => "marketing_lite",
        "MARKETING" => "marketing",
        "AUTHENTICATION" => "authentication",
        _ => "utility",
    }
}

impl Update {
    /// An update of field `messages` about a number.
    pub(crate) fn of_messages(world: &World, phone_number_id: &str, value: Value) -> Self {
        let waba_id = world
            .numbers
            .get(phone_number_id)
            .map(|number| number.spec.waba_id.clone());
        Self {
            waba_id: waba_id.unwrap_or_default(),
            phone_number_id: Some(phone_number_id.to_owned()),
            field: "messages".to_owned(),
            value,
            business_id: None,
            first: None,
        }
    }
}
