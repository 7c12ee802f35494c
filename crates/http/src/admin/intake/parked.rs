//! `GET /api/v1/admin/intake/parked`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::ParkedId;
use serde::{Deserialize, Serialize};
use store::parked;
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::{Platform, PlatformRead};
use crate::paging::{List, Wanted};
use crate::problem::Result;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Narrow {
    /// `unknown_number`, `unassigned_number`, `no_number`, `unknown_field`, `unknown_status`,
    /// `malformed`, `nothing_recognised`, `not_json`, `projection_failed`.
    reason: Option<String>,
}

/// Something from a webhook that could not be routed or understood.
#[derive(Serialize, ToSchema)]
pub(crate) struct ParkedView {
    /// Its id.
    id: String,
    /// Why, as a word.
    reason: String,
    /// Why, as a sentence.
    detail: Option<String>,
    /// The webhook field.
    field: Option<String>,
    /// The WABA it named.
    waba_id: Option<String>,
    /// The number it named.
    phone_number_id: Option<String>,
    /// How many webhook items it holds.
    items: i64,
    /// As it came. Bytes that are not UTF-8 are shown as U+FFFD here; they are kept as they came.
    raw: String,
    /// When it came.
    received_at: String,
}

/// Lists what is parked, newest first.
#[utoipa::path(get, path = "/api/v1/admin/intake/parked", tag = "admin", params(Narrow, Wanted), responses((status = 200, description = "A page", body = List<ParkedView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
    narrow: std::result::Result<Query<Narrow>, QueryRejection>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<ParkedView>>> {
    let (Query(narrow), Query(wanted)) = (narrow?, wanted?);
    let page = wanted.page::<ParkedId>()?;
    let rows = parked::any_tenant_list(&app.engine.db, narrow.reason.as_deref(), page).await?;
    Ok(Json(List::of(
        rows,
        page.limit,
        |row| row.id.to_string(),
        view,
    )))
}

fn view(row: parked::Parked) -> ParkedView {
    ParkedView {
        id: row.id.to_string(),
        reason: row.reason,
        detail: row.detail,
        field: row.field,
        waba_id: row.waba_id,
        phone_number_id: row.phone_number_id,
        items: row.items,
        raw: String::from_utf8_lossy(&row.raw).into_owned(),
        received_at: row.received_at.rfc3339(),
    }
}
