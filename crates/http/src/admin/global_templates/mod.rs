//! `/api/v1/admin/global-templates`: templates that the platform writes once and shares to its tenants' accounts.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod import;
pub(crate) mod list;
pub(crate) mod retry;
pub(crate) mod roll_out;
pub(crate) mod rollout;
pub(crate) mod show;
pub(crate) mod update;
pub(crate) mod versions;
pub(crate) mod view;

use axum::http::StatusCode;
use domain::{GlobalTemplateId, TenantId};
use engine::global_templates::write::Refused;

use crate::problem::{Problem, Result};

fn id_of(text: &str) -> Result<GlobalTemplateId> {
    text.parse()
        .map_err(|_| Problem::not_found("global template"))
}

fn tenants_of(ids: &[String]) -> Result<Vec<TenantId>> {
    let parse = |id: &String| {
        id.parse()
            .map_err(|_| Problem::invalid("tenants", format!("{id:?} is not the id of a tenant")))
    };
    ids.iter().map(parse).collect()
}

fn problem(refused: Refused) -> Problem {
    match refused {
        Refused::Gone => Problem::not_found("global template"),
        Refused::Mistakes(mistakes) => Problem::mistakes(mistakes),
        Refused::NameTaken => Problem::conflict(
            "name_taken",
            "another global template has this name; change that one, or choose another name",
        ),
        Refused::NoVersion => Problem::new(
            StatusCode::CONFLICT,
            "no_version",
            "Conflict",
            "nothing was written yet; add a version first",
        ),
    }
}
