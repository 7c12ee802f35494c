//! Finding contacts by their names, usernames and numbers.

use domain::TenantId;
use domain::search::Query;
use uuid::Uuid;

use super::question;
use crate::db::{Db, Result, Sql, args, statements};

/// Contacts that are collected at the most.
pub const MANY: i64 = 2_000;

statements! {
    FIND = Sql::Each {
        sqlite: "SELECT d.contact_id FROM (SELECT rowid AS seq FROM search_names WHERE search_names MATCH $1 LIMIT $2) h \
            CROSS JOIN search_contacts d ON d.seq = h.seq WHERE d.tenant_id = $3",
        postgres: "SELECT d.contact_id FROM (SELECT seq FROM search_names WHERE words @@ CAST(CAST($1 AS TEXT) AS tsquery) LIMIT $2) h \
            JOIN search_contacts d ON d.seq = h.seq WHERE d.tenant_id = $3",
    };
}

/// The contacts who are found by it, in no order; none when they are more than [`MANY`].
///
/// # Errors
/// When the database refuses.
pub async fn find(db: &Db, tenant: TenantId, query: &Query) -> Result<Option<Vec<Uuid>>> {
    let mut args = vec![question(db, tenant, None, &[], query)];
    args.extend(args![MANY + 1, tenant]);
    let rows: Vec<(Uuid,)> = db.all(FIND, args).await?;
    let is_many = i64::try_from(rows.len()).is_ok_and(|found| found > MANY);
    Ok((!is_many).then(|| rows.into_iter().map(|(id,)| id).collect()))
}
