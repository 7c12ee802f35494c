//! Rows named in the path, yielded only to whom they belong. Another tenant's id is answered like one
//! that does not exist.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use domain::{ContactId, ConversationId, MessageId, TenantId};
use store::contacts::Contact;
use store::conversations::Conversation;
use store::messages::Message;
use store::tenants::Tenant;

use super::{PlatformAdmin, TenantMember};
use crate::App;
use crate::problem::{Problem, Result};

/// A message of the asking tenant.
pub(crate) struct OwnMessage(pub(crate) TenantId, pub(crate) Message);
/// A conversation of the asking tenant.
pub(crate) struct OwnConversation(pub(crate) TenantId, pub(crate) Conversation);
/// A contact of the asking tenant.
pub(crate) struct OwnContact(pub(crate) Contact);
/// Any tenant, for the platform's administration.
pub(crate) struct AnyTenant(pub(crate) Tenant);

async fn id<T: FromStr>(parts: &mut Parts, app: &App, what: &str) -> Result<T> {
    let Path(ids): Path<Vec<String>> = Path::from_request_parts(parts, app).await?;
    ids.first()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Problem::not_found(what))
}

impl FromRequestParts<App> for OwnMessage {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let TenantMember(tenant) = TenantMember::from_request_parts(parts, app).await?;
        let id: MessageId = id(parts, app, "message").await?;
        let row = store::messages::get(&app.engine.db, tenant, id).await?;
        row.map(|row| Self(tenant, row))
            .ok_or_else(|| Problem::not_found("message"))
    }
}

impl FromRequestParts<App> for OwnConversation {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let TenantMember(tenant) = TenantMember::from_request_parts(parts, app).await?;
        let id: ConversationId = id(parts, app, "conversation").await?;
        let row = store::conversations::get(&app.engine.db, tenant, id).await?;
        row.map(|row| Self(tenant, row))
            .ok_or_else(|| Problem::not_found("conversation"))
    }
}

impl FromRequestParts<App> for OwnContact {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let TenantMember(tenant) = TenantMember::from_request_parts(parts, app).await?;
        let id: ContactId = id(parts, app, "contact").await?;
        let row = store::contacts::get(&app.engine.db, tenant, id).await?;
        row.map(Self).ok_or_else(|| Problem::not_found("contact"))
    }
}

impl FromRequestParts<App> for AnyTenant {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        PlatformAdmin::from_request_parts(parts, app).await?;
        let id: TenantId = id(parts, app, "tenant").await?;
        let row = store::tenants::get(&app.engine.db, id).await?;
        row.map(Self).ok_or_else(|| Problem::not_found("tenant"))
    }
}
