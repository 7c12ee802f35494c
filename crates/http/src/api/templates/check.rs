//! `POST /api/v1/templates/check`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use domain::template;
use engine::templates::act;
use serde::Serialize;
use utoipa::ToSchema;

use super::create::WrittenTemplate;
use crate::App;
use crate::auth::{InboxRead, Member};
use crate::problem::{Problem, Result};

/// What Meta would say.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Checked {
    /// For which it would refuse the template.
    problems: Vec<Found>,
    /// What it takes and may not be meant.
    warnings: Vec<Hint>,
    /// The variables that a message fills in.
    variables: Vec<Filled>,
}

/// Something for which Meta would refuse a template.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Found {
    /// Where, such as `components[1].text`.
    field: String,
    /// What is wrong with it.
    problem: String,
    /// The code with which Meta refuses this.
    code: i64,
    /// The rule, by its name in `GET /api/v1/templates/rules`.
    rule: &'static str,
}

/// Something that may not be meant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Hint {
    /// Where.
    field: String,
    /// What may not be meant.
    warning: String,
    /// A word for it, where it has one: `text_once`.
    rule: Option<&'static str>,
}

/// A variable.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Filled {
    /// `header`, `body`, `buttons[0]`, `cards[1].body` …
    component: String,
    /// `1`, `2` … or its name.
    name: String,
    /// Its example.
    example: Option<String>,
}

/// Holds a template against every documented rule. Nothing is kept, and Meta is not asked.
#[utoipa::path(post, path = "/api/v1/templates/check", tag = "templates", request_body = WrittenTemplate, responses(
    (status = 200, description = "What Meta would say", body = Checked),
    (status = 404, description = "No such template", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn check(
    State(app): State<App>,
    member: Member<InboxRead>,
    body: std::result::Result<Json<WrittenTemplate>, JsonRejection>,
) -> Result<Json<Checked>> {
    let Json(body) = body?;
    let mut definition = body.definition();
    let mut waba_id = body.waba_id.clone();
    if let Some(id) = &body.id {
        let row = store::templates::get(&app.engine.db, member.tenant, super::id_of(id)?).await?;
        let row = row.ok_or_else(|| Problem::not_found("template"))?;
        waba_id = Some(row.waba_id);
        // What is left out stays as it is.
        if definition.name.is_empty() {
            definition.name = row.name;
        }
        if definition.language.is_empty() {
            definition.language = row.language;
        }
        if definition.category.is_empty() {
            definition.category = row.category;
        }
    }
    let problems = template::check(&definition).into_iter().map(|one| Found {
        field: one.field,
        problem: one.problem,
        code: one.code,
        rule: one.rule,
    });
    let warnings = template::warnings(&definition).into_iter().map(|one| Hint {
        field: one.field,
        warning: one.warning,
        rule: None,
    });
    let mut warnings: Vec<_> = warnings.collect();
    let accounts = store::templates::accounts(&app.engine.db, member.tenant).await?;
    let waba_id = waba_id.filter(|named| accounts.contains(named));
    let alike = act::alike(&app.engine, member.tenant, waba_id.as_deref(), &definition).await?;
    if let Some(alike) = alike {
        let name = alike.is_seen_by(member.tenant).then_some(alike.name);
        warnings.push(Hint {
            field: "components".to_owned(),
            rule: Some("text_once"),
            warning: format!(
                "another template of this account{} has the same body and footer: WhatsApp rejects the second one",
                name.map(|name| format!(" ({name})")).unwrap_or_default()
            ),
        });
    }
    let variables = template::variables(&definition)
        .into_iter()
        .map(|one| Filled {
            component: one.component,
            name: one.name,
            example: one.example,
        });
    Ok(Json(Checked {
        problems: problems.collect(),
        warnings,
        variables: variables.collect(),
    }))
}
