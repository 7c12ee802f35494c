//! Finding conversations: first those of the people whose name or number it is, the one with the newest message
//! first; then those in which somebody wrote it, the one with the newest hit first. None comes twice.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;

use domain::search::{Query, excerpt, in_contact};
use domain::{ConversationId, MessageId, Sight, TenantId, Timestamp};
use uuid::Uuid;

use super::hits::{Place, batch};
use super::{hex, people, question};
use crate::conversations::Conversation;
use crate::conversations::list::{Filter, list, of_contacts, some};
use crate::db::{self, Db, Result, Sql, args, statements};
use crate::page::{MAX_LIMIT, Page};

/// Hits that are looked at together.
const CHUNK: usize = 300;
/// Chunks, and pages of conversations, that one page looks at; then it is handed over as it is.
const LOOKS: usize = 6;
/// A conversation with more hits than this in a chunk is left out of the next one.
const TALKATIVE: usize = 20;

/// Where the next page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// Among the conversations of people, behind this one.
    Named(Timestamp, ConversationId),
    /// Among the messages, below this number of the index.
    Said(i64),
}

/// A conversation that was found.
#[derive(Debug)]
pub struct Talk {
    /// It.
    pub row: Conversation,
    /// The message in which it stands, and the line with its hits marked; none when it is the person.
    pub hit: Option<(MessageId, String)>,
}

/// A page.
#[derive(Debug, Default)]
pub struct Found {
    /// In the order of the page.
    pub rows: Vec<Talk>,
    /// Where the next one begins, when there may be more.
    pub next: Option<Cursor>,
}

#[derive(sqlx::FromRow)]
struct Text {
    #[sqlx(try_from = "Uuid")]
    id: MessageId,
    text: Option<String>,
    preview: String,
}

statements! {
    TEXTS = Sql::Each {
        sqlite: "SELECT id, text, preview FROM messages WHERE id IN (SELECT unhex(value) FROM json_each($2)) AND +tenant_id = $1",
        postgres: "SELECT id, text, preview FROM messages WHERE id IN (SELECT value::uuid FROM json_array_elements_text($2::json)) AND tenant_id = $1",
    };
    // The conversations among those asked for in which it stands higher up: they were on a page before.
    ABOVE = Sql::Each {
        sqlite: "SELECT DISTINCT d.conversation_id FROM (SELECT rowid AS seq FROM search_words WHERE search_words MATCH $1 AND rowid >= $2) h \
            CROSS JOIN search_messages d ON d.seq = h.seq WHERE d.tenant_id = $3",
        postgres: "SELECT DISTINCT d.conversation_id FROM search_words w JOIN search_messages d ON d.seq = w.seq \
            WHERE w.words @@ CAST(CAST($1 AS TEXT) AS tsquery) AND w.seq >= $2 AND d.tenant_id = $3",
    };
}

/// A page of those of the tenant's conversations that are seen and that it leads to.
///
/// # Errors
/// When the database refuses.
pub async fn find(
    db: &Db,
    tenant: TenantId,
    sight: Sight,
    filter: &Filter,
    query: &Query,
    page: Page<Cursor>,
) -> Result<Found> {
    let limit = usize::try_from(page.limit).unwrap_or(1);
    let mut found = Found::default();
    let below = match page.after {
        Some(Cursor::Said(below)) => Some(below),
        Some(Cursor::Named(at, id)) => {
            named(
                db,
                (tenant, sight),
                filter,
                query,
                Some((at, id)),
                limit,
                &mut found,
            )
            .await?
        }
        None => named(db, (tenant, sight), filter, query, None, limit, &mut found).await?,
    };
    if let Some(below) = below {
        said(db, (tenant, sight), filter, query, below, limit, &mut found).await?;
    }
    Ok(found)
}

/// Those of people; then the number below which the messages begin, when these were not enough for the page.
async fn named(
    db: &Db,
    (tenant, sight): (TenantId, Sight),
    filter: &Filter,
    query: &Query,
    mut after: Option<(Timestamp, ConversationId)>,
    limit: usize,
    found: &mut Found,
) -> Result<Option<i64>> {
    const ALL_MESSAGES: Option<i64> = Some(i64::MAX);
    if query.has_phrases() {
        return Ok(ALL_MESSAGES);
    }
    let keep = |found: &mut Found, row: Conversation| {
        let place = Cursor::Named(row.last_message_at, row.id);
        found.rows.push(Talk { row, hit: None });
        if found.rows.len() == limit {
            found.next = Some(place);
        }
        found.next.is_some()
    };
    if let Some(contacts) = people::find(db, tenant, query).await? {
        let contacts: Vec<_> = contacts.iter().map(|id| id.simple().to_string()).collect();
        let page = Page::new(after, i64::try_from(limit).unwrap_or(MAX_LIMIT));
        for row in of_contacts(db, tenant, sight, filter, &contacts, page).await? {
            if keep(found, row) {
                return Ok(None);
            }
        }
        return Ok(ALL_MESSAGES);
    }
    // A name that many have: soon there is one among the newest conversations.
    for _ in 0..LOOKS {
        let rows = list(db, tenant, sight, filter, Page::new(after, MAX_LIMIT)).await?;
        let is_last = i64::try_from(rows.len()).is_ok_and(|count| count < MAX_LIMIT);
        after = rows
            .last()
            .map(|row| (row.last_message_at, row.id))
            .or(after);
        for row in rows {
            if is_of(query, &row) && keep(found, row) {
                return Ok(None);
            }
        }
        if is_last {
            return Ok(ALL_MESSAGES);
        }
    }
    found.next = after.map(|(at, id)| Cursor::Named(at, id));
    Ok(None)
}

/// Those in which somebody wrote it.
async fn said(
    db: &Db,
    (tenant, sight): (TenantId, Sight),
    filter: &Filter,
    query: &Query,
    begin: i64,
    limit: usize,
    found: &mut Found,
) -> Result<()> {
    let (mut below, mut seen) = (begin, HashSet::new());
    let mut talkative: Vec<String> = Vec::new();
    for look in 1.. {
        let asked = question(db, tenant, None, &talkative, query);
        let batch = batch(db, tenant, &asked, false, below, CHUNK).await?;
        let mut hits: HashMap<ConversationId, usize> = HashMap::new();
        for place in &batch.places {
            *hits.entry(place.conversation_id).or_default() += 1;
        }
        let often = hits.iter().filter(|hit| *hit.1 > TALKATIVE);
        talkative.extend(often.map(|hit| hex(*hit.0)));
        let mut firsts = Vec::new();
        for place in batch.places {
            // With phrases the words alone do not tell yet which is the first one.
            if query.has_phrases() || seen.insert(place.conversation_id) {
                firsts.push(place);
            }
        }
        for (place, talk) in talks(db, (tenant, sight), filter, query, begin, &firsts).await? {
            if query.has_phrases() && !seen.insert(place.conversation_id) {
                continue;
            }
            found.rows.push(talk);
            if found.rows.len() == limit {
                found.next = Some(Cursor::Said(place.seq));
                return Ok(());
            }
        }
        match batch.on {
            None => return Ok(()),
            Some(on) if look >= LOOKS || batch.is_enough => {
                found.next = Some(Cursor::Said(on));
                return Ok(());
            }
            Some(on) => below = on,
        }
    }
    Ok(())
}

/// The conversations of hits, in their order, without those that another page has.
async fn talks(
    db: &Db,
    (tenant, sight): (TenantId, Sight),
    filter: &Filter,
    query: &Query,
    begin: i64,
    hits: &[Place],
) -> Result<Vec<(Place, Talk)>> {
    let ids: HashSet<_> = hits
        .iter()
        .map(|place| hex(place.conversation_id))
        .collect();
    let ids: Vec<_> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut above: HashSet<Uuid> = HashSet::new();
    if begin < i64::MAX {
        let mut args = vec![question(db, tenant, Some(&ids), &[], query)];
        args.extend(args![begin, tenant]);
        let rows: Vec<(Uuid,)> = db.all(ABOVE, args).await?;
        above.extend(rows.into_iter().map(|(id,)| id));
    }
    let rows = some(db, tenant, sight, filter, &ids).await?;
    let mut rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let messages: Vec<_> = hits.iter().map(|place| place.message_id.hex()).collect();
    let mut args = args![tenant];
    args.push(db::batch(&messages)?);
    let texts: Vec<Text> = db.all(TEXTS, args).await?;
    let texts: HashMap<_, _> = texts.iter().map(|row| (row.id, row)).collect();
    let mut talks = Vec::new();
    for place in hits {
        let Some(text) = texts.get(&place.message_id) else {
            continue;
        };
        let written = [text.text.as_deref().unwrap_or_default(), &text.preview];
        if above.contains(&place.conversation_id.0) || !query.has_phrases_in(written) {
            continue;
        }
        let Some(row) = rows.remove(&place.conversation_id) else {
            continue;
        };
        if is_of(query, &row) {
            continue;
        }
        let line = written.iter().find_map(|text| excerpt(text, query));
        let hit = Some((
            place.message_id,
            line.unwrap_or_else(|| text.preview.clone()),
        ));
        talks.push((*place, Talk { row, hit }));
    }
    Ok(talks)
}

/// Whether it is the name, the username or the number of the conversation's contact.
fn is_of(query: &Query, row: &Conversation) -> bool {
    let names = [&row.contact_name, &row.contact_username];
    let words = in_contact(
        names.into_iter().filter_map(Option::as_deref),
        row.contact_phone.as_deref(),
    );
    query.finds(&words)
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(at, id) => write!(f, "{}.{id}", at.0),
            Self::Said(below) => write!(f, "{below}"),
        }
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        match text.split_once('.') {
            Some((at, id)) => {
                let at = at.parse().map_err(drop)?;
                Ok(Self::Named(Timestamp(at), id.parse().map_err(drop)?))
            }
            None => text.parse().map(Self::Said).map_err(drop),
        }
    }
}
