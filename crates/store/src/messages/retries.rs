//! Messages that are sent again: the old one and the new one know each other.

use domain::{MessageId, TenantId};
use serde::Serialize;
use uuid::Uuid;

use crate::db::{Db, Result, Sql, Tx, args, batch, statements};

#[derive(Serialize)]
struct Pair {
    old: String,
    new: String,
}

/// How a message was to leave.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Terms {
    /// The message.
    #[sqlx(try_from = "Uuid")]
    pub id: MessageId,
    /// JSON text; none where it was as usual.
    pub terms: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Marked {
    id: Uuid,
}

#[derive(Serialize)]
struct Id {
    id: String,
}

statements! {
    TERMS = Sql::Each {
        sqlite: "SELECT m.id, m.terms FROM jsonb_each($1) b CROSS JOIN messages m ON m.id = unhex(b.value->>'id') \
            WHERE +m.tenant_id = $2 AND m.terms IS NOT NULL",
        postgres: "SELECT m.id, m.terms FROM json_to_recordset($1::json) AS b(id uuid) JOIN messages m ON m.id = b.id \
            WHERE m.tenant_id = $2 AND m.terms IS NOT NULL",
    };
    // The plus keeps the planner from going through all of the tenant's messages.
    MARK_OLD = Sql::Each {
        sqlite: "UPDATE messages SET retried_as = unhex(b.value->>'new') FROM jsonb_each($1) b \
            WHERE messages.id = unhex(b.value->>'old') AND +messages.tenant_id = $2 AND messages.retried_as IS NULL RETURNING messages.id AS id",
        postgres: "UPDATE messages SET retried_as = b.new FROM json_to_recordset($1::json) AS b(old uuid, new uuid) \
            WHERE messages.id = b.old AND messages.tenant_id = $2 AND messages.retried_as IS NULL RETURNING messages.id AS id",
    };
    MARK_NEW = Sql::Each {
        sqlite: "UPDATE messages SET retry_of = unhex(b.value->>'old') FROM jsonb_each($1) b \
            WHERE messages.id = unhex(b.value->>'new') AND +messages.tenant_id = $2",
        postgres: "UPDATE messages SET retry_of = b.old FROM json_to_recordset($1::json) AS b(old uuid, new uuid) \
            WHERE messages.id = b.new AND messages.tenant_id = $2",
    };
}

/// How messages of the tenant were to leave, where that was not as their type usually does.
///
/// # Errors
/// When the database refuses.
pub async fn terms(db: &Db, tenant: TenantId, ids: &[MessageId]) -> Result<Vec<Terms>> {
    let ids: Vec<_> = ids.iter().map(|id| Id { id: id.hex() }).collect();
    let mut args = vec![batch(&ids)?];
    args.extend(args![tenant]);
    db.all(TERMS, args).await
}

/// Notes which message sends which again. Gives the old ones of which it was not noted before.
///
/// # Errors
/// When the database refuses.
pub async fn link(
    tx: &mut Tx,
    tenant: TenantId,
    pairs: &[(MessageId, MessageId)],
) -> Result<Vec<MessageId>> {
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(old, new)| Pair {
            old: old.hex(),
            new: new.hex(),
        })
        .collect();
    let args = || -> Result<_> {
        let mut args = vec![batch(&pairs)?];
        args.extend(args![tenant]);
        Ok(args)
    };
    let marked: Vec<Marked> = tx.all(MARK_OLD, args()?).await?;
    tx.run(MARK_NEW, args()?).await?;
    Ok(marked.into_iter().map(|row| row.id.into()).collect())
}
