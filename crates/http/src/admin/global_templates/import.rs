//! `POST /api/v1/admin/global-templates/import` and `GET /api/v1/admin/template-library`.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use engine::global_templates::library::{self, Unread};
use engine::global_templates::write::{self, New};
use meta::graph::{GraphCallError, LibraryFilter, LibraryTemplate};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::view::{self, GlobalTemplateDetail};
use super::{problem, tenants_of};
use crate::App;
use crate::auth::{Platform, PlatformRead, PlatformWrite};
use crate::paging::List;
use crate::problem::{Problem, Result};

/// What is looked for; what is absent narrows nothing.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WantedFromLibrary {
    /// Words of its text or name.
    search: Option<String>,
    /// Such as `ORDER_MANAGEMENT`.
    topic: Option<String>,
    /// Such as `SHIPMENT_CONFIRMATION`.
    usecase: Option<String>,
    /// Such as `E_COMMERCE`.
    industry: Option<String>,
    /// Such as `es`.
    language: Option<String>,
}

/// A template of Meta's library, as Meta shows it.
#[derive(Serialize, ToSchema)]
pub(crate) struct LibraryView {
    /// Its name there: `library_template_name` of an import.
    name: String,
    /// Its language.
    language: String,
    /// Its category.
    category: Option<String>,
    /// What it is about.
    topic: Option<String>,
    /// What it is for.
    usecase: Option<String>,
    /// For whom it is.
    #[schema(value_type = Option<Object>)]
    industry: Option<Value>,
    /// Its header.
    header: Option<String>,
    /// Its text, with placeholders.
    body: Option<String>,
    /// Examples of its values.
    #[schema(value_type = Option<Object>)]
    body_params: Option<Value>,
    /// Kinds of its values, by which sends are checked.
    #[schema(value_type = Option<Object>)]
    body_param_types: Option<Value>,
    /// Its buttons.
    #[schema(value_type = Option<Object>)]
    buttons: Option<Value>,
}

/// Looks through Meta's library of templates.
#[utoipa::path(get, path = "/api/v1/admin/template-library", tag = "admin", params(WantedFromLibrary), responses(
    (status = 200, description = "What fits", body = List<LibraryView>),
    (status = 409, description = "The platform has no account at WhatsApp yet (`no_waba`)", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp did not answer or refused (`meta_refused`, `meta_unreachable`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn search(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
    wanted: std::result::Result<Query<WantedFromLibrary>, QueryRejection>,
) -> Result<Json<List<LibraryView>>> {
    let Query(wanted) = wanted?;
    fn given(text: &Option<String>) -> Option<&str> {
        text.as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }
    let filter = LibraryFilter {
        search: given(&wanted.search),
        topic: given(&wanted.topic),
        usecase: given(&wanted.usecase),
        industry: given(&wanted.industry),
        language: given(&wanted.language),
    };
    let found = library::search(&app.engine, &filter)
        .await
        .map_err(unread)?;
    Ok(Json(List::whole(found.into_iter().map(shown).collect())))
}

fn shown(template: LibraryTemplate) -> LibraryView {
    let json =
        |raw: Option<Box<RawValue>>| raw.and_then(|raw| serde_json::from_str(raw.get()).ok());
    LibraryView {
        name: template.name.unwrap_or_default(),
        language: template.language.unwrap_or_default(),
        category: template.category,
        topic: template.topic,
        usecase: template.usecase,
        industry: json(template.industry),
        header: template.header,
        body: template.body,
        body_params: json(template.body_params),
        body_param_types: json(template.body_param_types),
        buttons: json(template.buttons),
    }
}

fn unread(error: Unread) -> Problem {
    match error {
        Unread::Store(error) => error.into(),
        Unread::NoToken => Problem::conflict("no_waba", error.to_string()),
        Unread::Meta(GraphCallError::Refused(error)) => Problem::new(
            StatusCode::BAD_GATEWAY,
            "meta_refused",
            "Meta refused",
            error.to_string(),
        ),
        Unread::Meta(error) => Problem::new(
            StatusCode::BAD_GATEWAY,
            "meta_unreachable",
            "Meta did not answer",
            error.to_string(),
        ),
    }
}

/// A template of the library to take in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Import {
    /// Its name in the library.
    library_template_name: String,
    /// Its name here; that of the library when not given.
    name: Option<String>,
    /// In which languages.
    languages: Vec<String>,
    /// Addresses and phone numbers of its buttons, as Meta takes them.
    #[schema(value_type = Option<Vec<Object>>)]
    library_template_button_inputs: Option<Value>,
    /// Choices in its text, as Meta takes them.
    #[schema(value_type = Option<Object>)]
    library_template_body_inputs: Option<Value>,
    /// Whether every tenant gets it, new ones as well.
    #[serde(default)]
    everyone: bool,
    /// Who gets it otherwise: `ten_…`.
    #[serde(default)]
    tenants: Vec<String>,
}

/// Makes a global template of one of Meta's library, with its first version. Meta makes it in each account by its name
/// in the library, and usually approves it at once.
#[utoipa::path(post, path = "/api/v1/admin/global-templates/import", tag = "admin", request_body = Import, responses(
    (status = 201, description = "The global template, ready to be rolled out", body = GlobalTemplateDetail),
    (status = 409, description = "The name is taken (`name_taken`), or the platform has no account at WhatsApp yet (`no_waba`)", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The library has no such template or language; nothing was made", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "WhatsApp did not answer or refused (`meta_refused`, `meta_unreachable`)", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn import(
    State(app): State<App>,
    platform: Platform<PlatformWrite>,
    body: std::result::Result<Json<Import>, JsonRejection>,
) -> Result<(StatusCode, Json<GlobalTemplateDetail>)> {
    let Json(asked) = body?;
    if asked.languages.is_empty() {
        return Err(Problem::invalid("languages", "must name at least one"));
    }
    let tenants = tenants_of(&asked.tenants)?;
    let found = library::find(
        &app.engine,
        &asked.library_template_name,
        &asked.languages,
        asked.library_template_button_inputs.as_ref(),
        asked.library_template_body_inputs.as_ref(),
    )
    .await
    .map_err(unread)?
    .ok_or_else(|| {
        Problem::invalid(
            "library_template_name",
            "is not one of Meta's library; look there with GET /api/v1/admin/template-library",
        )
    })?;
    if let Some(missing) = found.missing.first() {
        let problem = format!("the library does not have this template in {missing}");
        return Err(Problem::invalid("languages", problem));
    }
    let given = asked.library_template_button_inputs.as_ref();
    check_buttons(&found.open_buttons, given)?;
    let new = New {
        name: asked
            .name
            .unwrap_or_else(|| asked.library_template_name.clone()),
        category: found.category,
        everyone: asked.everyone,
        tenants,
        library_name: Some(asked.library_template_name),
    };
    let row = write::import(
        &app.engine,
        &new,
        &found.languages,
        &found.types,
        &platform.caller.who(),
    )
    .await?
    .map_err(problem)?;
    let view = view::detail(&app.engine, row).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// A button without an address or a number of its own would open or call the sample of Meta's library.
fn check_buttons(open: &[String], given: Option<&Value>) -> Result<()> {
    let given = given
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let has = |kind: &String| {
        let inputs = given.iter().filter(|input| input["type"] == kind.as_str());
        let filled = |input: &&Value| match kind.as_str() {
            "URL" => input["url"]["base_url"]
                .as_str()
                .is_some_and(|url| !url.is_empty()),
            _ => input["phone_number"]
                .as_str()
                .is_some_and(|number| !number.is_empty()),
        };
        inputs.filter(filled).count() >= open.iter().filter(|other| *other == kind).count()
    };
    match open.iter().find(|kind| !has(kind)) {
        None => Ok(()),
        Some(kind) => {
            let what = match kind.as_str() {
                "URL" => "its address: {\"type\": \"URL\", \"url\": {\"base_url\": \"https://…\"}}",
                _ => "its number: {\"type\": \"PHONE_NUMBER\", \"phone_number\": \"+34…\"}",
            };
            let problem = format!(
                "this template has a button of the kind {kind}; give {what}, else it keeps the sample of Meta's library"
            );
            Err(Problem::invalid("library_template_button_inputs", problem))
        }
    }
}
