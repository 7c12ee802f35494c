//! `/api/v1/admin/users`: everybody who can sign in.

pub(crate) mod list;
pub(crate) mod reset;
pub(crate) mod update;

use domain::{Timestamp, UserId};
use serde::Serialize;
use store::people::members;
use store::people::users::User;
use utoipa::ToSchema;

use crate::App;
use crate::problem::{Problem, Result};

/// A user as the platform sees them.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserOfPlatform {
    /// Their id.
    id: String,
    /// Their name.
    name: String,
    /// Their address.
    email: String,
    /// Whether they administer the platform.
    platform_admin: bool,
    /// `active` or `disabled`.
    status: String,
    /// Whether signing in takes a code.
    totp: bool,
    /// When they last signed in.
    last_sign_in_at: Option<String>,
    /// When they were added.
    created_at: String,
    /// Where they belong.
    tenants: Vec<Place>,
}

/// A tenant that a user belongs to.
#[derive(Serialize, ToSchema)]
pub(crate) struct Place {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Their role.
    role: String,
}

async fn view(app: &App, row: User) -> Result<UserOfPlatform> {
    let places = members::any_tenant_of_user(&app.engine.db, row.id).await?;
    Ok(UserOfPlatform {
        id: row.id.to_string(),
        name: row.name,
        email: row.email,
        platform_admin: row.platform_admin,
        status: row.status,
        totp: row.totp_on,
        last_sign_in_at: row.last_sign_in_at.map(|at| Timestamp(at).rfc3339()),
        created_at: row.created_at.rfc3339(),
        tenants: places
            .into_iter()
            .map(|place| Place {
                id: place.tenant_id.to_string(),
                name: place.tenant_name,
                role: place.role,
            })
            .collect(),
    })
}

fn user_id(text: &str) -> Result<UserId> {
    text.parse().map_err(|_| Problem::not_found("user"))
}
