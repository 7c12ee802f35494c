//! `/healthz`: the process answers. `/readyz`: it can do its work.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::problem::{Problem, Result};

/// A state.
#[derive(Serialize, ToSchema)]
pub(crate) struct HealthView {
    /// `ok`.
    status: &'static str,
}

/// Whether the process answers.
#[utoipa::path(get, path = "/healthz", tag = "system", responses((status = 200, description = "It does", body = HealthView)))]
pub(crate) async fn healthz() -> Json<HealthView> {
    Json(HealthView { status: "ok" })
}

/// Whether it can do its work: the database and the intake log answer.
#[utoipa::path(get, path = "/readyz", tag = "system", responses(
    (status = 200, description = "It can", body = HealthView),
    (status = 503, description = "It cannot now", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn readyz(State(app): State<App>) -> Result<Json<HealthView>> {
    let not_ready = |what: &str, error: store::DbError| {
        tracing::warn!(error = %error, part = what, "not ready");
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not_ready",
            "Not ready",
            format!("the {what} does not answer"),
        )
    };
    app.engine
        .db
        .ping()
        .await
        .map_err(|error| not_ready("database", error))?;
    app.engine
        .log
        .last()
        .await
        .map_err(|error| not_ready("intake log", error))?;
    if !app.intake.is_open() {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not_ready",
            "Not ready",
            "the intake has ended; start the program again",
        ));
    }
    Ok(Json(HealthView { status: "ok" }))
}
