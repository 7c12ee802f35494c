//! `GET /message_template_library`, and a template made from one of its entries.

use serde_json::{Value, json};

use super::create;
use crate::definition::refused;
use crate::error::{GraphError, GraphResult};
use crate::graph::Reply;
use crate::graph::call::Call;
use crate::graph::paging::page;
use crate::library;
use crate::sim::Shared;
use crate::templates::TemplateSpec;

/// What the library has of what is asked for.
pub(in crate::graph) fn list(shared: &Shared, call: &Call) -> GraphResult<Reply> {
    if call.method != "GET" {
        return Err(GraphError::unsupported(&call.method));
    }
    let is = |entry: &Value, key: &str| {
        let wanted = call.list(key);
        let has = |value: &Value| {
            value
                .as_str()
                .is_some_and(|value| wanted.iter().any(|one| one.eq_ignore_ascii_case(value)))
        };
        let of = &entry[key];
        wanted.is_empty() || has(of) || of.as_array().is_some_and(|list| list.iter().any(has))
    };
    let words = call.param("search").unwrap_or_default().to_lowercase();
    let found = library::entries(shared.chance).filter(|entry| {
        let text = ["name", "header", "body", "topic", "usecase"]
            .map(|key| entry[key].as_str().unwrap_or_default().to_lowercase());
        ["topic", "usecase", "industry", "language", "name"]
            .iter()
            .all(|key| is(entry, key))
            && words
                .split_whitespace()
                .all(|word| text.iter().any(|text| text.contains(word)))
    });
    page(shared, call, "message_template_library", found.collect()).map(Reply::Json)
}

/// A template from the library: approved at once, as its text is Meta's own.
pub(super) fn create(shared: &Shared, call: &Call, waba_id: &str) -> GraphResult<Reply> {
    let of_library = call.param("library_template_name").unwrap_or_default();
    let name = create::name(create::text(call, "name")?)?;
    let language = create::language(create::text(call, "language")?)?;
    let category = create::category(create::text(call, "category")?)?;
    let Some(entry) = library::find(of_library, &language) else {
        return refused(
            None,
            "Library template not found",
            format!("The library has no template {of_library} in {language}."),
        );
    };
    if entry["category"] != category.as_str() {
        return refused(
            None,
            "Category is not correct",
            "The category must be that of the library's template, UTILITY.",
        );
    }
    if call.params.contains_key("components") {
        return refused(
            None,
            "Components are not allowed",
            "A template from the library has the library's components: give inputs for its buttons instead.",
        );
    }
    let inputs = call.json("library_template_button_inputs");
    let inputs = inputs.as_array().map(Vec::as_slice).unwrap_or_default();
    let ttl = create::ttl(call, &category)?;
    let now_ms = shared.clock.now_ms();
    let mut world = shared.world();
    let world = &mut *world;
    let given = library::components(entry, inputs);
    let components = create::components(world, &given, &category, false, &language)?;
    create::room(world, waba_id, &name, &language, now_ms)?;
    let template = TemplateSpec {
        name,
        language,
        category,
        components,
        library_template_name: Some(of_library.to_owned()),
        message_send_ttl_seconds: ttl,
        ..TemplateSpec::default()
    };
    let (id, _) = create::keep(shared, world, waba_id, template)?;
    Ok(Reply::Json(json!(create::answer(world, &id))))
}
