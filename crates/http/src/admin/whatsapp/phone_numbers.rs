//! `GET /api/v1/admin/whatsapp/phone-numbers`.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use engine::shared_account::refresh;
use serde::Serialize;
use store::{numbers, tenants};
use utoipa::ToSchema;

use super::PhoneNumberView;
use crate::App;
use crate::auth::{Platform, PlatformRead};
use crate::problem::Result;

/// The numbers of the shared account.
#[derive(Serialize, ToSchema)]
pub(crate) struct PhoneNumbers {
    /// Every number, by its id.
    data: Vec<PhoneNumberView>,
    /// Always null: the list has one page.
    next: Option<String>,
    /// WABAs that Meta did not answer for; their numbers are shown as last known.
    warnings: Vec<String>,
}

/// Lists the numbers live from Meta, with who has each.
#[utoipa::path(get, path = "/api/v1/admin/whatsapp/phone-numbers", tag = "admin", responses((status = 200, description = "The numbers", body = PhoneNumbers)))]
pub(crate) async fn phone_numbers(
    State(app): State<App>,
    _platform: Platform<PlatformRead>,
) -> Result<Json<PhoneNumbers>> {
    let warnings = refresh(&app.engine)
        .await?
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut tx = app.engine.db.begin().await?;
    let names: HashMap<_, _> = tenants::any_tenant_all(&mut tx)
        .await?
        .into_iter()
        .map(|tenant| (tenant.id, tenant.name))
        .collect();
    tx.rollback().await?;
    let data = numbers::any_tenant_list(&app.engine.db)
        .await?
        .into_iter()
        .map(|row| {
            let name = row.tenant().and_then(|id| names.get(&id).cloned());
            PhoneNumberView::of(row, name)
        })
        .collect();
    Ok(Json(PhoneNumbers {
        data,
        next: None,
        warnings,
    }))
}
