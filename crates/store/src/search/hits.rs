//! Finding messages, newest first.
//!
//! A word may stand in every second message, so nothing here ever asks for all its messages: SQLite's FTS5 hands
//! them out in the order of their numbers. PostgreSQL's GIN does not; there the newest messages are looked at
//! first, which fills a page when the word is a common one, and the index is asked when it is not.

use domain::search::{Query, excerpt};
use domain::{ConversationId, MessageId, Sight, TenantId};
use uuid::Uuid;

use super::{conversation_word, hex, question};
use crate::db::{Db, Result, Sql, Value, args, statements};
use crate::messages::count::Counted;
use crate::messages::list::{conversations_of, some};
use crate::messages::{Filter, Message};
use crate::page::MAX_LIMIT;

/// Hits that one page looks at; what a filter leaves of them may be few, then the page is handed over as it is.
const LOOKED_AT: usize = 2_000;
/// Newest messages that are walked through on PostgreSQL before the index is asked.
const WALK: i64 = 3_000;
/// A word that stands in more messages than this is common: PostgreSQL walks on instead of collecting them.
const COMMON: i64 = 20_000;
/// Messages walked through for a common word, at a time.
const LONG_WALK: i64 = 15_000;

/// Pages that are counted before it is "at least".
const COUNTED: usize = 10;

/// Where a message stands in the index.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(super) struct Place {
    pub(super) seq: i64,
    #[sqlx(try_from = "Uuid")]
    pub(super) message_id: MessageId,
    #[sqlx(try_from = "Uuid")]
    pub(super) conversation_id: ConversationId,
}

/// Hits, newest first, and below which number to look on; none when that was all.
pub(super) struct Batch {
    pub(super) places: Vec<Place>,
    pub(super) on: Option<i64>,
    /// It was hard to come by; what is there should be handed over.
    pub(super) is_enough: bool,
}

/// A page of hits.
#[derive(Debug, Default)]
pub struct Found {
    /// Newest first; there may be fewer than were asked for though there are more.
    pub rows: Vec<Message>,
    /// The cursor of the next page.
    pub next: Option<i64>,
}

statements! {
    HITS = Sql::Each {
        sqlite: "SELECT d.seq, d.message_id, d.conversation_id FROM (SELECT rowid AS seq FROM search_words WHERE search_words MATCH $1 \
            AND rowid < $2 ORDER BY rowid DESC LIMIT $3) h CROSS JOIN search_messages d ON d.seq = h.seq WHERE d.tenant_id = $4 ORDER BY h.seq DESC",
        postgres: "SELECT d.seq, d.message_id, d.conversation_id FROM (SELECT seq FROM search_words WHERE words @@ CAST(CAST($1 AS TEXT) AS tsquery) \
            AND seq < $2 ORDER BY seq DESC LIMIT $3) h JOIN search_messages d ON d.seq = h.seq WHERE d.tenant_id = $4 ORDER BY d.seq DESC",
    };
    // For PostgreSQL, where the messages are collected before they are ordered; no more of them than $5.
    COLLECTED = Sql::Each {
        sqlite: "SELECT h.seq, 0 AS collected FROM (SELECT rowid AS seq FROM search_words WHERE search_words MATCH $1 AND rowid < $2 LIMIT $4) h ORDER BY h.seq DESC LIMIT $3",
        postgres: "SELECT h.seq, COUNT(*) OVER () AS collected FROM (SELECT seq FROM search_words WHERE words @@ CAST(CAST($1 AS TEXT) AS tsquery) AND seq < $2 LIMIT $4) h \
            ORDER BY h.seq DESC LIMIT $3",
    };
    PLACES = Sql::Each {
        sqlite: "SELECT d.seq, d.message_id, d.conversation_id FROM json_each($1) b CROSS JOIN search_messages d ON d.seq = b.value WHERE d.tenant_id = $2 ORDER BY d.seq DESC",
        postgres: "SELECT d.seq, d.message_id, d.conversation_id FROM json_array_elements_text($1::json) b JOIN search_messages d ON d.seq = b.value::bigint \
            WHERE d.tenant_id = $2 ORDER BY d.seq DESC",
    };
    CEILING = Sql::Both("SELECT seq FROM search_messages WHERE message_id >= $1 ORDER BY message_id LIMIT 1");
    FLOOR = Sql::Both("SELECT seq FROM search_messages WHERE tenant_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT 1 OFFSET $3");
    WALKED = Sql::Each {
        sqlite: "SELECT d.seq, d.message_id, d.conversation_id FROM (SELECT rowid AS seq FROM search_words WHERE search_words MATCH $1 \
            AND rowid < $2 AND rowid >= $5 ORDER BY rowid DESC LIMIT $3) h CROSS JOIN search_messages d ON d.seq = h.seq WHERE d.tenant_id = $4 ORDER BY h.seq DESC",
        postgres: "SELECT d.seq, d.message_id, d.conversation_id FROM search_messages d JOIN search_words w ON w.seq = d.seq \
            WHERE d.tenant_id = $4 AND d.seq < $2 AND d.seq >= $5 AND w.words @@ CAST(CAST($1 AS TEXT) AS tsquery) ORDER BY d.seq DESC LIMIT $3",
    };
}

/// A page of the tenant's messages in which it stands, in the conversations that are seen, newest first; `before` is the `next` of the page before.
///
/// # Errors
/// When the database refuses.
pub async fn find(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    query: &Query,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<Found> {
    let within = within(db, tenant, filter).await?;
    let asked = question(db, tenant, within.as_deref(), &[], query);
    let limit = usize::try_from(limit).unwrap_or(1);
    let mut found = Found::default();
    let begin = match before {
        Some(before) => before,
        None => ceiling(db, filter).await?,
    };
    let (mut below, mut looked_at) = (begin, 0);
    loop {
        let chunk = (limit - found.rows.len() + 8).clamp(32, 400);
        let batch = batch(db, tenant, &asked, within.is_some(), below, chunk).await?;
        looked_at += batch.places.len().max(1);
        let ids: Vec<_> = batch
            .places
            .iter()
            .map(|place| place.message_id.hex())
            .collect();
        let mut rows: std::collections::HashMap<_, _> = some(db, tenant, sight, filter, &ids)
            .await?
            .into_iter()
            .map(|row| (row.id, row))
            .collect();
        for place in &batch.places {
            let Some(row) = rows.remove(&place.message_id) else {
                continue;
            };
            if query.has_phrases() && !stands_in(query, &row) {
                continue;
            }
            found.rows.push(row);
            if found.rows.len() == limit {
                found.next = Some(place.seq);
                return Ok(found);
            }
        }
        // Whatever stands lower down is older than is wanted.
        let is_past = |place: &Place| place.message_id.0 < filter.floor();
        if batch.places.last().is_some_and(is_past) {
            return Ok(found);
        }
        match batch.on {
            None => return Ok(found),
            Some(on) if looked_at >= LOOKED_AT || batch.is_enough => {
                found.next = Some(on);
                return Ok(found);
            }
            Some(on) => below = on,
        }
    }
}

/// Below which number those begin that the filter's end lets through. A message that came late, and so has a
/// number that is too great for its time, is found without such an end only.
async fn ceiling(db: &Db, filter: &Filter) -> Result<i64> {
    if filter.to.is_none() {
        return Ok(i64::MAX);
    }
    let first: Option<(i64,)> = db.first(CEILING, args![filter.ceiling()]).await?;
    Ok(first.map_or(i64::MAX, |row| row.0))
}

/// How many messages there are in which it stands, counted up to [`COUNTED`] pages.
///
/// # Errors
/// When the database refuses.
pub async fn count(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    query: &Query,
    filter: &Filter,
) -> Result<Counted> {
    let (mut counted, mut before) = (Counted::default(), None);
    for _ in 0..COUNTED {
        let found = find(db, tenant, sight, query, filter, before, MAX_LIMIT).await?;
        counted.count += i64::try_from(found.rows.len()).unwrap_or(0);
        before = found.next;
        if before.is_none() {
            counted.is_all = true;
            break;
        }
    }
    Ok(counted)
}

/// The hit in a line of the message, marked.
pub fn highlight(query: &Query, row: &Message) -> Option<String> {
    row.text
        .as_deref()
        .and_then(|text| excerpt(text, query))
        .or_else(|| excerpt(&row.preview, query))
}

fn stands_in(query: &Query, row: &Message) -> bool {
    query.has_phrases_in([row.text.as_deref().unwrap_or_default(), &row.preview])
}

/// The conversations that the filter names.
async fn within(db: &Db, tenant: TenantId, filter: &Filter) -> Result<Option<Vec<String>>> {
    if let Some(conversation) = filter.conversation {
        return Ok(Some(vec![hex(conversation)]));
    }
    let Some(contact) = filter.contact else {
        return Ok(None);
    };
    let mut all = conversations_of(db, tenant, contact).await?;
    if all.is_empty() {
        // No conversation has this id, so nothing is found.
        all.push(conversation_word("none"));
    }
    Ok(Some(all))
}

/// The next hits below a number. `few`: the question names conversations, so the hits are not many.
pub(super) async fn batch(
    db: &Db,
    tenant: TenantId,
    asked: &Value,
    few: bool,
    below: i64,
    count: usize,
) -> Result<Batch> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    if !db.is_postgres() {
        let mut args = vec![asked.clone()];
        args.extend(args![below, count, tenant]);
        return Ok(Batch::full(db.all(HITS, args).await?, count));
    }
    if !few {
        let walked = walk(db, tenant, asked, below, count, WALK).await?;
        if walked.is_full(count) || walked.on.is_none() {
            return Ok(walked);
        }
    }
    let mut args = vec![asked.clone()];
    args.extend(args![below, count, COMMON + 1]);
    let rows: Vec<(i64, i64)> = db.all(COLLECTED, args).await?;
    if rows.first().is_some_and(|row| row.1 > COMMON) {
        let walked = walk(db, tenant, asked, below, count, LONG_WALK).await?;
        return Ok(Batch {
            is_enough: !walked.is_full(count),
            ..walked
        });
    }
    let seqs: Vec<_> = rows.iter().map(|row| row.0).collect();
    let mut args = vec![crate::db::batch(&seqs)?];
    args.extend(args![tenant]);
    Ok(Batch::full(db.all(PLACES, args).await?, count))
}

/// Looks at the tenant's newest messages below a number, so many of them.
async fn walk(
    db: &Db,
    tenant: TenantId,
    asked: &Value,
    below: i64,
    count: i64,
    steps: i64,
) -> Result<Batch> {
    let end: Option<(i64,)> = db.first(FLOOR, args![tenant, below, steps - 1]).await?;
    let mut args = vec![asked.clone()];
    args.extend(args![
        below,
        count,
        tenant,
        end.map_or(i64::MIN, |row| row.0)
    ]);
    let places: Vec<Place> = db.all(WALKED, args).await?;
    let batch = Batch::full(places, count);
    Ok(Batch {
        on: batch.on.or(end.map(|row| row.0)),
        ..batch
    })
}

impl Batch {
    /// Hits that are all there are, unless they are as many as were asked for.
    fn full(places: Vec<Place>, count: i64) -> Self {
        let is_full = i64::try_from(places.len()).is_ok_and(|found| found >= count);
        let on = places.last().filter(|_| is_full).map(|place| place.seq);
        Self {
            places,
            on,
            is_enough: false,
        }
    }

    fn is_full(&self, count: i64) -> bool {
        i64::try_from(self.places.len()).is_ok_and(|found| found >= count)
    }
}
