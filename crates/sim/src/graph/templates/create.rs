//! `POST /{waba}/message_templates`.

use serde_json::{Value, json};

use super::limit;
use crate::definition::{self, Around, languages, refused};
use crate::error::{GraphError, GraphResult};
use crate::graph::Reply;
use crate::graph::call::Call;
use crate::graph::usage::count_created;
use crate::sim::Shared;
use crate::templates::{self, TemplateSpec, judged_category, locked_until};
use crate::webhook::Update;
use crate::world::World;

const NAME: usize = 512;

pub(super) fn text<'a>(call: &'a Call, key: &str) -> GraphResult<&'a str> {
    call.param(key)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| GraphError::missing(key))
}

/// The category in capitals.
pub(super) fn category(given: &str) -> GraphResult<String> {
    let category = given.to_uppercase();
    match category.as_str() {
        "MARKETING" | "UTILITY" | "AUTHENTICATION" => Ok(category),
        _ => Err(GraphError::parameter(format!(
            "Param category must be one of {{UTILITY, MARKETING, AUTHENTICATION}} - got \"{given}\"."
        ))),
    }
}

pub(super) fn name(given: &str) -> GraphResult<String> {
    let fits = given
        .bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if given.len() > NAME || !fits {
        return Err(GraphError::parameter(
            "Param name must have lower-case letters, digits and underscores only.",
        ));
    }
    Ok(given.to_owned())
}

pub(super) fn language(given: &str) -> GraphResult<String> {
    if languages::is_known(given) {
        return Ok(given.to_owned());
    }
    Err(GraphError::parameter(format!(
        "Param language must be one of the supported languages - got \"{given}\"."
    )))
}

/// `message_send_ttl_seconds`, within what the category allows.
pub(super) fn ttl(call: &Call, category: &str) -> GraphResult<Option<i64>> {
    let Some(given) = call.params.get("message_send_ttl_seconds") else {
        return Ok(None);
    };
    let seconds = given
        .as_i64()
        .or_else(|| given.as_str().and_then(|text| text.parse().ok()));
    let (low, high, month) = match category {
        "AUTHENTICATION" => (30, 900, true),
        "UTILITY" => (30, 43_200, true),
        _ => (43_200, 2_592_000, false),
    };
    match seconds {
        Some(-1) if month => Ok(Some(-1)),
        Some(seconds) if (low..=high).contains(&seconds) => Ok(Some(seconds)),
        _ => Err(GraphError::parameter(format!(
            "Param message_send_ttl_seconds of a template of category {category} must be between {low} and {high}{}.",
            if month { ", or -1" } else { "" }
        ))),
    }
}

/// Components judged and as they are kept.
pub(super) fn components(
    world: &World,
    given: &Value,
    category: &str,
    named: bool,
    language: &str,
) -> GraphResult<Value> {
    let handle = |handle: &str| world.uploads.behind(handle).map(str::to_owned);
    let around = Around {
        category,
        named,
        handle: &handle,
    };
    definition::check(given, &around)?;
    let kept = definition::normalised(given);
    Ok(if category == "AUTHENTICATION" {
        definition::preset(&kept, language)
    } else {
        kept
    })
}

/// What stands against another template of this name: one that is there, one that was deleted, or too many.
pub(super) fn room(
    world: &World,
    waba_id: &str,
    name: &str,
    language: &str,
    now_ms: u64,
) -> GraphResult<()> {
    let waba = world.wabas.get(waba_id);
    let waba = waba.ok_or_else(|| GraphError::no_object("POST", waba_id))?;
    let deleted = || {
        refused(
            2_388_023,
            "Message template language is being deleted",
            format!(
                "New {language} content can't be added while the existing {language} content is being deleted. Try again in 4 weeks or consider creating a new message template."
            ),
        )
    };
    let known = waba
        .templates
        .iter()
        .find(|known| known.name == name && known.language == language);
    match known {
        Some(known) if known.status == "PENDING_DELETION" => return deleted(),
        Some(_) => {
            return refused(
                2_388_024,
                "Content in this language already exists",
                format!(
                    "There is already {language} content for this template. You can create a new template and try again."
                ),
            );
        }
        None => {}
    }
    if locked_until(world, waba_id, name, language, now_ms).is_some() {
        return deleted();
    }
    let most = limit(world, waba_id);
    if waba.templates.len() >= most {
        return refused(
            2_388_019,
            "Message template limit reached",
            format!(
                "This account has reached its limit of {most} message templates. Delete some and try again."
            ),
        );
    }
    Ok(())
}

/// Keeps a new template and begins its review; its id, and the webhook if it is rejected at once.
pub(super) fn keep(
    shared: &Shared,
    world: &mut World,
    waba_id: &str,
    mut template: TemplateSpec,
) -> GraphResult<(String, Option<Update>)> {
    let now_ms = shared.clock.now_ms();
    let waba = world.wabas.get_mut(waba_id);
    let waba = waba.ok_or_else(|| GraphError::no_object("POST", waba_id))?;
    count_created(waba, now_ms)?;
    template.category = judged_category(shared, world, &template);
    template.created_ms = Some(now_ms);
    template.updated_ms = Some(now_ms);
    let flaw = templates::flaw(&template.components);
    let approved = template.status == "APPROVED";
    let id = world
        .add_template(shared.chance, waba_id, template)
        .ok_or_else(|| GraphError::no_object("POST", waba_id))?;
    world.life(&id).approved = approved;
    let update = match flaw {
        Some(flaw) => templates::reject(world, &id, &flaw, now_ms),
        None => {
            if !approved {
                templates::submitted(shared, world, &id);
            }
            None
        }
    };
    Ok((id, update))
}

/// What a creation is answered with.
pub(super) fn answer(world: &World, id: &str) -> Value {
    world.template(id).map_or(
        Value::Null,
        |(_, template)| json!({"id": id, "status": template.status, "category": template.category}),
    )
}

pub(super) fn post(shared: &Shared, call: &Call, waba_id: &str) -> GraphResult<Reply> {
    let name = name(text(call, "name")?)?;
    let language = language(text(call, "language")?)?;
    let category = category(text(call, "category")?)?;
    let format = call
        .param("parameter_format")
        .unwrap_or("POSITIONAL")
        .to_uppercase();
    if !matches!(format.as_str(), "NAMED" | "POSITIONAL") {
        return Err(GraphError::parameter(format!(
            "Param parameter_format must be one of {{NAMED, POSITIONAL}} - got \"{format}\"."
        )));
    }
    let ttl = ttl(call, &category)?;
    let now_ms = shared.clock.now_ms();
    let (answer, update) = {
        let mut world = shared.world();
        let world = &mut *world;
        let given = call.json("components");
        let components = components(world, &given, &category, format == "NAMED", &language)?;
        room(world, waba_id, &name, &language, now_ms)?;
        let template = TemplateSpec {
            name,
            language,
            category,
            parameter_format: format,
            status: "PENDING".to_owned(),
            components,
            message_send_ttl_seconds: ttl,
            cta_url_link_tracking_opted_out: call.flag("cta_url_link_tracking_opted_out"),
            ..TemplateSpec::default()
        };
        let (id, update) = keep(shared, world, waba_id, template)?;
        (answer(world, &id), update)
    };
    if let Some(update) = update {
        shared.emit(update);
    }
    Ok(Reply::Json(answer))
}
