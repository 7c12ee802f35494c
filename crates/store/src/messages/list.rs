//! Pages of messages, newest first, narrowed.
//!
//! What narrows but has no index of its own is looked at row by row, and a page does so for [`WALK`] rows at the
//! most: then it is handed over as it is, with where to go on, so that no question takes long.

use domain::{ContactId, ConversationId, MessageId, Sight, TenantId, Timestamp};
use uuid::Uuid;

use super::{Message, columns};
use crate::db::{Db, Result, Sql, Value, args, batch, statements};
use crate::page::Page;
use crate::sight::{self, seen_in};

/// What a list may be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Meta's id.
    pub wamid: Option<String>,
    /// `inbound` or `outbound`.
    pub direction: Option<String>,
    /// A status word.
    pub status: Option<String>,
    /// One conversation.
    pub conversation: Option<ConversationId>,
    /// One contact, in all their conversations.
    pub contact: Option<ContactId>,
    /// One of the tenant's numbers.
    pub number: Option<String>,
    /// The label under which they were sent.
    pub batch: Option<String>,
    /// Meta's message type; `note` or `activity` of internal ones.
    pub kind: Option<String>,
    /// Those we had at this moment or later.
    pub from: Option<Timestamp>,
    /// Those we had before this moment.
    pub to: Option<Timestamp>,
    /// Whether notes and activity are wanted, too.
    pub internal: bool,
}

/// A page and where the next one begins.
#[derive(Debug, Default)]
pub struct Listed<C> {
    /// The rows, newest first. There may be fewer than were asked for though there are more.
    pub rows: Vec<Message>,
    /// Behind this there may be more.
    pub next: Option<C>,
}

/// Rows that one page looks at.
const WALK: i64 = 10_000;
/// Between a message's id and the moment that it says we had it lies less than this.
const SLACK: std::time::Duration = std::time::Duration::from_secs(60);

/// The status as people see it, as [`Message::shown_status`]: the queue knows more of what has not left.
macro_rules! shown {
    () => {
        "CASE WHEN m.status IN ('queued', 'uncertain') THEN coalesce((SELECT CASE WHEN q.state = 'uncertain' THEN m.status \
         WHEN q.state = 'queued' AND (h.hold IS NOT NULL OR h.slowed_until IS NOT NULL) THEN 'held' ELSE q.state END \
         FROM outbox q LEFT JOIN number_pace h ON h.phone_number_id = q.phone_number_id WHERE q.id = m.id), m.status) ELSE m.status END"
    };
}

pub(super) use shown;

macro_rules! narrowed {
    () => {
        concat!(" AND (m.direction = $3 OR $3 IS NULL) AND (CAST($4 AS TEXT) IS NULL OR ", shown!(), " = $4) AND (m.direction <> 'internal' OR $6) \
         AND (m.type = $7 OR $7 IS NULL) AND (m.phone_number_id = $8 OR $8 IS NULL) AND m.created_at >= $9 AND m.created_at < $10 AND ",
            seen_in!("m.conversation_id", "$12", "$13", "$14"))
    };
}

pub(super) use narrowed;

statements! {
    LIST = Sql::Both(concat!("SELECT ", columns!(), " WHERE m.tenant_id = $1 AND m.id < $2 AND m.id >= $11", narrowed!(), " ORDER BY m.id DESC LIMIT $5"));
    // The plus keeps SQLite, which knows no numbers of rows, from walking through all messages of the tenant.
    THREAD = Sql::Each {
        sqlite: concat!("SELECT ", columns!(), " WHERE m.conversation_id = $15 AND +m.tenant_id = $1 AND m.id < $2 AND m.id >= $11", narrowed!(), " ORDER BY m.id DESC LIMIT $5"),
        postgres: concat!("SELECT ", columns!(), " WHERE m.conversation_id = $15 AND m.tenant_id = $1 AND m.id < $2 AND m.id >= $11", narrowed!(), " ORDER BY m.id DESC LIMIT $5"),
    };
    THREADS = Sql::Each {
        sqlite: concat!("SELECT ", columns!(), " WHERE m.conversation_id IN (SELECT unhex(value) FROM json_each($15)) AND +m.tenant_id = $1 \
            AND m.id < $2 AND m.id >= $11", narrowed!(), " ORDER BY m.id DESC LIMIT $5"),
        postgres: concat!("SELECT ", columns!(), " WHERE m.conversation_id IN (SELECT value::uuid FROM json_array_elements_text($15::json)) AND m.tenant_id = $1 \
            AND m.id < $2 AND m.id >= $11", narrowed!(), " ORDER BY m.id DESC LIMIT $5"),
    };
    // What came next after a message of a thread.
    THREAD_ON = Sql::Each {
        sqlite: concat!("SELECT ", columns!(), " WHERE m.conversation_id = $15 AND +m.tenant_id = $1 AND m.id > $2 AND m.id >= $11", narrowed!(), " ORDER BY m.id LIMIT $5"),
        postgres: concat!("SELECT ", columns!(), " WHERE m.conversation_id = $15 AND m.tenant_id = $1 AND m.id > $2 AND m.id >= $11", narrowed!(), " ORDER BY m.id LIMIT $5"),
    };
    SOME = Sql::Each {
        sqlite: concat!("SELECT ", columns!(), " WHERE m.id IN (SELECT unhex(value) FROM json_each($15)) AND +m.tenant_id = $1 AND m.id < $2 AND m.id >= $11", narrowed!(),
            " ORDER BY m.id DESC LIMIT $5"),
        postgres: concat!("SELECT ", columns!(), " WHERE m.id IN (SELECT value::uuid FROM json_array_elements_text($15::json)) AND m.tenant_id = $1 AND m.id < $2 \
            AND m.id >= $11", narrowed!(), " ORDER BY m.id DESC LIMIT $5"),
    };
    BATCH = Sql::Both(concat!("SELECT ", columns!(), " WHERE m.tenant_id = $1 AND m.batch = $15 AND m.id < $2 AND m.id >= $11", narrowed!(), " ORDER BY m.id DESC LIMIT $5"));
    BY_WAMID = Sql::Both(concat!("SELECT ", columns!(), " WHERE m.wamid = $2 AND m.tenant_id = $1 AND ", seen_in!("m.conversation_id", "$3", "$4", "$5"),
        " ORDER BY m.id DESC"));
    // Where a walk of so many rows ends.
    FLOOR = Sql::Both("SELECT id FROM messages WHERE tenant_id = $1 AND id < $2 AND id >= $3 ORDER BY id DESC LIMIT 1 OFFSET $4");
    CONVERSATIONS_OF = Sql::Both("SELECT id FROM conversations WHERE tenant_id = $1 AND contact_id = $2");
}

/// A page of the tenant's messages in the conversations that are seen, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    filter: &Filter,
    page: Page<MessageId>,
) -> Result<Listed<MessageId>> {
    let below = page.below();
    if let Some(wamid) = &filter.wamid {
        let mut args = args![tenant, wamid];
        args.extend(sight::args(sight));
        let rows: Vec<Message> = db.all(BY_WAMID, args).await?;
        let rows = rows
            .into_iter()
            .filter(|row| filter.admits(row) && row.id.0 < below)
            .collect();
        return Ok(Listed { rows, next: None });
    }
    if let Some(conversation) = filter.conversation {
        let mut args = filter.args(tenant, sight, below, filter.floor(), page.limit);
        args.push(conversation.into());
        return Ok(whole(db.all(THREAD, args).await?, page.limit));
    }
    if let Some(contact) = filter.contact {
        let conversations = conversations_of(db, tenant, contact).await?;
        let mut args = filter.args(tenant, sight, below, filter.floor(), page.limit);
        args.push(batch(&conversations)?);
        return Ok(whole(db.all(THREADS, args).await?, page.limit));
    }
    let floor = filter.floor();
    if let Some(label) = &filter.batch {
        let mut args = filter.args(tenant, sight, below, floor, page.limit);
        args.push(label.into());
        return Ok(whole(db.all(BATCH, args).await?, page.limit));
    }
    let end = if filter.is_seldom() || sight != Sight::All {
        let below = below.min(filter.ceiling());
        let end: Option<(Uuid,)> = db.first(FLOOR, args![tenant, below, floor, WALK]).await?;
        end.map(|(id,)| id)
    } else {
        None
    };
    let args = filter.args(tenant, sight, below, end.unwrap_or(floor), page.limit);
    let mut listed = whole(db.all(LIST, args).await?, page.limit);
    if listed.next.is_none() {
        listed.next = end.map(MessageId);
    }
    Ok(listed)
}

/// Those of a conversation that came next after one of its messages; newest first, as lists are. `next` is the
/// newest of them when more may follow.
///
/// # Errors
/// When the database refuses.
pub async fn after(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    conversation: ConversationId,
    message: MessageId,
    filter: &Filter,
    limit: i64,
) -> Result<Listed<MessageId>> {
    let mut args = filter.args_from(tenant, sight, message.0, filter.floor(), limit);
    args.push(conversation.into());
    let mut listed = whole(db.all(THREAD_ON, args).await?, limit);
    listed.rows.reverse();
    Ok(listed)
}

/// Those of these messages that the filter lets through, newest first.
pub(crate) async fn some(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    filter: &Filter,
    ids: &[String],
) -> Result<Vec<Message>> {
    let limit = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let mut args = filter.args(tenant, sight, Uuid::max(), filter.floor(), limit);
    args.push(batch(ids)?);
    db.all(SOME, args).await
}

/// The conversations of a contact, 32 hex digits each.
pub(crate) async fn conversations_of(
    db: &Db,
    tenant: TenantId,
    contact: ContactId,
) -> Result<Vec<String>> {
    let rows: Vec<(Uuid,)> = db.all(CONVERSATIONS_OF, args![tenant, contact]).await?;
    Ok(rows
        .into_iter()
        .map(|(id,)| id.simple().to_string())
        .collect())
}

/// A page that looked everywhere: when it is full, there may be more.
fn whole(rows: Vec<Message>, limit: i64) -> Listed<MessageId> {
    let is_full = i64::try_from(rows.len()).is_ok_and(|count| count >= limit);
    let next = rows.last().filter(|_| is_full).map(|row| row.id);
    Listed { rows, next }
}

impl Filter {
    /// The parameters that all lists have in common.
    pub(super) fn args(
        &self,
        tenant: TenantId,
        sight: Sight,
        below: Uuid,
        floor: Uuid,
        limit: i64,
    ) -> Vec<Value> {
        self.args_from(tenant, sight, below.min(self.ceiling()), floor, limit)
    }

    fn args_from(
        &self,
        tenant: TenantId,
        sight: Sight,
        id: Uuid,
        floor: Uuid,
        limit: i64,
    ) -> Vec<Value> {
        let mut args = args![
            tenant,
            id,
            self.direction.clone(),
            self.status.clone(),
            limit,
            self.internal,
            self.kind.clone(),
            self.number.clone(),
            self.from.map_or(i64::MIN, |at| at.0),
            self.to.map_or(i64::MAX, |at| at.0),
            floor
        ];
        args.extend(sight::args(sight));
        args
    }

    /// No id of a wanted message is below: ids sort by the time they were made.
    pub(crate) fn floor(&self) -> Uuid {
        self.from.map_or(Uuid::nil(), |at| {
            MessageId::first_at(at.minus(SLACK)).into()
        })
    }

    /// All ids of wanted messages are below.
    pub(crate) fn ceiling(&self) -> Uuid {
        self.to
            .map_or(Uuid::max(), |at| MessageId::first_at(at.plus(SLACK)).into())
    }

    /// Whether few of the rows may be what is wanted. Each direction has many.
    fn is_seldom(&self) -> bool {
        self.status.is_some() || self.kind.is_some() || self.number.is_some()
    }

    /// Whether every message fits, internal lines included.
    pub(super) fn is_plain(&self) -> bool {
        !self.is_seldom()
            && self.internal
            && self.direction.is_none()
            && self.from.is_none()
            && self.to.is_none()
    }

    fn admits(&self, row: &Message) -> bool {
        let fits =
            |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|wanted| wanted == is);
        fits(&self.direction, &row.direction)
            && fits(&self.status, row.shown_status())
            && fits(&self.kind, &row.kind)
            && fits(&self.number, &row.phone_number_id)
            && self
                .conversation
                .is_none_or(|wanted| wanted == row.conversation_id)
            && self.contact.is_none_or(|wanted| wanted.0 == row.contact_id)
            && self.from.is_none_or(|from| row.created_at >= from)
            && self.to.is_none_or(|to| row.created_at < to)
    }
}
