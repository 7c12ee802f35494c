//! Rows named in the path, yielded only to whom they belong. Another tenant's id is answered like one
//! that does not exist, and so is what a colleague has for somebody who sees only their own.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use domain::{ContactId, ConversationId, MessageId, TenantId};
use store::contacts::Contact;
use store::conversations::Conversation;
use store::messages::Message;
use store::tenants::Tenant;

use super::member::{Member, Platform};
use super::rights::Right;
use crate::App;
use crate::problem::{Problem, Result};

/// A message of the asking tenant.
pub(crate) struct OwnMessage<R> {
    pub(crate) member: Member<R>,
    pub(crate) row: Message,
}
/// A conversation of the asking tenant.
pub(crate) struct OwnConversation<R> {
    pub(crate) member: Member<R>,
    pub(crate) row: Conversation,
}
/// A contact of the asking tenant.
pub(crate) struct OwnContact<R> {
    pub(crate) member: Member<R>,
    pub(crate) row: Contact,
}
/// Any tenant, for the platform's administration.
pub(crate) struct AnyTenant<R> {
    pub(crate) platform: Platform<R>,
    pub(crate) row: Tenant,
}

async fn id<T: FromStr>(parts: &mut Parts, app: &App, what: &str) -> Result<T> {
    let Path(ids): Path<Vec<String>> = Path::from_request_parts(parts, app).await?;
    ids.first()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Problem::not_found(what))
}

impl<R: Right> FromRequestParts<App> for OwnMessage<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let member = Member::from_request_parts(parts, app).await?;
        let id: MessageId = id(parts, app, "message").await?;
        let row = store::messages::get(&app.engine.db, member.tenant, member.sight, id).await?;
        row.map(|row| Self { member, row })
            .ok_or_else(|| Problem::not_found("message"))
    }
}

impl<R: Right> FromRequestParts<App> for OwnConversation<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let member = Member::from_request_parts(parts, app).await?;
        let id: ConversationId = id(parts, app, "conversation").await?;
        let row =
            store::conversations::get(&app.engine.db, member.tenant, member.sight, id).await?;
        row.map(|row| Self { member, row })
            .ok_or_else(|| Problem::not_found("conversation"))
    }
}

impl<R: Right> FromRequestParts<App> for OwnContact<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let member = Member::from_request_parts(parts, app).await?;
        let id: ContactId = id(parts, app, "contact").await?;
        let row = store::contacts::get(&app.engine.db, member.tenant, member.sight, id).await?;
        row.map(|row| Self { member, row })
            .ok_or_else(|| Problem::not_found("contact"))
    }
}

impl<R: Right> FromRequestParts<App> for AnyTenant<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let platform = Platform::from_request_parts(parts, app).await?;
        let id: TenantId = id(parts, app, "tenant").await?;
        let row = store::tenants::get(&app.engine.db, id).await?;
        row.map(|row| Self { platform, row })
            .ok_or_else(|| Problem::not_found("tenant"))
    }
}
