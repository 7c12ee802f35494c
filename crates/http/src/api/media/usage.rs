//! `GET /api/v1/media/usage`.

use axum::Json;
use axum::extract::State;
use domain::TenantId;
use engine::media;
use serde::Serialize;
use store::media::files::OfKind;
use store::media::{accounts, files, of_messages};
use utoipa::ToSchema;

use crate::App;
use crate::auth::{Member, SettingsRead};
use crate::problem::Result;

/// What a tenant's files take.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageView {
    /// Bytes that are kept.
    bytes: i64,
    /// Files that are kept; one that came several times counts once.
    files: i64,
    /// Bytes that may be kept; null: any number.
    quota_bytes: Option<u64>,
    /// Days after which the file of a message is removed; null: never.
    retention_days: Option<i64>,
    /// By kind.
    by_kind: Vec<KindView>,
    /// Files that are about to be fetched.
    waiting: i64,
    /// Files that could not be fetched yet and are tried again.
    retrying: i64,
    /// Files that are not kept because there is no room; WhatsApp has them for seven days.
    over_quota: i64,
    /// Files that were larger than what is kept.
    too_large: i64,
    /// Files that WhatsApp does not have any more.
    gone: i64,
}

/// What the files of one kind take.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KindView {
    /// `image`, `video`, `audio`, `document`, `sticker`.
    kind: String,
    /// Bytes.
    bytes: i64,
    /// Files.
    files: i64,
}

impl From<OfKind> for KindView {
    fn from(row: OfKind) -> Self {
        Self {
            kind: row.kind,
            bytes: row.bytes,
            files: row.files,
        }
    }
}

/// Says what the tenant's files take, and how many could not be kept.
#[utoipa::path(get, path = "/api/v1/media/usage", tag = "media", responses((status = 200, description = "The use", body = UsageView)))]
pub(crate) async fn usage(
    State(app): State<App>,
    member: Member<SettingsRead>,
) -> Result<Json<UsageView>> {
    Ok(Json(view(&app, member.tenant).await?))
}

pub(super) async fn view(app: &App, tenant: TenantId) -> Result<UsageView> {
    let db = &app.engine.db;
    let account = accounts::get(db, tenant).await?;
    let by_kind = files::by_kind(db, tenant).await?;
    let tally = of_messages::tally(db, tenant).await?;
    let count = |state: &str| {
        let found = tally.iter().find(|row| row.state == state);
        found.map_or(0, |row| row.count)
    };
    Ok(UsageView {
        bytes: account.bytes,
        files: account.files,
        quota_bytes: media::quota(&app.engine, &account),
        retention_days: account.retention_days,
        by_kind: by_kind.into_iter().map(KindView::from).collect(),
        waiting: count("waiting"),
        retrying: count("retrying"),
        over_quota: count("over_quota"),
        too_large: count("too_large"),
        gone: count("gone"),
    })
}
