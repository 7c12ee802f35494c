//! `/openapi.json` and a page that reads it.

use axum::Json;
use axum::response::Html;
use utoipa::openapi::OpenApi;

/// The API's description.
pub(crate) async fn openapi_json() -> Json<OpenApi> {
    Json(crate::openapi())
}

/// A page that shows the API's description; it needs nothing from elsewhere.
pub(crate) async fn docs() -> Html<&'static str> {
    Html(include_str!("docs.html"))
}
