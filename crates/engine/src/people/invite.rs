//! Invitations: a link that makes its bearer a member of a tenant, or an administrator of the platform.

use std::fmt;
use std::time::Duration;

use domain::access::Role;
use domain::sight::Reach;
use domain::{InvitationId, TenantId, Timestamp, UserId};
use serde_json::json;
use store::audit::{self, Act, Target, Who};
use store::people::invitations::{self, Invitation};
use store::people::members::Standing;
use store::people::{members, users};
use store::{Tx, tenants};

use super::sign_in::{self, Guess, SignInError};
use super::{Weak, sessions};
use crate::Engine;
use crate::texts::Language;

/// How long an invitation works.
pub const WORKS: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Whom to invite, into what.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// Into which tenant and as what; none for the platform's administration.
    pub into: Option<(TenantId, Standing)>,
    /// For whom; none where whoever has the link may type their address.
    pub email: Option<&'a str>,
    /// The user who invites.
    pub by: Option<UserId>,
}

/// An invitation that was made. The link's token is not kept.
pub struct Made {
    /// The row.
    pub invitation: Invitation,
    /// What stands after `/invitation/` in the link.
    pub token: String,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made")
            .field("invitation", &self.invitation)
            .finish_non_exhaustive()
    }
}

/// Makes an invitation. An open one for the same address and place gives way to it.
///
/// # Errors
/// When the database refuses.
pub async fn invite(engine: &Engine, wanted: &Wanted<'_>, who: &Who) -> store::Result<Made> {
    let now = engine.clock.now();
    let token = sessions::secret();
    let invitation = Invitation {
        id: InvitationId::new(now),
        tenant_id: wanted.into.map(|(tenant, _)| tenant.into()),
        email: wanted.email.map(str::to_owned),
        role: wanted
            .into
            .map(|(_, standing)| standing.role.as_str().to_owned()),
        conversations: wanted
            .into
            .map_or(Reach::All, |(_, standing)| standing.conversations)
            .to_string(),
        expires_at: now.plus(WORKS),
        accepted_at: None,
        created_at: now,
    };
    let mut tx = engine.db.begin().await?;
    let by = wanted.by.map(Into::into);
    invitations::insert(&mut tx, &invitation, sessions::hashed(&token), by).await?;
    note(&mut tx, "invitation.create", &invitation, who, now).await?;
    tx.commit().await?;
    Ok(Made { invitation, token })
}

/// Sends the link. False when there is no mail server or it refused.
pub async fn mail(
    engine: &Engine,
    to: &str,
    link: &str,
    place: &str,
    by: &str,
    language: Language,
) -> bool {
    let days = (WORKS.as_secs() / 86_400).to_string();
    let with = [
        ("by", by),
        ("place", place),
        ("link", link),
        ("days", &days),
    ];
    let subject = language.say("mail-invitation-subject", &with);
    engine
        .mailer
        .send(to, &subject, language.say("mail-invitation", &with))
        .await
}

/// Takes an open invitation back. False when there is none such; `scope` is the tenant whose it must
/// be, or `None` for anybody's.
///
/// # Errors
/// When the database refuses.
pub async fn revoke(
    engine: &Engine,
    scope: Option<TenantId>,
    id: InvitationId,
    who: &Who,
) -> store::Result<bool> {
    let mut tx = engine.db.begin().await?;
    let gone = match scope {
        Some(tenant) => invitations::revoke(&mut tx, Some(tenant), id).await?,
        None => invitations::any_tenant_revoke(&mut tx, id).await?,
    };
    let Some(gone) = gone else {
        return Ok(false);
    };
    // In the log of the tenant whose it was, whoever took it back.
    let act = Act {
        tenant: gone.tenant_id.map(TenantId),
        action: "invitation.revoke",
        target: Target {
            kind: "invitation",
            id: Some(id.to_string()),
            name: gone.email.as_deref(),
        },
        before: Some(shown(&gone)),
        after: None,
    };
    audit::append(&mut tx, who, act, engine.clock.now()).await?;
    tx.commit().await?;
    Ok(true)
}

/// What somebody sees who opens the link.
#[derive(Debug)]
pub struct Opened {
    /// The row.
    pub invitation: Invitation,
    /// The tenant's name; none for the platform's administration.
    pub place: Option<String>,
    /// Whether its address belongs to an account: then its password joins.
    pub has_account: bool,
}

/// The open invitation of a link.
///
/// # Errors
/// When the database refuses.
pub async fn opened(engine: &Engine, token: &str) -> store::Result<Option<Opened>> {
    let now = engine.clock.now();
    let Some(invitation) = invitations::by_hash(&engine.db, sessions::hashed(token), now).await?
    else {
        return Ok(None);
    };
    let place = match invitation.tenant_id {
        None => None,
        Some(tenant) => match tenants::get(&engine.db, TenantId(tenant)).await? {
            Some(tenant) => Some(tenant.name),
            None => return Ok(None),
        },
    };
    let has_account = match &invitation.email {
        Some(email) => users::by_email(&engine.db, email).await?.is_some(),
        None => false,
    };
    Ok(Some(Opened {
        invitation,
        place,
        has_account,
    }))
}

/// Why an invitation was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// It was used, taken back, or has ended.
    #[error("this invitation no longer works")]
    Gone,
    /// A field is wrong: its name, and the text that explains it.
    #[error("{0} is wrong: {1}")]
    Field(&'static str, &'static str),
    /// The account's password was asked for and is not right.
    #[error(transparent)]
    SignIn(#[from] SignInError),
}

impl From<store::DbError> for AcceptError {
    fn from(error: store::DbError) -> Self {
        Self::SignIn(error.into())
    }
}

/// Accepts an invitation, and signs in: with a new account, or with the one that its address has.
/// `guess.email` counts only where the invitation names nobody.
///
/// # Errors
/// [`AcceptError`]; then nothing changed.
pub async fn accept(
    engine: &Engine,
    token: &str,
    name: &str,
    language: Language,
    guess: Guess<'_>,
) -> Result<String, AcceptError> {
    let Opened {
        invitation,
        has_account,
        ..
    } = opened(engine, token).await?.ok_or(AcceptError::Gone)?;
    let email = invitation
        .email
        .clone()
        .unwrap_or_else(|| guess.email.to_owned());
    if has_account {
        let (user, secret) = sign_in::sign_in(
            engine,
            Guess {
                email: &email,
                ..guess
            },
        )
        .await?;
        join(engine, &invitation, user, None, guess).await?;
        return Ok(secret);
    }
    let name = super::person_name(name).ok_or(AcceptError::Field("name", "name-wrong"))?;
    let email = super::address(&email).ok_or(AcceptError::Field("email", "email-wrong"))?;
    super::check_password(guess.password, &email)
        .map_err(|weak: Weak| AcceptError::Field("password", weak.key()))?;
    let hash = super::hash_password(guess.password).await;
    let mut user = users::User::new(&email, name, hash, engine.clock.now());
    language.code().clone_into(&mut user.language);
    join(engine, &invitation, user, Some(()), guess).await
}

/// Adds the user where they are new, and their right; returns a session's secret for a new user.
async fn join(
    engine: &Engine,
    invitation: &Invitation,
    mut user: users::User,
    new: Option<()>,
    guess: Guess<'_>,
) -> Result<String, AcceptError> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    // The link of the first start is for the first administrator only.
    if invitation.tenant_id.is_none()
        && invitation.email.is_none()
        && !users::lock_admins(&mut tx).await?.is_empty()
    {
        return Err(AcceptError::Gone);
    }
    // Of two who open the link at the same moment one is in.
    if !invitations::accept(&mut tx, invitation.id, now).await? {
        return Err(AcceptError::Gone);
    }
    if invitation.tenant_id.is_none() {
        user.platform_admin = true;
    }
    if new.is_some() {
        if !users::insert(&mut tx, &user).await? {
            return Err(AcceptError::Field("email", "email-taken"));
        }
    } else if let Some(mut stored) = users::lock(&mut tx, user.id).await? {
        stored.platform_admin |= user.platform_admin;
        users::update(&mut tx, &stored).await?;
    }
    if let (Some(tenant), Some(role)) = (invitation.tenant_id, &invitation.role) {
        // Both words are ours; what another version of the program wrote gives the least.
        let standing = Standing {
            role: role.parse().unwrap_or(Role::Viewer),
            conversations: invitation.conversations.parse().unwrap_or(Reach::Own),
        };
        members::add(&mut tx, TenantId(tenant), user.id, standing, now).await?;
    }
    let mut secret = String::new();
    if new.is_some() {
        let (ip, agent) = (
            guess.ip.map(str::to_owned),
            guess.user_agent.map(str::to_owned),
        );
        sessions::replace(&mut tx, guess.cookie).await?;
        secret = sessions::begin(engine, &mut tx, user.id, ip, agent).await?;
        users::signed_in(&mut tx, user.id, now).await?;
    }
    let who = sign_in::who(&user, guess);
    note(&mut tx, "invitation.accept", invitation, &who, now).await?;
    tx.commit().await?;
    Ok(secret)
}

/// As the audit log shows it.
fn shown(invitation: &Invitation) -> serde_json::Value {
    json!({ "email": invitation.email, "role": invitation.role, "conversations": invitation.conversations })
}

async fn note(
    tx: &mut Tx,
    action: &'static str,
    invitation: &Invitation,
    who: &Who,
    now: Timestamp,
) -> store::Result<()> {
    let act = Act {
        tenant: invitation.tenant_id.map(TenantId),
        action,
        target: Target {
            kind: "invitation",
            id: Some(invitation.id.to_string()),
            name: invitation.email.as_deref(),
        },
        before: None,
        after: Some(shown(invitation)),
    };
    audit::append(tx, who, act, now).await
}

/// At the first start there is nobody: makes the link that makes the first administrator. `None` when
/// there is one already.
///
/// # Errors
/// When the database refuses.
pub async fn first_admin(engine: &Engine) -> store::Result<Option<String>> {
    let mut tx = engine.db.begin().await?;
    let admins = users::lock_admins(&mut tx).await?;
    tx.rollback().await?;
    if !admins.is_empty() {
        return Ok(None);
    }
    let wanted = Wanted {
        into: None,
        email: None,
        by: None,
    };
    let made = invite(engine, &wanted, &Who::system("first start")).await?;
    Ok(Some(made.token))
}
