//! `/api/v1/templates`: message templates of the accounts that a tenant sends from, as Meta last told, and its drafts.

pub(crate) mod check;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod duplicate;
pub(crate) mod header_media;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod release;
pub(crate) mod rules;
pub(crate) mod show;
pub(crate) mod submit;
pub(crate) mod sync;
pub(crate) mod test_send;
pub(crate) mod unpause;
pub(crate) mod update;
mod view;

pub(crate) use view::TemplateView;

use axum::http::StatusCode;
use domain::TemplateId;
use engine::outbound::request::Mistake;
use engine::templates::UploadError;
use engine::templates::act::ActError;
use meta::graph::GraphError;
use serde_json::{Map, json};

use crate::problem::{Problem, Result};

/// The id in a path; one of another kind stands for nothing.
pub(crate) fn id_of(text: &str) -> Result<TemplateId> {
    text.parse().map_err(|_| Problem::not_found("template"))
}

impl From<ActError> for Problem {
    fn from(error: ActError) -> Self {
        let sentence = error.to_string();
        match error {
            ActError::NotFound => Self::not_found("template"),
            ActError::Invalid(problems) => Self::mistakes(
                problems
                    .into_iter()
                    .map(|found| Mistake::of_meta(found.code, found.field, found.problem))
                    .collect(),
            ),
            ActError::Conflict(code, sentence) => Self::conflict(code, sentence),
            ActError::Wait(_, at) => {
                let more = Map::from_iter([("next_at".to_owned(), json!(at.rfc3339()))]);
                Self::conflict(
                    "too_often",
                    format!("{sentence}; that is possible again at {}", at.rfc3339()),
                )
                .with(more)
            }
            ActError::Meta(refused) => of_meta(&refused),
            ActError::Unreached(_) => Self::new(
                StatusCode::BAD_GATEWAY,
                "meta_unreachable",
                "WhatsApp did not answer",
                sentence,
            ),
            ActError::Store(error) => error.into(),
        }
    }
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::NoApp => Self::conflict("no_app", error.to_string()),
            UploadError::Unreached(unreached) => unreached.into(),
        }
    }
}

/// A refusal in Meta's words and ours.
fn of_meta(refused: &GraphError) -> Problem {
    let row = refused.row();
    let said = refused
        .user_message
        .as_deref()
        .or(refused.details.as_deref())
        .unwrap_or(&refused.message);
    let more = Map::from_iter([
        ("meta_code".to_owned(), json!(refused.code)),
        ("meta_subcode".to_owned(), json!(refused.subcode)),
        ("meta_title".to_owned(), json!(refused.user_title)),
        ("meta_message".to_owned(), json!(said)),
        ("fbtrace_id".to_owned(), json!(refused.fbtrace_id)),
    ]);
    let detail = if row.known {
        format!("{} (WhatsApp: {said})", row.explanation)
    } else {
        format!("WhatsApp refused: {said}")
    };
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "refused_by_meta",
        "WhatsApp refused the template",
        detail,
    )
    .with(more)
}
