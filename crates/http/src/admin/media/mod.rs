//! `/api/v1/admin/media`: what the tenants' files take, and how much each may keep.

pub(crate) mod list;
pub(crate) mod update;

use domain::TenantId;
use engine::Engine;
use engine::media;
use serde::Serialize;
use store::media::accounts::{Account, Use};
use utoipa::ToSchema;

/// What a tenant's files take, as the platform sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantMediaView {
    /// The tenant.
    tenant_id: String,
    /// Its name.
    tenant_name: String,
    /// Bytes that it keeps.
    bytes: i64,
    /// Files that it keeps.
    files: i64,
    /// Bytes that it may keep, as set for it; null: as the installation says.
    own_quota_bytes: Option<i64>,
    /// Bytes that it may keep; null: any number.
    quota_bytes: Option<u64>,
    /// Days after which it removes the files of messages; null: never.
    retention_days: Option<i64>,
}

fn view(engine: &Engine, row: Use) -> TenantMediaView {
    let account = Account {
        quota_bytes: row.quota_bytes,
        retention_days: row.retention_days,
        bytes: row.bytes,
        files: row.files,
    };
    of(engine, TenantId(row.tenant_id), row.name, &account)
}

fn of(engine: &Engine, tenant: TenantId, name: String, account: &Account) -> TenantMediaView {
    TenantMediaView {
        tenant_id: tenant.to_string(),
        tenant_name: name,
        bytes: account.bytes,
        files: account.files,
        own_quota_bytes: account.quota_bytes,
        quota_bytes: media::quota(engine, account),
        retention_days: account.retention_days,
    }
}
