//! `GET /api/v1/admin/whatsapp/tenants`.

use std::collections::HashMap;

use axum::Json;
use axum::extract::Query;
use axum::extract::State;
use axum::extract::rejection::QueryRejection;
use domain::TenantId;
use serde::Serialize;
use store::{numbers, tenants};
use utoipa::ToSchema;

use super::PhoneNumberView;
use crate::App;
use crate::auth::{Platform, PlatformRead};
use crate::paging::{List, Wanted};
use crate::problem::Result;

/// A tenant and its WhatsApp status.
#[derive(Serialize, ToSchema)]
pub(crate) struct TenantOnWhatsApp {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// `active` or `suspended`.
    status: String,
    /// `assigned` or `no_number`.
    whatsapp_status: &'static str,
    /// Its number.
    phone_number: Option<PhoneNumberView>,
}

/// Lists tenants with their WhatsApp status, newest first.
#[utoipa::path(get, path = "/api/v1/admin/whatsapp/tenants", tag = "admin", params(Wanted), responses((status = 200, description = "A page", body = List<TenantOnWhatsApp>)))]
pub(crate) async fn tenants(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<List<TenantOnWhatsApp>>> {
    let Query(wanted) = wanted?;
    let page = wanted.page::<TenantId>()?;
    let rows = tenants::any_tenant_list(&app.engine.db, page).await?;
    let all = numbers::any_tenant_list(&app.engine.db).await?;
    let mut by_tenant: HashMap<_, _> = all
        .into_iter()
        .filter_map(|number| Some((number.tenant()?, number)))
        .collect();
    let list = List::of(
        rows,
        page.limit,
        |row| row.id.to_string(),
        |row| {
            let phone_number = by_tenant
                .remove(&row.id)
                .map(|number| PhoneNumberView::of(number, Some(row.name.clone())));
            TenantOnWhatsApp {
                id: row.id.to_string(),
                whatsapp_status: if phone_number.is_some() {
                    "assigned"
                } else {
                    "no_number"
                },
                name: row.name,
                status: row.status,
                phone_number,
            }
        },
    );
    Ok(Json(list))
}
