//! Templates: how they are reviewed, one that is simply there, what is decided about one, and the review desk's list.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::world::merged;
use super::{Refused, World, ok, read, typed};
use crate::sim::Shared;
use crate::templates::{self, Decision, ReviewPolicy, TemplateSpec, Word};
use crate::validate::filled;
use crate::world::{PacingSpec, Waba};

/// `{"waba_id", …TemplateSpec}`: a template that is simply there. `{"review": {…}, "pacing": {…}}`: what becomes of new ones.
pub(super) async fn post(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let mut body = read(&body)?;
    if body.get("review").is_some() || body.get("pacing").is_some() {
        return policy(&shared, &body);
    }
    let waba_id = body.as_object_mut().and_then(|body| body.remove("waba_id"));
    let waba_id = waba_id
        .as_ref()
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let template: TemplateSpec = merged(&TemplateSpec::default(), &body)?;
    if template.name.is_empty() {
        return Err("name is missing".into());
    }
    let id = shared
        .world()
        .add_template(shared.chance, &waba_id, template);
    let id =
        id.ok_or_else(|| Refused::from(format!("no account has the id \"{waba_id}\" (waba_id)")))?;
    Ok(ok(&json!({"id": id})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyChange {
    review: Option<Value>,
    /// Absent: as it is; `null`: new templates are not paced.
    #[serde(default, deserialize_with = "given")]
    pacing: Option<Option<PacingSpec>>,
}

fn given<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<PacingSpec>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn policy(shared: &Shared, body: &Value) -> Result<Response, Refused> {
    let change: PolicyChange =
        serde_json::from_value(body.clone()).map_err(|error| error.to_string())?;
    let mut world = shared.world();
    let world = &mut *world;
    if let Some(review) = &change.review {
        let policy: ReviewPolicy = merged(&world.review, review)?;
        for (key, rate) in [
            ("reject_rate", policy.reject_rate),
            ("recategorise_rate", policy.recategorise_rate),
        ] {
            if !(0.0..=1.0).contains(&rate) {
                return Err(format!("review.{key} must be between 0 and 1").into());
            }
        }
        world.review = policy;
        // Those that wait are reviewed as new ones would be.
        let waits = |template: &&TemplateSpec| template.status == "PENDING";
        let waiting: Vec<String> = world
            .wabas
            .values()
            .flat_map(|waba| waba.templates.iter().filter(waits))
            .map(|template| template.id.clone())
            .collect();
        for id in waiting {
            templates::submitted(shared, world, &id);
        }
    }
    if let Some(pacing) = change.pacing {
        world.pace_new = pacing;
    }
    Ok(ok(
        &json!({"review": world.review, "pacing": world.pace_new}),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// `approve` when absent; `status` is another name of it.
    #[serde(alias = "status")]
    decision: Option<String>,
    reason: Option<String>,
    category: Option<String>,
    quality: Option<String>,
    hours: Option<u64>,
    #[serde(default)]
    at_once: bool,
    rejection_info: Option<Value>,
    other_info: Option<Value>,
    disable_info: Option<Value>,
}

fn one_of(key: &str, given: Option<String>, words: &[&str]) -> Result<Option<String>, Refused> {
    let Some(word) = given.map(|word| word.to_uppercase()) else {
        return Ok(None);
    };
    if words.contains(&word.as_str()) {
        return Ok(Some(word));
    }
    Err(format!("{key} must be one of {}, not \"{word}\"", words.join(", ")).into())
}

/// `{"decision", …}`: what becomes of a template, told by webhook.
pub(super) async fn decide(
    State(shared): World,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let wish: Wish = typed(&body)?;
    let said = wish.decision.as_deref().unwrap_or("approve");
    let word = Word::read(said).ok_or_else(|| {
        format!(
            "decision must be approve, reject, pause, unpause, disable, flag, reinstate, lock, appeal, archive, pending, \
             category, quality or deleted, not \"{said}\""
        )
    })?;
    let reason = wish.reason.map(|reason| reason.to_uppercase());
    if let Some(reason) = &reason
        && templates::rejection(reason, None).is_none()
    {
        return Err(format!("\"{reason}\" is none of Meta's reasons").into());
    }
    let categories = ["MARKETING", "UTILITY", "AUTHENTICATION"];
    let mut infos = json!({});
    for (key, info) in [
        ("rejection_info", wish.rejection_info),
        ("other_info", wish.other_info),
        ("disable_info", wish.disable_info),
    ] {
        if let Some(info) = info {
            infos[key] = info;
        }
    }
    let decision = Decision {
        word,
        reason,
        category: one_of("category", wish.category, &categories)?,
        quality: one_of(
            "quality",
            wish.quality,
            &["GREEN", "YELLOW", "RED", "UNKNOWN"],
        )?,
        hours: wish.hours,
        at_once: wish.at_once,
        infos,
    };
    templates::decide(&shared, &id, &decision)
        .ok_or_else(|| format!("no template has the id \"{id}\""))?;
    let event = decision.word.event();
    let mut answer = json!({"success": true, "status": event});
    if let Some((_, template)) = shared.world().template(&id) {
        answer["template"] = shown(template);
    }
    Ok(ok(&answer))
}

fn shown(template: &TemplateSpec) -> Value {
    serde_json::to_value(template).unwrap_or_default()
}

#[derive(Deserialize)]
pub(super) struct ListQuery {
    waba_id: Option<String>,
    status: Option<String>,
    /// Rows at most; 200 when absent.
    limit: Option<usize>,
}

/// Templates with their components and as a phone shows them, those that wait for review first; and how new ones are
/// reviewed.
pub(super) async fn list(State(shared): World, Query(query): Query<ListQuery>) -> Response {
    let world = shared.world();
    let fits = |wanted: &Option<String>, value: &str| {
        wanted
            .as_deref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(value))
    };
    let mut found = Vec::new();
    for (waba_id, waba) in &world.wabas {
        for template in &waba.templates {
            if fits(&query.waba_id, waba_id) && fits(&query.status, &template.status) {
                found.push((waba_id, waba, template));
            }
        }
    }
    found.sort_by_key(|(.., template)| template.status != "PENDING");
    let (total, waiting) = (
        found.len(),
        found.partition_point(|(.., template)| template.status == "PENDING"),
    );
    let row = |(waba_id, waba, template): (&String, &Waba, &TemplateSpec)| {
        let mut row = shown(template);
        row["preview"] = filled::preview(template);
        row["waba_id"] = json!(waba_id);
        row["waba_name"] = json!(waba.name);
        if let Some(life) = world.lives.get(&template.id) {
            row["pauses"] = json!(life.pauses);
            row["sends"] = json!(life.sends);
            row["paused_until_ms"] = json!(life.unpause_ms);
            row["reviewed_at_ms"] = json!(life.review_ms);
            row["category_at_ms"] = json!(life.category_ms);
        }
        if let Some(pacing) = world.pacing.get(&template.id) {
            row["pacing"] = json!(pacing.spec);
            row["held"] = json!(pacing.held.len());
        }
        row
    };
    let limit = query.limit.unwrap_or(200);
    let data: Vec<Value> = found.into_iter().take(limit).map(row).collect();
    ok(
        &json!({"data": data, "total": total, "waiting": waiting, "review": world.review, "pacing": world.pace_new}),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Break {
    break_after_bytes: Option<u64>,
}

/// `{"break_after_bytes"}`: the connection of the next piece of an upload breaks, what came before is kept.
pub(super) async fn uploads(State(shared): World, body: Bytes) -> Result<Response, Refused> {
    let Break { break_after_bytes } = typed(&body)?;
    shared.world().uploads.break_after = break_after_bytes;
    Ok(ok(&json!({"break_after_bytes": break_after_bytes})))
}
