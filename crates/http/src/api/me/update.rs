//! `PATCH /api/v1/me`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use engine::people::{account, person_name};
use engine::texts::Language;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::api::session::UserView;
use crate::auth::SignedIn;
use crate::problem::{Problem, Result};

/// What to change; members that are left out stay as they are.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProfileChange {
    /// 1 to 100 characters.
    name: Option<String>,
    /// `en` or `es`.
    language: Option<String>,
    /// `system`, `light`, `dark`.
    theme: Option<String>,
}

/// Changes one's own name, language and theme.
#[utoipa::path(patch, path = "/api/v1/me", tag = "people", request_body = ProfileChange, responses(
    (status = 200, description = "The person afterwards", body = UserView),
    (status = 422, description = "A value is wrong; nothing changed", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(
    State(app): State<App>,
    signed_in: SignedIn,
    body: std::result::Result<Json<ProfileChange>, JsonRejection>,
) -> Result<Json<UserView>> {
    let Json(change) = body?;
    let name = change
        .name
        .as_deref()
        .map(|name| {
            person_name(name)
                .ok_or_else(|| Problem::invalid("name", "must have 1 to 100 characters"))
        })
        .transpose()?;
    let language = change
        .language
        .as_deref()
        .map(|code| {
            Language::exactly(code).ok_or_else(|| Problem::invalid("language", "must be en or es"))
        })
        .transpose()?;
    if let Some(theme) = &change.theme
        && !["system", "light", "dark"].contains(&theme.as_str())
    {
        return Err(Problem::invalid("theme", "must be system, light or dark"));
    }
    let id = signed_in.known.session.user_id;
    let user = account::profile(&app.engine, id, &signed_in.caller.who(), |user| {
        if let Some(name) = name {
            name.clone_into(&mut user.name);
        }
        if let Some(language) = language {
            language.code().clone_into(&mut user.language);
        }
        if let Some(theme) = &change.theme {
            user.theme.clone_from(theme);
        }
    })
    .await?;
    Ok(Json(user.into()))
}
