//! `GET /api/v1/templates`.

use std::collections::HashMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use engine::templates::act::{self, owner_of};
use serde::Deserialize;
use store::templates::{self, After, Narrow, Template};
use utoipa::IntoParams;

use super::TemplateView;
use crate::App;
use crate::auth::{InboxRead, Member};
use crate::paging::{List, Wanted};
use crate::problem::{Problem, Result};

/// Which templates are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Meta's word, such as `APPROVED`, or `DRAFT`.
    status: Option<String>,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    category: Option<String>,
    /// Such as `en_US`.
    language: Option<String>,
    /// Exactly this name.
    name: Option<String>,
    /// A piece of the name or of the text.
    q: Option<String>,
}

fn word(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Lists the message templates of the WhatsApp accounts that the tenant sends from, by name and language: its own, the
/// platform's, and those that everybody on the account may send.
#[utoipa::path(get, path = "/api/v1/templates", tag = "templates", params(Which, Wanted), responses(
    (status = 200, description = "A page of templates", body = List<TemplateView>),
    (status = 409, description = "No number, so no account", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A value is wrong", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "The account's templates were never read, and WhatsApp does not answer", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn list(
    State(app): State<App>,
    member: Member<InboxRead>,
    which: std::result::Result<Query<Which>, QueryRejection>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<TemplateView>>> {
    let (Query(which), Query(wanted)) = (which?, wanted?);
    let page = wanted.page_by(cursor)?;
    app.templates.ensure(&app.engine, member.tenant).await?;
    let upper = |text: Option<String>| word(text).map(|text| text.to_uppercase());
    let narrow = Narrow {
        status: upper(which.status),
        category: upper(which.category),
        language: word(which.language),
        name: word(which.name),
        words: word(which.q),
    };
    let db = &app.engine.db;
    let rows = templates::list(db, member.tenant, &narrow, page.after.as_ref(), page.limit).await?;
    let mut owners = HashMap::new();
    for row in &rows {
        if !owners.contains_key(&row.waba_id) {
            let owner = act::account_owner(&app.engine, &row.waba_id).await?;
            owners.insert(row.waba_id.clone(), owner);
        }
    }
    Ok(Json(List::of(rows, page.limit, place, |row| {
        let account = owners.get(&row.waba_id).copied().flatten();
        let editable = act::editable_by_state(&row, owner_of(&row, member.tenant, account));
        TemplateView::of(row, member.tenant, account, editable)
    })))
}

pub(crate) fn place(row: &Template) -> String {
    format!("{}|{}|{}", row.name, row.language, row.id)
}

pub(crate) fn cursor(text: &str) -> Option<After> {
    let mut parts = text.splitn(3, '|');
    let (name, language, id) = (parts.next()?, parts.next()?, parts.next()?);
    Some((name.to_owned(), language.to_owned(), id.parse().ok()?))
}
