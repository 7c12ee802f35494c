//! `POST /api/v1/messages/{id}/retry` and `POST /api/v1/messages/retry`.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use domain::MessageId;
use engine::outbound::retry::{By, NotRetried, retry};
use serde::{Deserialize, Serialize};
use store::dead_letters::{self, Filter, OPEN};
use store::messages;
use store::page::Page;
use utoipa::ToSchema;

use super::MessageView;
use crate::App;
use crate::api::dead_letters::Narrow;
use crate::auth::{InboxWrite, Member, OwnMessage};
use crate::given::exact;
use crate::problem::{Problem, Result};

/// Ids that may be named in one request.
const MOST_IDS: usize = 500;
/// Messages that one request sends again at the most; `more` tells that another one is needed.
const MOST: usize = 1_000;
/// Refusals that are told one by one.
const TOLD: usize = 100;

/// Which messages: `ids`, or `filter` for all that it admits.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Chosen {
    /// At most 500 message ids.
    ids: Option<Vec<String>>,
    /// As in `GET /api/v1/dead-letters`; only open ones are taken.
    #[serde(deserialize_with = "exact")]
    filter: Option<Narrow>,
}

/// What [`Chosen`] says.
pub(crate) enum Which {
    Ids(Vec<MessageId>),
    Filter(Filter),
}

impl Chosen {
    pub(crate) fn check(self) -> Result<Which> {
        match (self.ids, self.filter) {
            (Some(ids), None) if (1..=MOST_IDS).contains(&ids.len()) => {
                let ids: std::result::Result<_, _> = ids.iter().map(|id| id.parse()).collect();
                let ids = ids.map_err(|_| Problem::invalid("ids", "must be ids of messages"))?;
                Ok(Which::Ids(ids))
            }
            (Some(_), None) => Err(Problem::invalid("ids", "must be 1 to 500 ids")),
            // In the address of a page an empty word means nothing; here it is a value that somebody forgot.
            (None, Some(narrow)) if narrow.has_empty_word() => Err(Problem::invalid(
                "filter",
                "holds an empty text; leave out what is not to narrow",
            )),
            (None, Some(narrow)) => Ok(Which::Filter(Filter {
                state: Some(OPEN.to_owned()),
                ..narrow.filter()?
            })),
            (Some(_), Some(_)) => Err(Problem::invalid("filter", "cannot stand beside ids")),
            (None, None) => Err(Problem::invalid("ids", "are missing; give ids or a filter")),
        }
    }
}

/// What was sent again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Retried {
    /// How many messages were sent again.
    retried: usize,
    /// How many of them leave from another number, because that of the old message is not yours any more.
    other_number: usize,
    /// How many were not.
    refused_count: usize,
    /// Those that were not, and why; at most 100.
    refused: Vec<NotSent>,
    /// Where to go on: give it as `before` when there is more to send again; null when nothing is left.
    next: Option<String>,
}

/// A message that was not sent again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotSent {
    /// Which.
    id: String,
    /// As in a problem document.
    code: &'static str,
    /// Why, in a sentence.
    detail: String,
}

/// The new message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RetriedOne {
    #[serde(flatten)]
    message: MessageView,
    /// Whether it leaves from another number, because that of the old one is not yours any more.
    other_number: bool,
}

/// Which messages to send again.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RetryMany {
    /// At most 500 message ids.
    ids: Option<Vec<String>>,
    /// As in `GET /api/v1/dead-letters`; only open ones are taken.
    #[serde(deserialize_with = "exact")]
    filter: Option<Narrow>,
    /// With a filter: `next` of the answer before.
    before: Option<String>,
}

/// Sends a message again that failed, expired or was cancelled: a new message with the same content.
#[utoipa::path(post, path = "/api/v1/messages/{id}/retry", tag = "messages", params(("id" = String, Path, description = "msg_…")), responses(
    (status = 202, description = "The new message", body = RetriedOne),
    (status = 404, description = "No such message", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It cannot be sent again, and why", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Its content would not be taken any more", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn one(
    State(app): State<App>,
    own: OwnMessage<InboxWrite>,
) -> Result<(StatusCode, Json<RetriedOne>)> {
    let (tenant, who) = (own.member.tenant, own.member.caller.who());
    let by = By {
        who: &who,
        author: own.member.caller.user().map(|user| user.user_id),
        sight: own.member.sight,
        many: false,
    };
    let mut outcome = retry(&app.engine, &app.enqueuer, tenant, &[own.row], by).await?;
    if let Some((_, why)) = outcome.refused.pop() {
        return Err(why.into());
    }
    let other_number = !outcome.moved.is_empty();
    let new = outcome.done.pop().map(|(_, new)| new);
    let new = new.ok_or_else(|| Problem::not_found("message"))?;
    let new = messages::get(&app.engine.db, tenant, own.member.sight, new).await?;
    let new = new.ok_or_else(|| Problem::not_found("message"))?;
    let retried = RetriedOne {
        message: new.into(),
        other_number,
    };
    Ok((StatusCode::ACCEPTED, Json(retried)))
}

/// Sends many messages again: those that are named, or all open ones that a filter admits, at most 1,000 a request.
#[utoipa::path(post, path = "/api/v1/messages/retry", tag = "messages", request_body = RetryMany, responses(
    (status = 200, description = "What was sent again, and what was not", body = Retried),
    (status = 422, description = "Neither ids nor a filter, or one that is wrong", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn many(
    State(app): State<App>,
    member: Member<InboxWrite>,
    body: std::result::Result<Json<RetryMany>, JsonRejection>,
) -> Result<Json<Retried>> {
    let Json(RetryMany {
        ids,
        filter,
        before,
    }) = body?;
    let (db, tenant, who) = (&app.engine.db, member.tenant, member.caller.who());
    let before: Option<MessageId> = before
        .map(|text| text.parse())
        .transpose()
        .map_err(|_| Problem::invalid("before", "is not one that this list gave"))?;
    let (ids, next, mut refused) = match (Chosen { ids, filter }).check()? {
        Which::Ids(ids) => (ids, None, Vec::new()),
        Which::Filter(filter) => {
            let (ids, next) = admitted(&app, tenant, member.sight, &filter, before).await?;
            (ids, next, Vec::new())
        }
    };
    let rows = messages::by_ids(db, tenant, member.sight, &ids).await?;
    let missing = ids
        .iter()
        .filter(|id| rows.iter().all(|row| row.id != **id));
    refused.extend(missing.map(|id| NotSent {
        id: id.to_string(),
        code: "not_found",
        detail: "there is no such message".to_owned(),
    }));
    let by = By {
        who: &who,
        author: member.caller.user().map(|user| user.user_id),
        sight: member.sight,
        many: true,
    };
    let outcome = retry(&app.engine, &app.enqueuer, tenant, &rows, by).await?;
    refused.extend(outcome.refused.into_iter().map(|(id, why)| {
        let problem = Problem::from(why);
        NotSent {
            id: id.to_string(),
            code: problem.code(),
            detail: problem.detail().to_owned(),
        }
    }));
    let refused_count = refused.len();
    refused.truncate(TOLD);
    Ok(Json(Retried {
        retried: outcome.done.len(),
        other_number: outcome.moved.len(),
        refused_count,
        refused,
        next: next.map(|id| id.to_string()),
    }))
}

/// Ids of dead letters, newest first, and where to go on.
async fn admitted(
    app: &App,
    tenant: domain::TenantId,
    sight: domain::Sight,
    filter: &Filter,
    mut after: Option<MessageId>,
) -> Result<(Vec<MessageId>, Option<MessageId>)> {
    let mut ids = Vec::new();
    while ids.len() < MOST {
        let page = Page::new(after, store::page::MAX_LIMIT);
        let letters = dead_letters::list(&app.engine.db, tenant, sight, filter, page).await?;
        ids.extend(letters.iter().map(|letter| letter.message_id));
        after = letters.last().map(|letter| letter.message_id);
        if i64::try_from(letters.len()).is_ok_and(|count| count < page.limit) {
            return Ok((ids, None));
        }
    }
    Ok((ids, after))
}

impl From<NotRetried> for Problem {
    fn from(error: NotRetried) -> Self {
        let sentence = error.to_string();
        match error {
            NotRetried::Status(_) | NotRetried::Already(_) | NotRetried::Unreadable => {
                Self::conflict("not_retryable", sentence)
            }
            NotRetried::NotEnqueued(error) => error.into(),
        }
    }
}
