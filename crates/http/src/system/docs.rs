//! `/openapi.json` and a page that reads it.

use axum::Json;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use utoipa::openapi::OpenApi;

use crate::web_app::policy;

const PAGE: &str = include_str!("docs.html");

/// The API's description.
pub(crate) async fn openapi_json() -> Json<OpenApi> {
    Json(crate::openapi())
}

/// A page that shows the API's description; it needs nothing from elsewhere.
pub(crate) async fn docs() -> impl IntoResponse {
    let policy = policy::of_page(PAGE);
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(PAGE))
}
