//! How far the projector has come. The position is committed together with what was projected, and
//! moved only from where it was read: of two projectors one loses and rolls back.

use crate::db::{Db, Result, Sql, Tx, args, statements};

/// The projector's books, counted since the installation began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Books {
    /// The last frame of the intake log that took effect.
    pub position: i64,
    /// Webhook POSTs that took effect.
    pub posts: i64,
    /// Items that changed something.
    pub projected: i64,
    /// Items that are parked.
    pub parked: i64,
    /// Items that had been seen before.
    pub duplicates: i64,
}

statements! {
    OPEN = Sql::Both("INSERT INTO projector (name, position, posts, projected, parked, duplicates) VALUES ('inbound', 0, 0, 0, 0, 0) \
        ON CONFLICT (name) DO NOTHING");
    READ = Sql::Both("SELECT position, posts, projected, parked, duplicates FROM projector WHERE name = 'inbound'");
    ADVANCE = Sql::Both("UPDATE projector SET position = $2, posts = posts + $3 WHERE name = 'inbound' AND position = $1");
    RECOUNT = Sql::Both("UPDATE projector SET projected = projected + $1, parked = parked + $2, duplicates = duplicates + $3 WHERE name = 'inbound'");
}

/// The books as they stand.
///
/// # Errors
/// When the database refuses.
pub async fn read(db: &Db) -> Result<Books> {
    if let Some(books) = db.first(READ, args![]).await? {
        return Ok(books);
    }
    db.run(OPEN, args![]).await?;
    Ok(Books::default())
}

/// Moves from one position to the next, past so many posts. False when somebody else has moved it: roll
/// back. Done first in a transaction it also keeps a second projector waiting until the first has committed.
///
/// # Errors
/// When the database refuses.
pub async fn advance(tx: &mut Tx, from: i64, to: i64, posts: i64) -> Result<bool> {
    Ok(tx.run(ADVANCE, args![from, to, posts]).await? == 1)
}

/// Counts what became of items.
///
/// # Errors
/// When the database refuses.
pub async fn recount(tx: &mut Tx, projected: i64, parked: i64, duplicates: i64) -> Result<()> {
    tx.run(RECOUNT, args![projected, parked, duplicates])
        .await
        .map(drop)
}
