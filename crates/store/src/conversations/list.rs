//! Pages of conversations, the one with the newest message first, narrowed; and how many there are.
//!
//! Each way of narrowing has a statement of its own, because neither database makes use of an index for
//! `column = $1 OR $1 IS NULL`. The inner query finds the page's ids in an index alone; only those rows are read.

use domain::{ConversationId, Sight, TenantId, Timestamp, UserId};

use super::{Conversation, beside, columns};
use crate::db::{Db, Result, Sql, Value, args, batch, statements};
use crate::page::{LAST_ID, Page};
use crate::sight::{self, seen};

/// Whose conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum View {
    /// Everybody's.
    #[default]
    All,
    /// Those of one colleague.
    Of(UserId),
    /// Those that nobody has.
    Unassigned,
}

/// What is left of a view for somebody's sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    All,
    Of(UserId),
    OfAndUnassigned(UserId),
    Unassigned,
}

impl View {
    /// `None` when nothing of it is seen.
    fn seen_by(self, sight: Sight) -> Option<Rows> {
        match (self, sight) {
            (Self::All, Sight::All) => Some(Rows::All),
            (Self::All, Sight::Own { user, unassigned }) => Some(if unassigned {
                Rows::OfAndUnassigned(user)
            } else {
                Rows::Of(user)
            }),
            (Self::Of(user), sight) => sight.sees(Some(user)).then_some(Rows::Of(user)),
            (Self::Unassigned, sight) => sight.sees(None).then_some(Rows::Unassigned),
        }
    }
}

/// What a list may be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Whose.
    pub view: View,
    /// `open`, `closed`, `snoozed`.
    pub status: Option<String>,
    /// Only those with something unread.
    pub unread: bool,
    /// One of the tenant's numbers.
    pub number: Option<String>,
}

/// How many open conversations a tenant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Counts {
    /// All of them.
    pub everybodys: i64,
    /// Those of the asking colleague.
    pub mine: i64,
    /// Those that nobody has.
    pub unassigned: i64,
    /// Those with something unread.
    pub unread: i64,
}

macro_rules! page {
    ($narrowed:literal) => {
        Sql::Both(concat!(
            "SELECT ", columns!(), " FROM (SELECT id FROM conversations WHERE tenant_id = $1 AND (last_message_at, id) < ($2, $3) \
             AND (unread_count > 0 OR NOT $5) AND (phone_number_id = $6 OR $6 IS NULL)", $narrowed,
            " ORDER BY last_message_at DESC, id DESC LIMIT $4) page JOIN conversations v ON v.id = page.id ", beside!(),
            " ORDER BY v.last_message_at DESC, v.id DESC"
        ))
    };
}

macro_rules! narrowed {
    () => {
        " AND (+v.last_message_at, v.id) < ($2, $3) AND (v.unread_count > 0 OR NOT $5) AND (v.phone_number_id = $6 OR $6 IS NULL) \
         AND (v.status = $7 OR $7 IS NULL) AND ($11 OR v.assigned_to = $8 OR (v.assigned_to IS NULL AND $9)) \
         ORDER BY v.last_message_at DESC, v.id DESC LIMIT $4"
    };
}

statements! {
    ALL = page!("");
    ALL_BY_STATUS = page!(" AND status = $7");
    OF = page!(" AND assigned_to = $7");
    OF_BY_STATUS = page!(" AND assigned_to = $7 AND status = $8");
    OWN = page!(" AND (assigned_to = $7 OR assigned_to IS NULL)");
    OWN_BY_STATUS = page!(" AND (assigned_to = $7 OR assigned_to IS NULL) AND status = $8");
    UNASSIGNED = page!(" AND assigned_to IS NULL");
    UNASSIGNED_BY_STATUS = page!(" AND assigned_to IS NULL AND status = $7");
    // The conversations of some contacts, and some conversations, which a search has found.
    OF_CONTACTS = Sql::Each {
        sqlite: concat!("SELECT ", columns!(), " FROM json_each($10) b CROSS JOIN conversations v ON v.tenant_id = $1 AND v.contact_id = unhex(b.value) ", beside!(),
            " WHERE TRUE", narrowed!()),
        postgres: concat!("SELECT ", columns!(), " FROM json_array_elements_text($10::json) b JOIN conversations v ON v.tenant_id = $1 AND v.contact_id = b.value::uuid ", beside!(),
            " WHERE TRUE", narrowed!()),
    };
    SOME = Sql::Each {
        sqlite: concat!("SELECT ", columns!(), " FROM json_each($10) b CROSS JOIN conversations v ON v.id = unhex(b.value) AND v.tenant_id = $1 ", beside!(),
            " WHERE TRUE", narrowed!()),
        postgres: concat!("SELECT ", columns!(), " FROM json_array_elements_text($10::json) b JOIN conversations v ON v.id = b.value::uuid AND v.tenant_id = $1 ", beside!(),
            " WHERE TRUE", narrowed!()),
    };
    COUNT = Sql::Both(concat!("SELECT COUNT(*) AS everybodys, COUNT(*) FILTER (WHERE assigned_to = $2) AS mine, \
        COUNT(*) FILTER (WHERE assigned_to IS NULL) AS unassigned, COUNT(*) FILTER (WHERE unread_count > 0) AS unread \
        FROM conversations WHERE tenant_id = $1 AND status = 'open' AND ", seen!("assigned_to", "$3", "$4", "$5")));
}

/// A page of those of the tenant's conversations that are seen.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    filter: &Filter,
    page: Page<(Timestamp, ConversationId)>,
) -> Result<Vec<Conversation>> {
    let Some(rows) = filter.view.seen_by(sight) else {
        return Ok(Vec::new());
    };
    let (at, id) = page
        .after
        .map_or((i64::MAX, LAST_ID), |(at, id)| (at.0, id.0));
    let mut args = args![
        tenant,
        at,
        id,
        page.limit,
        filter.unread,
        filter.number.clone()
    ];
    if let Rows::Of(user) | Rows::OfAndUnassigned(user) = rows {
        args.push(user.into());
    }
    let by_status = filter.status.is_some();
    if let Some(status) = &filter.status {
        args.push(status.into());
    }
    let statement = match (rows, by_status) {
        (Rows::All, false) => ALL,
        (Rows::All, true) => ALL_BY_STATUS,
        (Rows::Of(_), false) => OF,
        (Rows::Of(_), true) => OF_BY_STATUS,
        (Rows::OfAndUnassigned(_), false) => OWN,
        (Rows::OfAndUnassigned(_), true) => OWN_BY_STATUS,
        (Rows::Unassigned, false) => UNASSIGNED,
        (Rows::Unassigned, true) => UNASSIGNED_BY_STATUS,
    };
    db.all(statement, args).await
}

/// How many open conversations of the tenant are seen; `mine` are those of `user`.
///
/// # Errors
/// When the database refuses.
pub async fn count(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    user: Option<UserId>,
) -> Result<Counts> {
    let mut args = args![tenant, user];
    args.extend(sight::args(sight));
    let counts = db.first(COUNT, args).await?;
    Ok(counts.unwrap_or(Counts {
        everybodys: 0,
        mine: 0,
        unassigned: 0,
        unread: 0,
    }))
}

/// Of the conversations of these contacts (32 hex digits each), a page.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn of_contacts(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    filter: &Filter,
    contacts: &[String],
    page: Page<(Timestamp, ConversationId)>,
) -> Result<Vec<Conversation>> {
    let Some(rows) = filter.view.seen_by(sight) else {
        return Ok(Vec::new());
    };
    db.all(OF_CONTACTS, filter.args(tenant, rows, page, contacts)?)
        .await
}

/// Of these conversations (32 hex digits each), those that the filter lets through.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn some(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    filter: &Filter,
    conversations: &[String],
) -> Result<Vec<Conversation>> {
    let all = Page {
        after: None,
        limit: i64::try_from(conversations.len()).unwrap_or(i64::MAX),
    };
    let Some(rows) = filter.view.seen_by(sight) else {
        return Ok(Vec::new());
    };
    db.all(SOME, filter.args(tenant, rows, all, conversations)?)
        .await
}

impl Filter {
    fn args(
        &self,
        tenant: TenantId,
        rows: Rows,
        page: Page<(Timestamp, ConversationId)>,
        ids: &[String],
    ) -> Result<Vec<Value>> {
        let (at, id) = page
            .after
            .map_or((i64::MAX, LAST_ID), |(at, id)| (at.0, id.0));
        let (all, user, unassigned) = match rows {
            Rows::All => (true, None, true),
            Rows::Of(user) => (false, Some(user), false),
            Rows::OfAndUnassigned(user) => (false, Some(user), true),
            Rows::Unassigned => (false, None, true),
        };
        let mut args = args![
            tenant,
            at,
            id,
            page.limit,
            self.unread,
            self.number.clone(),
            self.status.clone(),
            user,
            unassigned
        ];
        args.push(batch(ids)?);
        args.push(all.into());
        Ok(args)
    }
}
