//! `/api/v1/invitations`: into the tenant. The platform's (`admin::invitations`) are made by the same
//! functions.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;

use domain::{InvitationId, TenantId};
use engine::people::invite::{self, Wanted};
use engine::texts::Language;
use serde::Serialize;
use store::people::invitations::Invitation;
use store::people::members::Standing;
use store::people::{members, users};
use store::tenants::Tenant;
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::problem::{Problem, Result};

/// An open invitation.
#[derive(Serialize, ToSchema)]
pub(crate) struct InvitationView {
    /// Its id.
    id: String,
    /// For whom; null where whoever has the link may type their address.
    email: Option<String>,
    /// As what, in a tenant.
    role: Option<String>,
    /// `all` or `own`: whose conversations an agent or a viewer will see there.
    conversations: String,
    /// Into which tenant; null for the platform's administration.
    tenant_id: Option<String>,
    /// When it ends by itself.
    expires_at: String,
    /// When it was made.
    created_at: String,
}

/// An invitation that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedInvitation {
    /// The invitation.
    #[serde(flatten)]
    invitation: InvitationView,
    /// Whether it was sent by e-mail.
    sent: bool,
    /// The link, to be handed over by other means; null when it was sent. It is shown this once.
    url: Option<String>,
}

impl From<Invitation> for InvitationView {
    fn from(row: Invitation) -> Self {
        Self {
            id: row.id.to_string(),
            email: row.email,
            role: row.role,
            conversations: row.conversations,
            tenant_id: row.tenant_id.map(|id| TenantId(id).to_string()),
            expires_at: row.expires_at.rfc3339(),
            created_at: row.created_at.rfc3339(),
        }
    }
}

/// Makes an invitation and sends it, where there is a mail server.
pub(crate) async fn make(
    app: &App,
    into: Option<(&Tenant, Standing)>,
    email: &str,
    caller: &Caller,
) -> Result<CreatedInvitation> {
    let engine = &app.engine;
    let email = engine::people::address(email)
        .ok_or_else(|| Problem::invalid("email", "must be an address such as maria@example.com"))?;
    if let Some(user) = users::by_email(&engine.db, &email).await? {
        let inside = match into {
            Some((tenant, _)) => members::get(&engine.db, tenant.id, user.id)
                .await?
                .is_some(),
            None => user.platform_admin,
        };
        if inside {
            return Err(Problem::conflict(
                "already_member",
                format!("{email} belongs here already"),
            ));
        }
    }
    let wanted = Wanted {
        into: into.map(|(tenant, standing)| (tenant.id, standing)),
        email: Some(&email),
        by: caller.user().map(|user| user.user_id),
    };
    let who = caller.who();
    let made = invite::invite(engine, &wanted, &who).await?;
    let url = format!("{}/invitation/{}", app.web.public_url, made.token);
    let language = Language::of(into.map_or("en", |(tenant, _)| tenant.language.as_str()));
    let product = language.text("product");
    let place = into.map_or_else(
        || language.say("invitation-platform", &[("product", &product)]),
        |(tenant, _)| tenant.name.clone(),
    );
    let sent = invite::mail(engine, &email, &url, &place, &who.name, language).await;
    Ok(CreatedInvitation {
        invitation: made.invitation.into(),
        sent,
        url: (!sent).then_some(url),
    })
}

/// Takes an open invitation back: of a tenant, or (`None`) anybody's.
pub(crate) async fn take_back(
    app: &App,
    scope: Option<TenantId>,
    id: &str,
    caller: &Caller,
) -> Result<axum::http::StatusCode> {
    let no_such = || Problem::not_found("open invitation");
    let id: InvitationId = id.parse().map_err(|_| no_such())?;
    if !invite::revoke(&app.engine, scope, id, &caller.who()).await? {
        return Err(no_such());
    }
    Ok(axum::http::StatusCode::NO_CONTENT)
}
