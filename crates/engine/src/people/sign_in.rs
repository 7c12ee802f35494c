//! Signing in. Wrong address, wrong password, wrong code and a disabled account look the same.

use std::fmt;
use std::time::Duration;

use store::audit::{self, Act, Target, Who};
use store::people::sessions::of_user as sessions_of;
use store::people::users::{self, User};

use super::throttle::Throttle;
use super::{password, sessions, totp};
use crate::Engine;

/// A try to sign in.
#[derive(Clone, Copy)]
pub struct Guess<'a> {
    /// The address, as typed.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
    /// The code of the authenticator app, where it was typed.
    pub code: Option<&'a str>,
    /// Where it comes from.
    pub ip: Option<&'a str>,
    /// What the browser calls itself.
    pub user_agent: Option<&'a str>,
    /// The secret of the session that this browser has already: the new one takes its place.
    pub cookie: Option<&'a str>,
}

/// Says nothing that opens something.
impl fmt::Debug for Guess<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guess")
            .field("email", &self.email)
            .field("ip", &self.ip)
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Something of the three is wrong; which one is not told.
    #[error("the e-mail address, the password or the code is not right")]
    Wrong,
    /// Too many wrong guesses.
    #[error("too many wrong guesses; try again in {} s", .0.as_secs().max(1))]
    TooMany(Duration),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::DbError),
}

/// Signs in: returns the user and the new session's secret.
///
/// # Errors
/// [`SignInError`].
pub async fn sign_in(engine: &Engine, guess: Guess<'_>) -> Result<(User, String), SignInError> {
    let now = engine.clock.now();
    let proven = proven(engine, guess).await?;
    // A hash of an earlier version's parameters becomes one of today's, now that the password is known.
    let renewed = if password::is_outdated(&proven.password_hash) {
        Some(super::hash_password(guess.password).await).filter(|hash| !hash.is_empty())
    } else {
        None
    };
    let mut tx = engine.db.begin().await?;
    // The password was looked at for a while; meanwhile it may have been changed, or the user disabled.
    let user = users::lock(&mut tx, proven.id).await?;
    let mut user = user
        .filter(|user| user.is_active() && user.password_hash == proven.password_hash)
        .ok_or_else(wrong)?;
    if let (true, code) = (user.totp_on, guess.code.unwrap_or_default())
        && !totp::use_code(&engine.sealer, &mut tx, &user, code, now).await?
    {
        return Err(wrong());
    }
    let (ip, agent) = (
        guess.ip.map(str::to_owned),
        guess.user_agent.map(str::to_owned),
    );
    if let Some(hash) = renewed {
        user.password_hash = hash;
        users::update(&mut tx, &user).await?;
    }
    sessions::replace(&mut tx, guess.cookie).await?;
    let secret = sessions::begin(engine, &mut tx, user.id, ip, agent).await?;
    users::signed_in(&mut tx, user.id, now).await?;
    let act = Act {
        tenant: None,
        action: "session.begin",
        target: Target {
            kind: "user",
            id: Some(user.id.to_string()),
            name: Some(&user.name),
        },
        before: None,
        after: None,
    };
    audit::append(&mut tx, &who(&user, guess), act, now).await?;
    tx.commit().await?;
    Throttle::new(&user.email, guess.ip)
        .forgive(&engine.db)
        .await?;
    metrics::counter!("trunkline_sign_ins_total", "outcome" => "signed_in").increment(1);
    Ok((user, secret))
}

/// The user as the audit log names them.
pub(crate) fn who(user: &User, guess: Guess<'_>) -> Who {
    Who {
        kind: "user",
        id: Some(user.id.to_string()),
        name: user.name.clone(),
        ip: guess.ip.map(str::to_owned),
        user_agent: guess.user_agent.map(str::to_owned),
    }
}

fn wrong() -> SignInError {
    metrics::counter!("trunkline_sign_ins_total", "outcome" => "wrong").increment(1);
    SignInError::Wrong
}

/// The active user whose password it is. The code is not looked at yet.
async fn proven(engine: &Engine, guess: Guess<'_>) -> Result<User, SignInError> {
    let now = engine.clock.now();
    let email = guess.email.trim().to_lowercase();
    // What is too long for an address is nobody's, and not worth a row.
    if email.len() > 254 || guess.password.len() > 1_000 {
        return Err(wrong());
    }
    let user = users::by_email(&engine.db, &email).await?;
    let known = match (&user, guess.ip) {
        (Some(user), Some(ip)) => sessions_of(&engine.db, user.id, now)
            .await?
            .iter()
            .any(|session| session.ip.as_deref() == Some(ip)),
        _ => false,
    };
    let throttle = Throttle::new(&email, guess.ip);
    if let Some(wait) = throttle.count(&engine.db, now, known).await? {
        metrics::counter!("trunkline_sign_ins_total", "outcome" => "throttled").increment(1);
        return Err(SignInError::TooMany(wait));
    }
    let hash = user.as_ref().map(|user| user.password_hash.as_str());
    let right = password::is_right(guess.password, hash).await;
    user.filter(|user| right && user.is_active())
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_can_be_logged_without_what_was_guessed() {
        let guess = Guess {
            email: "ana@example.com",
            password: "tres gatos azules",
            code: Some("123456"),
            ip: None,
            user_agent: None,
            cookie: Some("c00c1e"),
        };
        let shown = format!("{guess:?}");
        assert!(shown.contains("ana@example.com"), "{shown}");
        for secret in ["gatos", "123456", "c00c1e"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
