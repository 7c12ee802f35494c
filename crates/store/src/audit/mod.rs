//! The audit log: who did what to what, with what was there before and after. Rows form a chain: each
//! hash covers the row and the hash before it, so a row that is changed, taken out or put in between is
//! found by reading along ([`verify`]).

pub mod reading;

use domain::{TenantId, Timestamp};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, printable, statements};

/// Who acted, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// `user`, `api_key`, `system`.
    pub kind: &'static str,
    /// Their id in its shown form; none for the system.
    pub id: Option<String>,
    /// Their name at that time.
    pub name: String,
    /// Address of the client.
    pub ip: Option<String>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
}

impl Who {
    /// The program itself, or somebody at its command line.
    pub fn system(name: &str) -> Self {
        Self {
            kind: "system",
            id: None,
            name: name.to_owned(),
            ip: None,
            user_agent: None,
        }
    }
}

/// What was acted on.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// Such as `tenant`.
    pub kind: &'static str,
    /// Its id in its shown form.
    pub id: Option<String>,
    /// Its name at that time.
    pub name: Option<&'a str>,
}

/// An act to write down.
#[derive(Debug, Clone)]
pub struct Act<'a> {
    /// The tenant that it concerns; none for the platform's own.
    pub tenant: Option<TenantId>,
    /// Such as `tenant.update`.
    pub action: &'static str,
    /// What was acted on.
    pub target: Target<'a>,
    /// What was there before; never a secret.
    pub before: Option<serde_json::Value>,
    /// What is there now; never a secret.
    pub after: Option<serde_json::Value>,
}

/// A row of the log.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Entry {
    /// Its place in the chain, from 1.
    pub seq: i64,
    /// When (µs).
    pub at: i64,
    /// The tenant that it concerns.
    pub tenant_id: Option<Uuid>,
    /// `user`, `api_key`, `system`.
    pub actor_kind: String,
    /// Who.
    pub actor_id: Option<String>,
    /// Their name at that time.
    pub actor_name: String,
    /// What was done.
    pub action: String,
    /// To what kind of thing.
    pub target_kind: String,
    /// Its id.
    pub target_id: Option<String>,
    /// Its name at that time.
    pub target_name: Option<String>,
    /// JSON text.
    pub before: Option<String>,
    /// JSON text.
    pub after: Option<String>,
    /// From where.
    pub ip: Option<String>,
    /// With what.
    pub user_agent: Option<String>,
    /// SHA-256 of the hash before and this row.
    pub hash: Vec<u8>,
}

statements! {
    HEAD = Sql::Each {
        sqlite: "SELECT seq, hash FROM audit_head WHERE id = 1",
        postgres: "SELECT seq, hash FROM audit_head WHERE id = 1 FOR UPDATE",
    };
    READ_HEAD = Sql::Both("SELECT seq, hash FROM audit_head WHERE id = 1");
    MOVE_HEAD = Sql::Both("UPDATE audit_head SET seq = $1, hash = $2 WHERE id = 1");
    INSERT = Sql::Both("INSERT INTO audit_log (seq, at, tenant_id, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, \
        before, after, ip, user_agent, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)");
    AFTER = Sql::Both("SELECT seq, at, tenant_id, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, before, after, ip, user_agent, hash \
        FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2");
}

impl Entry {
    /// The hash of this row after `previous`.
    fn chained(&self, previous: &[u8]) -> Vec<u8> {
        // An array of JSON values: no two rows give the same text.
        let row = serde_json::json!([
            self.seq,
            self.at,
            self.tenant_id.map(|id| id.simple().to_string()),
            self.actor_kind,
            self.actor_id,
            self.actor_name,
            self.action,
            self.target_kind,
            self.target_id,
            self.target_name,
            self.before,
            self.after,
            self.ip,
            self.user_agent,
        ]);
        let mut hash = Sha256::new();
        hash.update(previous);
        hash.update(row.to_string());
        hash.finalize().to_vec()
    }
}

/// Writes an act down, in the transaction of the act itself. Before `event_log::append`.
///
/// # Errors
/// When the database refuses.
pub async fn append(tx: &mut Tx, who: &Who, act: Act<'_>, now: Timestamp) -> Result<()> {
    let (last, previous): (i64, Vec<u8>) = tx
        .first(HEAD, args![])
        .await?
        .ok_or_else(|| crate::DbError::Corrupt("audit_head has no row".to_owned()))?;
    let text = |value: &str| printable(value.to_owned());
    let json = |value: Option<serde_json::Value>| value.map(|value| printable(value.to_string()));
    let mut entry = Entry {
        seq: last + 1,
        at: now.0,
        tenant_id: act.tenant.map(Uuid::from),
        actor_kind: who.kind.to_owned(),
        actor_id: who.id.as_deref().map(text),
        actor_name: text(&who.name),
        action: act.action.to_owned(),
        target_kind: act.target.kind.to_owned(),
        target_id: act.target.id.as_deref().map(text),
        target_name: act.target.name.map(text),
        before: json(act.before),
        after: json(act.after),
        ip: who.ip.as_deref().map(text),
        user_agent: who.user_agent.as_deref().map(text),
        hash: Vec::new(),
    };
    entry.hash = entry.chained(&previous);
    let args = args![
        entry.seq,
        entry.at,
        entry.tenant_id,
        entry.actor_kind,
        entry.actor_id,
        entry.actor_name,
        entry.action,
        entry.target_kind,
        entry.target_id,
        entry.target_name,
        entry.before,
        entry.after,
        entry.ip,
        entry.user_agent,
        entry.hash.clone(),
    ];
    tx.run(INSERT, args).await?;
    tx.run(MOVE_HEAD, args![entry.seq, entry.hash])
        .await
        .map(drop)
}

/// What reading along the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every row is as it was written.
    Whole {
        /// How many rows there are.
        rows: i64,
        /// The last hash, in hex: noted elsewhere, it also shows a log that was written anew.
        head: String,
    },
    /// A row is not as it was written, or rows before it are missing.
    Broken {
        /// The first row that does not fit.
        seq: i64,
    },
    /// The last rows are missing.
    CutOff {
        /// The last row that is there.
        last: i64,
        /// The last one that was written.
        expected: i64,
    },
}

/// Reads along the whole chain.
///
/// # Errors
/// When the database refuses.
pub async fn verify(db: &Db) -> Result<Verdict> {
    let head: Option<(i64, Vec<u8>)> = db.first(READ_HEAD, args![]).await?;
    let (expected, head) = head.unwrap_or_default();
    let (mut last, mut previous) = (0, Vec::new());
    // Up to the head that was read first: rows added meanwhile are for the next time.
    while last < expected {
        let rows: Vec<Entry> = db.all(AFTER, args![last, 1_000_i64]).await?;
        if rows.is_empty() {
            return Ok(Verdict::CutOff { last, expected });
        }
        for row in rows {
            if last == expected {
                break;
            }
            if row.seq != last + 1 || row.chained(&previous) != row.hash {
                return Ok(Verdict::Broken { seq: row.seq });
            }
            last = row.seq;
            previous = row.hash;
        }
    }
    if previous != head {
        return Ok(Verdict::Broken { seq: last });
    }
    // A row beyond the head while the head stands still was not written by us.
    let beyond: Option<Entry> = db.first(AFTER, args![expected, 1_i64]).await?;
    let still: Option<(i64, Vec<u8>)> = db.first(READ_HEAD, args![]).await?;
    if let (Some(beyond), Some((still, _))) = (beyond, still)
        && beyond.seq > still
    {
        return Ok(Verdict::Broken { seq: beyond.seq });
    }
    Ok(Verdict::Whole {
        rows: last,
        head: hex::encode(previous),
    })
}
