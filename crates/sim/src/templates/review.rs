//! How templates are reviewed: by whom, after how long, and what an automatic review finds.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{DAY_MS, Moment, TemplateSpec, decision, plan, told};
use crate::definition;
use crate::sim::Shared;
use crate::webhook::Update;
use crate::world::{Pacing, World};

/// Who ends a review.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewMode {
    /// By itself after a moment: two seconds unless `delay_ms` says otherwise.
    Auto,
    /// By itself after ten seconds to a day, drawn, unless `delay_ms` says otherwise.
    Delayed,
    /// Nobody but a person at the review desk or a test.
    #[default]
    Manual,
}

/// How new and edited templates are reviewed.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReviewPolicy {
    /// Who ends a review.
    pub mode: ReviewMode,
    /// How long an automatic review takes, in virtual milliseconds.
    pub delay_ms: Option<u64>,
    /// The share (0 to 1) that an automatic review rejects without a cause.
    pub reject_rate: f64,
    /// The share (0 to 1) of utility templates that are judged to be marketing, in every mode.
    pub recategorise_rate: f64,
}

/// Why a template is rejected.
pub(crate) struct Rejection {
    pub(crate) reason: String,
    pub(crate) info: Value,
}

/// A reason with words for a person; `None` for one that is not Meta's.
pub(crate) fn rejection(reason: &str, why: Option<&str>) -> Option<Rejection> {
    let (said, advice) = match reason {
        "ABUSIVE_CONTENT" => (
            "The template has content that is abusive or threatening.",
            "Remove it and submit the template again.",
        ),
        "INCORRECT_CATEGORY" => (
            "The content does not fit the category of the template.",
            "Choose the category that fits, or change the content.",
        ),
        "INVALID_FORMAT" => (
            "The template has placeholders or other elements in a wrong form.",
            "Check the variables, the words around them and the links.",
        ),
        "PROMOTIONAL" => (
            "The template has promotional content.",
            "Submit it as a marketing template.",
        ),
        "SCAM" => (
            "The template asks for sensitive data or looks like a scam.",
            "Ask for no passwords, card numbers or identity documents.",
        ),
        "TAG_CONTENT_MISMATCH" => (
            "The language or the category of the template does not match its content.",
            "Choose the language in which the template is written.",
        ),
        "CATEGORY_NOT_AVAILABLE" => (
            "This account may not use templates of this category.",
            "Choose another category.",
        ),
        "NONE" => (
            "The template was rejected.",
            "Change it and submit it again.",
        ),
        _ => return None,
    };
    let info = json!({"reason": why.unwrap_or(said), "recommendation": advice});
    Some(Rejection {
        reason: reason.to_owned(),
        info,
    })
}

/// Words of advertising, as an automatic review looks for them.
const PROMOTIONAL: [&str; 14] = [
    "% off",
    "% de descuento",
    "descuento",
    "discount",
    "oferta",
    "promo",
    "rebaja",
    "sale!",
    "black friday",
    "cupón",
    "coupon",
    "gratis",
    "liquidación",
    "special offer",
];
/// Words of one-time passwords.
const PASSWORDS: [&str; 4] = [
    "verification code",
    "código de verificación",
    "one-time password",
    "one-time code",
];

fn has(template: &TemplateSpec, words: &[&str]) -> bool {
    let text = ["HEADER", "BODY", "FOOTER"].map(|kind| template.text_of(kind).to_lowercase());
    words
        .iter()
        .any(|word| text.iter().any(|text| text.contains(word)))
}

/// The category that Meta gives a new template: advertising called UTILITY becomes MARKETING.
pub(crate) fn judged_category(shared: &Shared, world: &World, template: &TemplateSpec) -> String {
    let policy = world.review;
    let drawn = || {
        let draw = shared.next_draw();
        shared
            .chance
            .happens(policy.recategorise_rate, "category", &template.name, draw)
    };
    let advertises = || policy.mode != ReviewMode::Manual && has(template, &PROMOTIONAL);
    if template.category == "UTILITY" && (advertises() || drawn()) {
        "MARKETING".to_owned()
    } else {
        template.category.clone()
    }
}

/// A template waits for its review: plans its end, if it comes by itself.
pub(crate) fn submitted(shared: &Shared, world: &mut World, id: &str) {
    let policy = world.review;
    let delay_ms = match policy.mode {
        ReviewMode::Manual => {
            world.life(id).review_ms = None;
            return;
        }
        ReviewMode::Auto => policy.delay_ms.unwrap_or(2_000),
        ReviewMode::Delayed => policy
            .delay_ms
            .unwrap_or_else(|| shared.chance.between("review", id, 10_000, DAY_MS)),
    };
    let due_ms = shared.clock.now_ms().saturating_add(delay_ms);
    plan(shared, world, id, Moment::Reviewed, due_ms);
}

/// The end of an automatic review.
pub(super) fn judge(shared: &Shared, world: &mut World, id: &str, due_ms: u64) -> Vec<Update> {
    let Some((waba_id, template)) = world.template(id) else {
        return Vec::new();
    };
    if template.status != "PENDING" {
        return Vec::new();
    }
    let rate = world.review.reject_rate;
    let found = if template.category != "AUTHENTICATION" && has(template, &PASSWORDS) {
        rejection("INCORRECT_CATEGORY", None)
    } else if is_duplicate(world, waba_id, template) {
        rejection(
            "INVALID_FORMAT",
            Some("Another template of this account has the same body and footer."),
        )
    } else if shared.chance.happens(rate, "template-review", id, due_ms) {
        let reasons = [
            "INVALID_FORMAT",
            "ABUSIVE_CONTENT",
            "SCAM",
            "TAG_CONTENT_MISMATCH",
        ];
        let draw = shared.chance.nth("template-reason", id, due_ms);
        rejection(reasons[(draw % reasons.len() as u64) as usize], None)
    } else {
        None
    };
    match found {
        Some(rejection) => decision::reject(world, id, &rejection, shared.clock.now_ms()),
        None => approve(world, id, shared.clock.now_ms()),
    }
    .into_iter()
    .collect()
}

/// Whether another template of the account says the same; authentication templates always do.
fn is_duplicate(world: &World, waba_id: &str, template: &TemplateSpec) -> bool {
    let same = |other: &TemplateSpec| {
        other.name != template.name
            && matches!(other.status.as_str(), "APPROVED" | "PAUSED" | "PENDING")
            && other.category != "AUTHENTICATION"
            && other.text_of("BODY") == template.text_of("BODY")
            && other.text_of("FOOTER") == template.text_of("FOOTER")
    };
    template.category != "AUTHENTICATION"
        && !template.text_of("BODY").is_empty()
        && world
            .wabas
            .get(waba_id)
            .is_some_and(|waba| waba.templates.iter().any(same))
}

/// Approved; a first approval begins pacing where new templates are paced.
pub(super) fn approve(world: &mut World, id: &str, now_ms: u64) -> Option<Update> {
    let update = {
        let (waba_id, template) = world.template_mut(id)?;
        "APPROVED".clone_into(&mut template.status);
        template.rejected_reason = None;
        template.updated_ms = Some(now_ms);
        told::status(waba_id, template, "APPROVED", Some("NONE"), json!({}))
    };
    let life = world.life(id);
    let first = !life.approved;
    life.approved = true;
    life.review_ms = None;
    life.unpause_ms = None;
    if let Some(spec) = world.pace_new.filter(|_| first) {
        world.pacing.insert(
            id.to_owned(),
            Pacing {
                spec,
                passed: 0,
                held: Vec::new(),
                round: 0,
            },
        );
    }
    Some(update)
}

/// What is found in a definition whoever reviews it: the template is rejected at once.
pub(crate) fn flaw(components: &Value) -> Option<Rejection> {
    let (reason, why) = definition::flaw(components)?;
    rejection(reason, Some(why))
}
