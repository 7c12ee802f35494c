//! Errors as clients see them: RFC 9457 `application/problem+json` with a stable `code`.

use std::num::NonZeroU32;

use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::outbound::request::Mistake;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What went wrong and what to do about it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Where the code is explained.
    #[serde(rename = "type")]
    kind: Box<str>,
    /// The HTTP status.
    status: u16,
    /// Stable; branch on this.
    code: &'static str,
    /// A sentence for people.
    title: &'static str,
    /// What exactly happened and what to do.
    detail: Box<str>,
    /// The members of the request that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// The same id stands in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Box<str>>,
    /// Members that only some codes have: `closed_at`, `templates` and `meta_code` of `window_closed`.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    more: Option<Box<Map<String, Value>>>,
    #[serde(skip)]
    retry_after: Option<NonZeroU32>,
}

/// One wrong member of a request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Which member, such as `text.body`.
    field: String,
    /// What is wrong with it.
    problem: String,
    /// The code with which Meta refuses this, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    meta_code: Option<i64>,
}

/// What handlers return.
pub(crate) type Result<T> = std::result::Result<T, Problem>;

impl Problem {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        let kind = format!("/docs#{code}").into();
        Self {
            kind,
            status: status.as_u16(),
            code,
            title,
            detail: detail.into().into(),
            errors: Vec::new(),
            id: None,
            more: None,
            retry_after: None,
        }
    }

    /// Adds members that only this code has.
    pub(crate) fn with(mut self, more: Map<String, Value>) -> Self {
        self.more = Some(Box::new(more));
        self
    }

    pub(crate) fn unauthorized(detail: &str) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "Not signed in",
            detail,
        )
    }

    pub(crate) fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail)
    }

    /// When to come again.
    pub(crate) fn retry_after(mut self, wait: std::time::Duration) -> Self {
        self.retry_after =
            NonZeroU32::new(u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).max(1));
        self
    }

    pub(crate) fn lacks(scope: domain::access::Scope) -> Self {
        Self::forbidden(&format!("this takes the scope {scope}"))
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "Not found",
            format!("there is no such {what}"),
        )
    }

    pub(crate) fn invalid(field: &str, problem: impl Into<String>) -> Self {
        Self::mistakes(vec![Mistake::new(field, problem)])
    }

    pub(crate) fn mistakes(mistakes: Vec<Mistake>) -> Self {
        let detail = mistakes
            .iter()
            .map(|mistake| format!("{} {}", mistake.field, mistake.problem))
            .collect::<Vec<_>>();
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "The request has mistakes",
            detail.join("; "),
        );
        let fields = mistakes.into_iter().map(|mistake| FieldError {
            field: mistake.field,
            problem: mistake.problem,
            meta_code: mistake.meta_code,
        });
        problem.errors = fields.collect();
        problem
    }

    /// For lists of refusals.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// For lists of refusals.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    pub(crate) fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, "Conflict", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.get().into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"trunkline\""),
            );
        }
        response
    }
}

/// Internals are logged once, here, with the id that the client gets.
impl From<store::DbError> for Problem {
    fn from(error: store::DbError) -> Self {
        let id = format!(
            "{:016x}",
            std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0)
        );
        tracing::error!(error = %error, error.id = %id, "a request failed");
        let status = if error.is_refusal() {
            StatusCode::INTERNAL_SERVER_ERROR
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        let mut problem = Self::new(
            status,
            "internal",
            "Something went wrong here",
            "the request could not be carried out; try again, and tell the operator this id if it goes on",
        );
        problem.id = Some(id.into());
        problem
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(
            rejection.status(),
            "bad_body",
            "The body cannot be read",
            rejection.body_text(),
        )
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad_query",
            "The query cannot be read",
            rejection.body_text(),
        )
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "Not found",
            rejection.body_text(),
        )
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        Self::new(
            rejection.status(),
            "bad_body",
            "The body cannot be read",
            rejection.body_text(),
        )
    }
}
