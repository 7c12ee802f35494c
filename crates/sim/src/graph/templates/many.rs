//! Many templates in one call: authentication templates in several languages, archives, another account's.

use serde_json::{Map, Value, json};

use super::create;
use crate::definition::preset;
use crate::error::{GraphError, GraphResult};
use crate::graph::Reply;
use crate::graph::call::{Call, Caller, reaches};
use crate::sim::Shared;
use crate::templates::{self, TemplateSpec};
use crate::webhook::Update;

/// Templates of a migration in one call at most.
const MIGRATED: u64 = 500;

/// `POST /{waba}/upsert_message_templates`: one authentication template in many languages.
pub(super) fn upsert(shared: &Shared, call: &Call, waba_id: &str) -> GraphResult<Reply> {
    let name = create::name(create::text(call, "name")?)?;
    let category = create::category(create::text(call, "category")?)?;
    if category != "AUTHENTICATION" {
        return Err(GraphError::parameter(
            "Param category must be one of {AUTHENTICATION}.",
        ));
    }
    let languages = call.list("languages");
    if languages.is_empty() {
        return Err(GraphError::missing("languages"));
    }
    let ttl = create::ttl(call, &category)?;
    let given = call.json("components");
    let now_ms = shared.clock.now_ms();
    let mut updates: Vec<Update> = Vec::new();
    let mut data = Vec::new();
    {
        let mut world = shared.world();
        let world = &mut *world;
        let known = |world: &crate::world::World, language: &str| {
            let waba = world.wabas.get(waba_id)?;
            let is =
                |template: &&TemplateSpec| template.name == name && template.language == language;
            Some(waba.templates.iter().find(is)?.id.clone())
        };
        // All or nothing: each is judged before the first is kept.
        let mut wanted = Vec::new();
        for language in &languages {
            let language = create::language(language)?;
            let components = create::components(world, &given, &category, false, &language)?;
            if known(world, &language).is_none() {
                create::room(world, waba_id, &name, &language, now_ms)?;
            }
            wanted.push((language, components));
        }
        for (language, components) in wanted {
            let id = if let Some(id) = known(world, &language) {
                updates.extend(templates::replaced(shared, world, &id, components));
                id
            } else {
                let template = TemplateSpec {
                    name: name.clone(),
                    language: language.clone(),
                    category: category.clone(),
                    status: "PENDING".to_owned(),
                    components,
                    message_send_ttl_seconds: ttl,
                    ..TemplateSpec::default()
                };
                let (id, update) = create::keep(shared, world, waba_id, template)?;
                updates.extend(update);
                id
            };
            let status = world
                .template(&id)
                .map(|(_, template)| template.status.clone());
            data.push(json!({"id": id, "status": status, "language": language}));
        }
    }
    for update in updates {
        shared.emit(update);
    }
    Ok(Reply::Json(json!({"data": data})))
}

/// `GET /{waba}/message_template_previews`: Meta's words of authentication templates.
pub(super) fn previews(call: &Call) -> GraphResult<Reply> {
    let category = create::category(create::text(call, "category")?)?;
    if category != "AUTHENTICATION" {
        return Err(GraphError::parameter(
            "Param category must be one of {AUTHENTICATION}.",
        ));
    }
    let languages = call.list("languages");
    let languages = if languages.is_empty() {
        ["en_US", "es", "fr", "de", "pt_BR", "it"]
            .map(str::to_owned)
            .to_vec()
    } else {
        languages
    };
    let mut components = vec![
        json!({"type": "BODY", "add_security_recommendation": call.flag("add_security_recommendation")}),
        json!({"type": "BUTTONS", "buttons": [{"type": "OTP"}]}),
    ];
    if let Some(minutes) = call.number("code_expiration_minutes") {
        components.push(json!({"type": "FOOTER", "code_expiration_minutes": minutes}));
    }
    let components = json!(components);
    let mut data = Vec::new();
    for language in &languages {
        let language = create::language(language)?;
        let filled = preset(&components, &language);
        let mut preview = json!({
            "body": filled[0]["text"],
            "buttons": [{"text": filled[1]["buttons"][0]["text"]}],
            "language": language,
        });
        if filled[2].is_object() {
            preview["footer"] = filled[2]["text"].clone();
        }
        data.push(preview);
    }
    Ok(Reply::Json(json!({"data": data})))
}

/// `POST /{waba}/message_templates/archive` and `/unarchive`.
pub(super) fn archive(
    shared: &Shared,
    call: &Call,
    waba_id: &str,
    away: bool,
) -> GraphResult<Reply> {
    let ids = call.list("hsm_ids");
    if ids.is_empty() {
        return Err(GraphError::missing("hsm_ids"));
    }
    let (mut done, mut failed, mut updates) = (Vec::new(), Map::new(), Vec::new());
    {
        let mut world = shared.world();
        for id in ids {
            let known = world.template(&id).filter(|(of, _)| *of == waba_id);
            let status = known.map(|(_, template)| template.status.as_str());
            match status {
                None => {
                    failed.insert(id, json!("The template was not found."));
                }
                Some(status) if (status == "ARCHIVED") == away || status == "DISABLED" => {
                    failed.insert(id, json!(format!("The template is {status}.")));
                }
                Some(_) => {
                    updates.extend(templates::archive(shared, &mut world, &id, away));
                    done.push(id);
                }
            }
        }
    }
    for update in updates {
        shared.emit(update);
    }
    let key = if away {
        "archived_templates"
    } else {
        "unarchived_templates"
    };
    Ok(Reply::Json(json!({key: done, "failed_templates": failed})))
}

/// `POST /{waba}/migrate_message_templates`: copies of another account's templates of the same owner.
pub(super) fn migrate(
    shared: &Shared,
    call: &Call,
    caller: &Caller,
    waba_id: &str,
) -> GraphResult<Reply> {
    let source_id = create::text(call, "source_waba_id")?;
    let count = call.number("count").unwrap_or(MIGRATED);
    if count == 0 || count > MIGRATED {
        return Err(GraphError::parameter(format!(
            "Param count must be between 1 and {MIGRATED}."
        )));
    }
    let skip = call
        .number("page_number")
        .unwrap_or(0)
        .saturating_mul(count);
    let only = call.list("template_ids");
    let now_ms = shared.clock.now_ms();
    let mut world = shared.world();
    let world = &mut *world;
    let seen = match caller {
        Caller::System { known, .. } => reaches(world, source_id, known),
        Caller::App => false,
    };
    let owner = |id: &str| world.wabas.get(id).map(|waba| waba.business_id.clone());
    if !seen || owner(source_id).is_none() {
        return Err(GraphError::no_object("POST", source_id));
    }
    if owner(source_id) != owner(waba_id) || source_id == waba_id {
        return Err(GraphError::parameter(
            "Templates can be migrated between two accounts of the same business only.",
        ));
    }
    let meant: Vec<TemplateSpec> = world
        .wabas
        .get(source_id)
        .into_iter()
        .flat_map(|waba| &waba.templates)
        .filter(|template| only.is_empty() || only.contains(&template.id))
        .skip(usize::try_from(skip).unwrap_or(usize::MAX))
        .take(usize::try_from(count).unwrap_or(usize::MAX))
        .cloned()
        .collect();
    let (mut migrated, mut failed) = (Vec::<Value>::new(), Map::new());
    for template in meant {
        let id = template.id.clone();
        let why = if template.status != "APPROVED" {
            Some(format!("The template is {}.", template.status))
        } else if !matches!(template.quality.as_str(), "GREEN" | "UNKNOWN") {
            Some(format!(
                "The quality of the template is {}.",
                template.quality
            ))
        } else {
            let room = create::room(world, waba_id, &template.name, &template.language, now_ms);
            room.err()
                .map(|error| error.user.map_or(error.message, |user| user.1))
        };
        if let Some(why) = why {
            failed.insert(id, json!(why));
            continue;
        }
        let copy = TemplateSpec {
            id: String::new(),
            created_ms: Some(now_ms),
            updated_ms: Some(now_ms),
            quality: "UNKNOWN".to_owned(),
            quality_date: None,
            ..template
        };
        if let Some(made) = world.add_template(shared.chance, waba_id, copy) {
            world.life(&made).approved = true;
            migrated.push(json!(made));
        }
    }
    Ok(Reply::Json(
        json!({"migrated_templates": migrated, "failed_templates": failed}),
    ))
}
