//! Getting back in without the password: a link that works once, for an hour. The authenticator's code
//! is still asked for at the next sign-in.

use std::time::Duration;

use domain::UserId;
use store::audit::{self, Act, Target, Who};
use store::people::users::{self, User};
use store::people::{guesses, resets, sessions as session_rows};

use super::{Weak, sessions};
use crate::Engine;
use crate::texts::Language;

/// How long a link works.
const WORKS: Duration = Duration::from_secs(3_600);

/// Makes a link for a user and returns its token, which is not kept. Older links stop working.
///
/// # Errors
/// When the database refuses.
pub async fn link(engine: &Engine, user: &User, who: &Who) -> store::Result<String> {
    let now = engine.clock.now();
    let token = sessions::secret();
    let mut tx = engine.db.begin().await?;
    resets::insert(
        &mut tx,
        user.id,
        sessions::hashed(&token),
        now.plus(WORKS),
        now,
    )
    .await?;
    note(&mut tx, "user.reset_link", user, who, now).await?;
    tx.commit().await?;
    Ok(token)
}

/// Somebody says that an address is theirs and the password forgotten. Answers the same for every
/// address; the link goes by mail, in the background, so that the time tells nothing either.
pub fn ask(engine: &Engine, email: &str, public_url: &str, who: Who) {
    let (engine, url) = (engine.clone(), public_url.to_owned());
    let Some(email) = super::address(email).filter(|_| engine.mailer.is_on()) else {
        return;
    };
    tokio::spawn(async move {
        let user = match users::by_email(&engine.db, &email).await {
            Ok(Some(user)) if user.is_active() => user,
            Ok(_) => return,
            Err(error) => return tracing::warn!(error = %error, "a reset could not be looked up"),
        };
        if !may_write_again(&engine, &email).await.unwrap_or(false) {
            return;
        }
        match link(&engine, &user, &who).await {
            Ok(token) => {
                let language = Language::of(&user.language);
                let link = format!("{url}/reset/{token}");
                let with = [
                    ("name", user.name.as_str()),
                    ("email", &email),
                    ("link", &link),
                ];
                let subject = language.text("mail-reset-subject");
                engine
                    .mailer
                    .send(&email, &subject, language.say("mail-reset", &with))
                    .await;
            }
            Err(error) => tracing::warn!(error = %error, "a reset link could not be made"),
        }
    });
}

/// Nobody's mailbox is filled by somebody else: a few links, then ever longer silence.
async fn may_write_again(engine: &Engine, email: &str) -> store::Result<bool> {
    const FREE: i64 = 3;
    let (now, subject) = (engine.clock.now(), format!("reset:{email}"));
    let since = now.minus(super::FORGOTTEN);
    guesses::count(&engine.db, &subject, FREE, now, since).await
}

/// Whose password a link sets; `None` when it no longer works.
///
/// # Errors
/// When the database refuses.
pub async fn opened(engine: &Engine, token: &str) -> store::Result<Option<User>> {
    let now = engine.clock.now();
    let Some(user) = resets::peek(&engine.db, sessions::hashed(token), now).await? else {
        return Ok(None);
    };
    Ok(users::get(&engine.db, user).await?.filter(User::is_active))
}

/// Why a password was not set.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// The link was used or has ended.
    #[error("this link no longer works")]
    Gone,
    /// The new password is too easy to guess.
    #[error("the password is too weak")]
    Weak(Weak),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::DbError),
}

/// Sets a new password by a link. Every session of the user ends.
///
/// # Errors
/// [`ResetError`]; then nothing changed.
pub async fn set(
    engine: &Engine,
    token: &str,
    password: &str,
    who: Who,
) -> Result<UserId, ResetError> {
    let user = opened(engine, token).await?.ok_or(ResetError::Gone)?;
    super::check_password(password, &user.email).map_err(ResetError::Weak)?;
    let hash = super::hash_password(password).await;
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let taken = resets::take(&mut tx, sessions::hashed(token), now).await?;
    let stored = users::lock(&mut tx, taken.ok_or(ResetError::Gone)?).await?;
    let mut stored = stored.ok_or(ResetError::Gone)?;
    stored.password_hash = hash;
    users::update(&mut tx, &stored).await?;
    session_rows::end_others(&mut tx, stored.id, None).await?;
    let who = Who {
        kind: "user",
        id: Some(stored.id.to_string()),
        name: stored.name.clone(),
        ..who
    };
    note(&mut tx, "user.reset_password", &stored, &who, now).await?;
    tx.commit().await?;
    Ok(stored.id)
}

async fn note(
    tx: &mut store::Tx,
    action: &'static str,
    user: &User,
    who: &Who,
    now: domain::Timestamp,
) -> store::Result<()> {
    let act = Act {
        tenant: None,
        action,
        target: Target {
            kind: "user",
            id: Some(user.id.to_string()),
            name: Some(&user.email),
        },
        before: None,
        after: None,
    };
    audit::append(tx, who, act, now).await
}
