//! `/api/v1/session`: who is signed in, signing in and out by program.

pub(crate) mod create;
pub(crate) mod end;
pub(crate) mod show;

use std::collections::BTreeMap;

use domain::access::{Role, Scopes};
use domain::sight::Reach;
use serde::Serialize;
use store::people::users::User;
use utoipa::ToSchema;

use crate::auth::{Known, csrf};

/// Who is signed in, and what they may do.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// Who.
    user: UserView,
    /// Whether they administer the platform.
    platform_admin: bool,
    /// Where they belong, by name.
    tenants: Vec<TenantOfUser>,
    /// To be sent as the header `Trunkline-CSRF` with everything but GET.
    csrf: String,
    /// When the session ends if it is not used.
    expires_at: String,
    /// What they may do in each tenant.
    scopes: BTreeMap<String, Vec<&'static str>>,
    /// What they may do to the platform.
    platform_scopes: Vec<&'static str>,
    /// The newest event: a stream that begins with it as `Last-Event-ID` misses nothing of what happens from now on.
    last_event_id: String,
}

/// A person, as they see themselves.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserView {
    /// Their id.
    #[schema(example = "usr_0193a5c47d1e7c3f8a2b4c5d6e7f8091")]
    id: String,
    /// What colleagues read.
    name: String,
    /// Their address.
    email: String,
    /// Language of the pages.
    language: String,
    /// `system`, `light`, `dark`.
    theme: String,
    /// Whether signing in takes a code.
    totp: bool,
}

/// A tenant that a person belongs to.
#[derive(Serialize, ToSchema)]
pub(crate) struct TenantOfUser {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// `active` or `suspended`.
    status: String,
    /// Their role.
    role: String,
    /// `all` or `own`: which conversations are there for them.
    conversations: &'static str,
    /// Of those who see their own: whether those that nobody has are there as well.
    unassigned: bool,
}

impl From<User> for UserView {
    fn from(row: User) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            email: row.email,
            language: row.language,
            theme: row.theme,
            totp: row.totp_on,
        }
    }
}

fn words(scopes: Scopes) -> Vec<&'static str> {
    scopes.iter().map(domain::access::Scope::as_str).collect()
}

impl SessionView {
    fn of(user: User, known: &Known, last_event: i64) -> Self {
        let scopes = |role: &str| role.parse::<Role>().map(Role::scopes).unwrap_or_default();
        let platform_admin = user.platform_admin;
        Self {
            user: user.into(),
            platform_admin,
            scopes: known
                .memberships
                .iter()
                .map(|belongs| (belongs.tenant_id.to_string(), words(scopes(&belongs.role))))
                .collect(),
            tenants: known
                .memberships
                .iter()
                .map(|belongs| (belongs, belongs.sight(known.session.user_id)))
                .map(|(belongs, sight)| TenantOfUser {
                    conversations: sight
                        .narrowed_to()
                        .map_or(Reach::All, |_| Reach::Own)
                        .as_str(),
                    unassigned: sight.sees(None),
                    id: belongs.tenant_id.to_string(),
                    name: belongs.tenant_name.clone(),
                    status: belongs.tenant_status.clone(),
                    role: belongs.role.clone(),
                })
                .collect(),
            csrf: csrf(&known.secret),
            expires_at: known.session.expires_at.rfc3339(),
            platform_scopes: if platform_admin {
                words(Scopes::of_platform())
            } else {
                Vec::new()
            },
            last_event_id: last_event.to_string(),
        }
    }
}
