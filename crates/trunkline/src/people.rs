//! `trunkline user …`: people, from the command line of the machine.

use anyhow::{Context as _, bail};
use domain::TenantId;
use domain::UserId;
use domain::access::Role;
use engine::Engine;
use engine::people::{self, account, invite, reset};
use store::audit::{self, Act, Target, Who};
use store::people::users::{self, User};
use store::people::{members, resets, sessions};

/// Who acts here.
fn operator() -> Who {
    Who::system("command line")
}

/// A user to add, or to bring to this state.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Their address.
    pub email: &'a str,
    /// Their name.
    pub name: &'a str,
    /// Their password.
    pub password: &'a str,
    /// Language of their pages.
    pub language: &'a str,
    /// Whether they administer the platform.
    pub platform_admin: bool,
    /// Where they belong, and as what.
    pub belongs: Option<(TenantId, Role)>,
}

/// Adds a user, or gives an existing one this name, password and standing.
///
/// # Errors
/// When the address is none, or the database refuses.
pub async fn add(engine: &Engine, wanted: Wanted<'_>, who: &Who) -> anyhow::Result<UserId> {
    let Some(email) = people::address(wanted.email) else {
        bail!("{:?} is no e-mail address", wanted.email);
    };
    let hash = people::hash_password(wanted.password).await;
    let now = engine.clock.now();
    let known = users::by_email(&engine.db, &email).await?;
    let mut tx = engine.db.begin().await?;
    let mut user = known
        .clone()
        .unwrap_or_else(|| User::new(&email, wanted.name, hash.clone(), now));
    wanted.name.clone_into(&mut user.name);
    wanted.language.clone_into(&mut user.language);
    user.password_hash = hash;
    user.platform_admin |= wanted.platform_admin;
    "active".clone_into(&mut user.status);
    match known {
        Some(_) => {
            users::update(&mut tx, &user).await?;
            // The password is new: what the old one opened is closed.
            sessions::end_others(&mut tx, user.id, None).await?;
            resets::forget(&mut tx, user.id).await?;
        }
        None => {
            users::insert(&mut tx, &user).await?;
        }
    }
    if let Some((tenant, role)) = wanted.belongs {
        members::add(&mut tx, tenant, user.id, role.into(), now).await?;
    }
    let act = Act {
        tenant: wanted.belongs.map(|(tenant, _)| tenant),
        action: "user.create",
        target: Target {
            kind: "user",
            id: Some(user.id.to_string()),
            name: Some(&user.email),
        },
        before: None,
        after: Some(serde_json::json!({ "platform_admin": user.platform_admin })),
    };
    audit::append(&mut tx, who, act, now).await?;
    tx.commit().await?;
    Ok(user.id)
}

/// `trunkline user create-admin`: with a password at once, without one by a link.
///
/// # Errors
/// When the address or the password cannot be used, or the database refuses.
pub async fn create_admin(
    engine: &Engine,
    public_url: &str,
    email: &str,
    name: Option<&str>,
    password: Option<&str>,
) -> anyhow::Result<String> {
    let Some(email) = people::address(email) else {
        bail!("{email:?} is no e-mail address");
    };
    let Some(password) = password else {
        let wanted = invite::Wanted {
            into: None,
            email: Some(&email),
            by: None,
        };
        let made = invite::invite(engine, &wanted, &operator()).await?;
        return Ok(format!(
            "Open this link within seven days to choose a password for {email}:\n{public_url}/invitation/{}\n",
            made.token
        ));
    };
    if let Err(weak) = people::check_password(password, &email) {
        bail!("{}", engine::texts::Language::of("en").text(weak.key()));
    }
    let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or("Administrator"));
    let wanted = Wanted {
        email: &email,
        name,
        password,
        language: "en",
        platform_admin: true,
        belongs: None,
    };
    add(engine, wanted, &operator()).await?;
    Ok(format!(
        "{email} administers the platform now. Sign in at {public_url}/sign-in\n"
    ))
}

async fn known(engine: &Engine, email: &str) -> anyhow::Result<User> {
    let address =
        people::address(email).with_context(|| format!("{email:?} is no e-mail address"))?;
    users::by_email(&engine.db, &address)
        .await?
        .with_context(|| format!("nobody has the address {address}"))
}

/// `trunkline user reset-password`: a link that sets a new one.
///
/// # Errors
/// When there is no such user, or the database refuses.
pub async fn reset_password(
    engine: &Engine,
    public_url: &str,
    email: &str,
) -> anyhow::Result<String> {
    let user = known(engine, email).await?;
    let token = reset::link(engine, &user, &operator()).await?;
    Ok(format!(
        "Open this link within an hour to choose a new password:\n{public_url}/reset/{token}\n"
    ))
}

/// `trunkline user reset-totp`: signing in takes no code any more.
///
/// # Errors
/// When there is no such user, or the database refuses.
pub async fn reset_totp(engine: &Engine, email: &str) -> anyhow::Result<String> {
    let user = known(engine, email).await?;
    account::clear_totp(engine, user.id, &operator()).await?;
    Ok(format!("{} signs in without a code now\n", user.email))
}
