//! Sessions: begun, recognised, moved along while they are used.

use std::time::Duration;

use domain::{SessionId, UserId};
use sha2::{Digest as _, Sha256};
use store::Tx;
use store::people::sessions::{self, Session, SignedIn};

use crate::Engine;

/// A session that is not used for so long ends.
pub const IDLE: Duration = Duration::from_secs(14 * 24 * 3_600);
/// Use is noted at most this often.
const NOTED: Duration = Duration::from_secs(60);

/// SHA-256 of a random secret, as it is kept. (Nothing to guess: the secret has 256 random bits.)
pub fn hashed(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// A random secret for a cookie or a link: 64 hex digits.
pub(crate) fn secret() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

/// Begins a session and returns the cookie's secret, which is not kept.
///
/// # Errors
/// When the database refuses.
pub async fn begin(
    engine: &Engine,
    tx: &mut Tx,
    user: UserId,
    ip: Option<String>,
    user_agent: Option<String>,
) -> store::Result<String> {
    let now = engine.clock.now();
    let secret = secret();
    let session = Session {
        id: SessionId::new(now),
        user_id: user,
        user_agent,
        ip,
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus(IDLE),
    };
    sessions::insert(tx, &session, hashed(&secret)).await?;
    Ok(secret)
}

/// Ends the session of a cookie that another one takes the place of: nobody could end it later.
pub(crate) async fn replace(tx: &mut Tx, cookie: Option<&str>) -> store::Result<()> {
    match cookie {
        Some(secret) => sessions::end_by_hash(tx, hashed(secret)).await,
        None => Ok(()),
    }
}

/// The live session of a cookie. Nothing is remembered between requests, so one that is ended anywhere
/// opens nothing from that moment.
///
/// # Errors
/// When the database cannot be reached.
pub async fn recognise(engine: &Engine, secret: &str) -> store::Result<Option<SignedIn>> {
    let now = engine.clock.now();
    let Some(session) = sessions::by_hash(&engine.db, hashed(secret), now).await? else {
        return Ok(None);
    };
    if now.since(session.last_seen_at) >= NOTED {
        sessions::seen(&engine.db, session.id, now, now.plus(IDLE)).await?;
    }
    Ok(Some(session))
}
