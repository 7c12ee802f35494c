//! What is a person's own: name, language, password, authenticator, sessions.

use domain::{SessionId, UserId};
use store::audit::{self, Act, Target, Who};
use store::people::users::{self, User};
use store::people::{invitations, members, resets, sessions as rows};
use store::{Tx, event_log, seal};

use super::sign_in::SignInError;
use super::throttle::Throttle;
use super::totp::Enrolment;
use super::{Weak, password, totp};
use crate::Engine;
use crate::inbox::{self, Author};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// There is no such user any more.
    #[error("there is no such user")]
    NotFound,
    /// The present password is not right.
    #[error("this is not your password")]
    WrongPassword,
    /// The code is not right, or there is nothing to confirm.
    #[error("this code is not right")]
    WrongCode,
    /// The new password is too easy to guess.
    #[error("the password is too weak")]
    Weak(Weak),
    /// An authenticator is on already.
    #[error("an authenticator is on already; switch it off first")]
    AlreadyOn,
    /// Too many wrong guesses.
    #[error(transparent)]
    Guesses(#[from] SignInError),
    /// A secret could not be sealed.
    #[error(transparent)]
    Seal(#[from] seal::SealError),
}

impl From<store::DbError> for AccountError {
    fn from(error: store::DbError) -> Self {
        Self::Guesses(error.into())
    }
}

/// Changes what `change` changes of a user, and writes it down without the values.
async fn alter(
    engine: &Engine,
    id: UserId,
    action: &'static str,
    who: &Who,
    change: impl FnOnce(&mut User),
) -> Result<(User, Tx), AccountError> {
    let mut tx = engine.db.begin().await?;
    let mut user = users::lock(&mut tx, id)
        .await?
        .ok_or(AccountError::NotFound)?;
    change(&mut user);
    users::update(&mut tx, &user).await?;
    let act = Act {
        tenant: None,
        action,
        target: Target {
            kind: "user",
            id: Some(id.to_string()),
            name: Some(&user.email),
        },
        before: None,
        after: None,
    };
    audit::append(&mut tx, who, act, engine.clock.now()).await?;
    Ok((user, tx))
}

/// Sets name, language and theme.
///
/// # Errors
/// [`AccountError`].
pub async fn profile(
    engine: &Engine,
    id: UserId,
    who: &Who,
    change: impl FnOnce(&mut User),
) -> Result<User, AccountError> {
    let (user, tx) = alter(engine, id, "user.update_profile", who, change).await?;
    tx.commit().await?;
    Ok(user)
}

/// Whether the present password is right; guesses are throttled as at sign-in.
async fn prove(
    engine: &Engine,
    id: UserId,
    present: &str,
    who: &Who,
) -> Result<User, AccountError> {
    let now = engine.clock.now();
    let user = users::get(&engine.db, id)
        .await?
        .ok_or(AccountError::NotFound)?;
    let throttle = Throttle::new(&user.email, who.ip.as_deref());
    if let Some(wait) = throttle.count(&engine.db, now, false).await? {
        return Err(SignInError::TooMany(wait).into());
    }
    if !password::is_right(present, Some(&user.password_hash)).await {
        return Err(AccountError::WrongPassword);
    }
    throttle.forgive(&engine.db).await?;
    Ok(user)
}

/// Sets a new password. All other sessions and open reset links end.
///
/// # Errors
/// [`AccountError`]; then nothing changed.
pub async fn set_password(
    engine: &Engine,
    id: UserId,
    kept: SessionId,
    present: &str,
    new: &str,
    who: &Who,
) -> Result<(), AccountError> {
    let user = prove(engine, id, present, who).await?;
    super::check_password(new, &user.email).map_err(AccountError::Weak)?;
    let hash = super::hash_password(new).await;
    let (_, mut tx) = alter(engine, id, "user.set_password", who, |user| {
        user.password_hash = hash;
    })
    .await?;
    rows::end_others(&mut tx, id, Some(kept)).await?;
    resets::forget(&mut tx, id).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes a secret for an authenticator app. It is asked for at sign-in only after [`confirm_totp`]. The
/// password is asked for, or whoever finds an open session could lock its owner out.
///
/// # Errors
/// [`AccountError`].
pub async fn enrol_totp(
    engine: &Engine,
    id: UserId,
    present: &str,
    who: &Who,
) -> Result<Enrolment, AccountError> {
    let user = prove(engine, id, present, who).await?;
    if user.totp_on {
        return Err(AccountError::AlreadyOn);
    }
    let (sealed, enrolment) = totp::enrol(&engine.sealer, &user)?;
    let set = |user: &mut User| user.totp_secret = Some(sealed);
    let (user, tx) = alter(engine, id, "user.totp_enrol", who, set).await?;
    if user.totp_on {
        return Err(AccountError::AlreadyOn);
    }
    tx.commit().await?;
    Ok(enrolment)
}

/// Switches the authenticator on, with a first code that proves that the app has the secret.
///
/// # Errors
/// [`AccountError`].
pub async fn confirm_totp(
    engine: &Engine,
    id: UserId,
    code: &str,
    who: &Who,
) -> Result<(), AccountError> {
    let user = users::get(&engine.db, id)
        .await?
        .ok_or(AccountError::NotFound)?;
    let now = engine.clock.now();
    // Somebody at a session that was left open must not try all codes.
    let throttle = Throttle::new(&format!("totp {}", user.email), who.ip.as_deref());
    if let Some(wait) = throttle.count(&engine.db, now, false).await? {
        return Err(SignInError::TooMany(wait).into());
    }
    let (user, mut tx) = alter(engine, id, "user.totp_on", who, |user| user.totp_on = true).await?;
    if !totp::use_code(&engine.sealer, &mut tx, &user, code, now).await? {
        return Err(AccountError::WrongCode);
    }
    tx.commit().await?;
    throttle.forgive(&engine.db).await?;
    Ok(())
}

/// Switches the authenticator off.
///
/// # Errors
/// [`AccountError`].
pub async fn drop_totp(
    engine: &Engine,
    id: UserId,
    present: &str,
    who: &Who,
) -> Result<(), AccountError> {
    prove(engine, id, present, who).await?;
    clear_totp(engine, id, who).await
}

/// Switches somebody's authenticator off for them: at the command line, when the phone is lost.
///
/// # Errors
/// [`AccountError`].
pub async fn clear_totp(engine: &Engine, id: UserId, who: &Who) -> Result<(), AccountError> {
    let (_, tx) = alter(engine, id, "user.totp_off", who, |user| {
        user.totp_on = false;
        user.totp_secret = None;
    })
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Ends one session of a user. False when there is none such.
///
/// # Errors
/// When the database refuses.
pub async fn end_session(
    engine: &Engine,
    id: UserId,
    session: SessionId,
    who: &Who,
) -> store::Result<bool> {
    let mut tx = engine.db.begin().await?;
    if !rows::end(&mut tx, id, session).await? {
        return Ok(false);
    }
    let act = Act {
        tenant: None,
        action: "session.end",
        target: Target {
            kind: "session",
            id: Some(session.to_string()),
            name: None,
        },
        before: None,
        after: None,
    };
    audit::append(&mut tx, who, act, engine.clock.now()).await?;
    tx.commit().await?;
    Ok(true)
}

/// What an administrator of the platform changes of a user.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing {
    /// Whether they may sign in; a disabled user's sessions end at once.
    pub active: Option<bool>,
    /// Whether they administer the platform.
    pub platform_admin: Option<bool>,
}

/// Changes the standing of a user. False when nobody would administer the platform any more.
///
/// # Errors
/// [`AccountError`].
pub async fn stand(
    engine: &Engine,
    id: UserId,
    change: Standing,
    who: &Who,
) -> Result<Option<User>, AccountError> {
    let now = engine.clock.now();
    let belongs = members::any_tenant_of_user(&engine.db, id).await?;
    let mut told = Vec::new();
    let mut tx = engine.db.begin().await?;
    let admins = users::lock_admins(&mut tx).await?;
    let mut user = users::lock(&mut tx, id)
        .await?
        .ok_or(AccountError::NotFound)?;
    let view = |user: &User| serde_json::json!({ "status": user.status, "platform_admin": user.platform_admin });
    let before = view(&user);
    if let Some(active) = change.active {
        user.status = if active { "active" } else { "disabled" }.to_owned();
    }
    if let Some(admin) = change.platform_admin {
        user.platform_admin = admin;
    }
    let only = admins.len() == 1 && admins.first().is_some_and(|admin| admin.id == id);
    if only && !(user.platform_admin && user.is_active()) {
        return Ok(None);
    }
    users::update(&mut tx, &user).await?;
    if !user.is_active() || (change.platform_admin == Some(false)) {
        invitations::any_tenant_revoke_by(&mut tx, id).await?;
    }
    if !user.is_active() {
        rows::end_others(&mut tx, id, None).await?;
        resets::forget(&mut tx, id).await?;
        // Whoever cannot sign in has no conversations to answer. Who did it is the platform's affair.
        for place in belongs {
            let left = inbox::let_go(&mut tx, place.tenant_id, id, Author::System, now).await?;
            told.extend(left);
        }
    }
    let act = Act {
        tenant: None,
        action: "user.update",
        target: Target {
            kind: "user",
            id: Some(id.to_string()),
            name: Some(&user.email),
        },
        before: Some(before),
        after: Some(view(&user)),
    };
    audit::append(&mut tx, who, act, now).await?;
    event_log::append(&mut tx, &told).await?;
    tx.commit().await?;
    engine.wake.events.notify_waiters();
    Ok(Some(user))
}
