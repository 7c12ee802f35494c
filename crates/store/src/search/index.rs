//! Writing the index. How far it has come is committed together with what was indexed, and moved only from where
//! it was read: of two indexers one loses and rolls back, and after a crash it goes on where it stands.

use domain::search::VERSION;
use domain::{ConversationId, MessageId, TenantId};
use serde::Serialize;
use uuid::Uuid;

use super::{conversation_word, tenant_word};
use crate::db::{Db, Result, Sql, Tx, args, batch, statements};

/// The number of the first message: newer ones count up from here, older ones down.
const MIDDLE: i64 = 1 << 40;

/// How far the index has come.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct State {
    /// By which rules its words were made.
    pub version: i64,
    /// Messages up to here are indexed, in the order in which they came.
    pub head: Uuid,
    /// Up to here it was looked whether one came late.
    pub swept: Uuid,
    /// Messages before this one wait for their turn; none: all are indexed.
    pub below: Option<Uuid>,
    /// Contacts after this one wait for their turn; none: all are indexed.
    pub contacts: Option<Uuid>,
    /// The number of the next newer message.
    pub top: i64,
    /// The number of the next older message.
    pub bottom: i64,
}

/// A message as it is read for the index.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Source {
    /// Its id.
    #[sqlx(try_from = "Uuid")]
    pub id: MessageId,
    /// Whose it is.
    #[sqlx(try_from = "Uuid")]
    pub tenant_id: TenantId,
    /// Where it stands.
    #[sqlx(try_from = "Uuid")]
    pub conversation_id: ConversationId,
    /// Meta's type.
    #[sqlx(rename = "type")]
    pub kind: String,
    /// Its text.
    pub text: Option<String>,
    /// What Meta sent or was sent; not read of mere texts.
    pub content: Option<String>,
}

/// A contact as it is read for the index.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Person {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    #[sqlx(try_from = "Uuid")]
    pub tenant_id: TenantId,
    /// The name in the profile.
    pub name: Option<String>,
    /// As Meta writes it.
    pub wa_id: Option<String>,
    /// Digits.
    pub phone: Option<String>,
    /// Username.
    pub username: Option<String>,
}

/// What a message or a contact is found by. Without words it is left out.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<i64>,
    id: String,
    tenant: String,
    conversation: String,
    words: String,
}

impl Entry {
    /// Of a message.
    pub fn of_message(message: &Source, words: &[String]) -> Self {
        let conversation = message.conversation_id.hex();
        let ours = [
            tenant_word(message.tenant_id),
            conversation_word(&conversation),
        ];
        Self::new(
            message.id.hex(),
            message.tenant_id,
            conversation,
            &ours,
            words,
        )
    }

    /// Of a contact.
    pub fn of_contact(person: &Person, words: &[String]) -> Self {
        let id = person.id.simple().to_string();
        Self::new(
            id,
            person.tenant_id,
            String::new(),
            &[tenant_word(person.tenant_id)],
            words,
        )
    }

    fn new(
        id: String,
        tenant: TenantId,
        conversation: String,
        ours: &[String],
        words: &[String],
    ) -> Self {
        let has_words = !words.is_empty();
        Self {
            seq: None,
            id,
            tenant: tenant.hex(),
            conversation,
            words: if has_words {
                [ours, words].concat().join(" ")
            } else {
                String::new()
            },
        }
    }

    fn is_found(&self) -> bool {
        !self.words.is_empty()
    }
}

macro_rules! source {
    () => {
        "SELECT m.id, m.tenant_id, m.conversation_id, m.type, m.text, CASE WHEN m.type IN ('text', 'note') THEN NULL ELSE m.content END AS content \
         FROM messages m WHERE m.type <> 'activity' AND "
    };
}
macro_rules! person {
    () => {
        "SELECT c.id, c.tenant_id, c.name, c.wa_id, c.phone, c.username FROM contacts c WHERE "
    };
}

statements! {
    READ = Sql::Both("SELECT version, head, swept, below, contacts, top, bottom FROM search_state WHERE name = 'all'");
    OPEN = Sql::Both("INSERT INTO search_state (name, version, head, swept, below, contacts, top, bottom) VALUES ('all', $1, $2, $2, $3, $4, $5, $5) \
        ON CONFLICT (name) DO NOTHING");
    ADVANCE = Sql::Both("UPDATE search_state SET head = $1, swept = $2, below = $3, contacts = $4, top = $5, bottom = $6 \
        WHERE name = 'all' AND head = $7 AND swept = $8 AND below IS NOT DISTINCT FROM $9 AND contacts IS NOT DISTINCT FROM $10 AND top = $11 AND bottom = $12");
    NEWEST = Sql::Both("SELECT id FROM messages ORDER BY id DESC LIMIT 1");
    OLDEST_CONTACT = Sql::Both("SELECT id FROM contacts ORDER BY id LIMIT 1");
    FIRST_AFTER = Sql::Both("SELECT id FROM messages WHERE id > $1 ORDER BY id LIMIT 1");
    LAST_OF = Sql::Both("SELECT id FROM messages WHERE id > $1 AND id <= $2 ORDER BY id LIMIT 1 OFFSET $3");
    LAST_BELOW = Sql::Both("SELECT id FROM messages WHERE id < $1 ORDER BY id DESC LIMIT 1 OFFSET $2");
    BETWEEN = Sql::Both(concat!(source!(), "m.id > $1 AND m.id <= $2 ORDER BY m.id"));
    OLDER = Sql::Both(concat!(source!(), "m.id >= $1 AND m.id < $2 ORDER BY m.id DESC"));
    LATE = Sql::Both(concat!(source!(), "m.id > $1 AND m.id <= $2 AND NOT EXISTS (SELECT 1 FROM search_messages d WHERE d.message_id = m.id) ORDER BY m.id"));
    SOME = Sql::Each {
        sqlite: concat!(source!(), "m.id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: concat!(source!(), "m.id IN (SELECT value::uuid FROM json_array_elements_text($1::json))"),
    };
    // Who wrote or was written to for the first time comes with the message.
    NEW_CONTACTS = Sql::Both(concat!(person!(), "c.id IN (SELECT m.contact_id FROM messages m WHERE m.id > $1 AND m.id <= $2) \
        AND NOT EXISTS (SELECT 1 FROM search_contacts d WHERE d.contact_id = c.id)"));
    CONTACTS = Sql::Both(concat!(person!(), "c.id > $1 ORDER BY c.id LIMIT $2"));
    SOME_CONTACTS = Sql::Each {
        sqlite: concat!(person!(), "c.id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: concat!(person!(), "c.id IN (SELECT value::uuid FROM json_array_elements_text($1::json))"),
    };
    // What is deleted while it is being indexed does not come back.
    ADD_MESSAGES = Sql::Each {
        sqlite: "INSERT INTO search_messages (seq, tenant_id, message_id, conversation_id) \
            SELECT b.value->>'seq', unhex(b.value->>'tenant'), unhex(b.value->>'id'), unhex(b.value->>'conversation') FROM json_each($1) b \
            WHERE EXISTS (SELECT 1 FROM messages m WHERE m.id = unhex(b.value->>'id')) ON CONFLICT (message_id) DO NOTHING",
        postgres: "INSERT INTO search_messages (seq, tenant_id, message_id, conversation_id) SELECT b.seq, b.tenant, b.id, b.conversation \
            FROM json_to_recordset($1::json) AS b(seq bigint, id uuid, tenant uuid, conversation uuid) \
            WHERE EXISTS (SELECT 1 FROM messages m WHERE m.id = b.id) ON CONFLICT (message_id) DO NOTHING",
    };
    ADD_WORDS = Sql::Each {
        sqlite: "INSERT OR REPLACE INTO search_words (rowid, words) SELECT d.seq, b.value->>'words' FROM json_each($1) b \
            CROSS JOIN search_messages d ON d.seq = b.value->>'seq' AND d.message_id = unhex(b.value->>'id')",
        postgres: "INSERT INTO search_words (seq, words) SELECT d.seq, array_to_tsvector(string_to_array(b.words, ' ')) \
            FROM json_to_recordset($1::json) AS b(seq bigint, id uuid, words text) \
            JOIN search_messages d ON d.seq = b.seq AND d.message_id = b.id ON CONFLICT (seq) DO UPDATE SET words = EXCLUDED.words",
    };
    ADD_CONTACTS = Sql::Each {
        sqlite: "INSERT INTO search_contacts (seq, tenant_id, contact_id) SELECT COALESCE((SELECT MAX(seq) FROM search_contacts), 0) + 1 + b.key, \
            unhex(b.value->>'tenant'), unhex(b.value->>'id') FROM json_each($1) b \
            WHERE EXISTS (SELECT 1 FROM contacts c WHERE c.id = unhex(b.value->>'id')) ON CONFLICT (contact_id) DO NOTHING",
        postgres: "INSERT INTO search_contacts (seq, tenant_id, contact_id) SELECT COALESCE((SELECT MAX(seq) FROM search_contacts), 0) + b.n, b.tenant, b.id \
            FROM ROWS FROM (json_to_recordset($1::json) AS (id uuid, tenant uuid)) WITH ORDINALITY AS b(id, tenant, n) \
            WHERE EXISTS (SELECT 1 FROM contacts c WHERE c.id = b.id) ON CONFLICT (contact_id) DO NOTHING",
    };
    ADD_NAMES = Sql::Each {
        sqlite: "INSERT OR REPLACE INTO search_names (rowid, words) SELECT d.seq, b.value->>'words' FROM json_each($1) b \
            CROSS JOIN search_contacts d ON d.contact_id = unhex(b.value->>'id')",
        postgres: "INSERT INTO search_names (seq, words) SELECT d.seq, array_to_tsvector(string_to_array(b.words, ' ')) \
            FROM json_to_recordset($1::json) AS b(id uuid, words text) JOIN search_contacts d ON d.contact_id = b.id \
            ON CONFLICT (seq) DO UPDATE SET words = EXCLUDED.words",
    };
    TAKE_AGAIN = Sql::Each {
        sqlite: "DELETE FROM search_again WHERE id IN (SELECT id FROM search_again ORDER BY id LIMIT $1) RETURNING id, kind",
        postgres: "DELETE FROM search_again WHERE id IN (SELECT id FROM search_again ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING id, kind",
    };
    ANY_AGAIN = Sql::Both("SELECT id, kind FROM search_again LIMIT 1");
    // PostgreSQL's half of the next ones is found by its primary keys; SQLite's FTS5 knows only the rowid.
    FORGET_WORDS = Sql::Each {
        sqlite: "DELETE FROM search_words WHERE rowid IN (SELECT d.seq FROM json_each($1) b CROSS JOIN search_messages d ON d.message_id = unhex(b.value))",
        postgres: "DELETE FROM search_words WHERE seq IN (SELECT d.seq FROM json_array_elements_text($1::json) b JOIN search_messages d ON d.message_id = b.value::uuid)",
    };
    FORGET_NAMES = Sql::Each {
        sqlite: "DELETE FROM search_names WHERE rowid IN (SELECT d.seq FROM json_each($1) b CROSS JOIN search_contacts d ON d.contact_id = unhex(b.value))",
        postgres: "DELETE FROM search_names WHERE seq IN (SELECT d.seq FROM json_array_elements_text($1::json) b JOIN search_contacts d ON d.contact_id = b.value::uuid)",
    };
    SEQS = Sql::Each {
        sqlite: "SELECT d.message_id, d.seq FROM json_each($1) b CROSS JOIN search_messages d ON d.message_id = unhex(b.value)",
        postgres: "SELECT d.message_id, d.seq FROM json_array_elements_text($1::json) b JOIN search_messages d ON d.message_id = b.value::uuid",
    };
    CLEAR_WORDS = Sql::Each {
        sqlite: "INSERT INTO search_words (search_words) VALUES ('delete-all')",
        postgres: "DELETE FROM search_words",
    };
    CLEAR_NAMES = Sql::Each {
        sqlite: "INSERT INTO search_names (search_names) VALUES ('delete-all')",
        postgres: "DELETE FROM search_names",
    };
    CLEAR_MESSAGES = Sql::Both("DELETE FROM search_messages");
    CLEAR_CONTACTS = Sql::Both("DELETE FROM search_contacts");
    CLEAR_AGAIN = Sql::Both("DELETE FROM search_again");
    CLEAR_STATE = Sql::Both("DELETE FROM search_state");
}

/// How far the index has come; begun where there is none yet, and anew where its words were made by other rules.
///
/// # Errors
/// When the database refuses.
pub async fn open(db: &Db) -> Result<State> {
    loop {
        match read(db).await? {
            Some(state) if state.version == VERSION => return Ok(state),
            Some(_) => rebuild(db).await?,
            None => {
                let newest: Option<(Uuid,)> = db.first(NEWEST, args![]).await?;
                let newest = newest.map(|row| row.0);
                let oldest: Option<(Uuid,)> = db.first(OLDEST_CONTACT, args![]).await?;
                // All messages up to the newest wait, itself included.
                let below = newest.map(|id| Uuid::from_u128(id.as_u128().saturating_add(1)));
                let contacts = oldest.map(|_| Uuid::nil());
                let head = newest.unwrap_or(Uuid::nil());
                db.run(OPEN, args![VERSION, head, below, contacts, MIDDLE])
                    .await?;
            }
        }
    }
}

/// How far the index has come, if it has begun.
///
/// # Errors
/// When the database refuses.
pub async fn read(db: &Db) -> Result<Option<State>> {
    db.first(READ, args![]).await
}

/// Throws the index away; it is built anew from what is on file.
///
/// # Errors
/// When the database refuses.
pub async fn rebuild(db: &Db) -> Result<()> {
    let mut tx = db.begin().await?;
    // First, so that an indexer at work finds nothing to move on.
    for statement in [
        CLEAR_STATE,
        CLEAR_WORDS,
        CLEAR_NAMES,
        CLEAR_MESSAGES,
        CLEAR_CONTACTS,
        CLEAR_AGAIN,
    ] {
        tx.run(statement, args![]).await?;
    }
    tx.commit().await
}

/// Moves the state. False when somebody else has moved it: roll back. Done first in a transaction it also keeps
/// deletions of messages waiting until it ends.
///
/// # Errors
/// When the database refuses.
pub async fn advance(tx: &mut Tx, from: &State, to: &State) -> Result<bool> {
    let args = args![
        to.head,
        to.swept,
        to.below,
        to.contacts,
        to.top,
        to.bottom,
        from.head,
        from.swept,
        from.below,
        from.contacts,
        from.top,
        from.bottom
    ];
    Ok(tx.run(ADVANCE, args).await? == 1)
}

/// The oldest message after the head.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_first_after(db: &Db, head: Uuid) -> Result<Option<MessageId>> {
    let first: Option<(Uuid,)> = db.first(FIRST_AFTER, args![head]).await?;
    Ok(first.map(|(id,)| MessageId(id)))
}

/// The last of at most `count` messages after one and up to another: how far a batch reaches. None when there is none.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_reach(
    db: &Db,
    after: Uuid,
    until: Uuid,
    count: i64,
) -> Result<Option<Uuid>> {
    if after >= until {
        return Ok(None);
    }
    let last: Option<(Uuid,)> = db.first(LAST_OF, args![after, until, count - 1]).await?;
    if let Some((id,)) = last {
        return Ok(Some(id));
    }
    let first: Option<(Uuid,)> = db.first(LAST_OF, args![after, until, 0_i64]).await?;
    Ok(first.map(|_| until))
}

/// The messages after one and up to another.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_between(db: &Db, after: Uuid, until: Uuid) -> Result<Vec<Source>> {
    db.all(BETWEEN, args![after, until]).await
}

/// Of them, those that are not in the index.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_late(db: &Db, after: Uuid, until: Uuid) -> Result<Vec<Source>> {
    db.all(LATE, args![after, until]).await
}

/// At most `count` messages before one, newest first; and the first of them, from which to go on: none at the end.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_older(
    db: &Db,
    below: Uuid,
    count: i64,
) -> Result<(Vec<Source>, Option<Uuid>)> {
    let end: Option<(Uuid,)> = db.first(LAST_BELOW, args![below, count - 1]).await?;
    let end = end.map(|(id,)| id);
    let rows = db
        .all(OLDER, args![end.unwrap_or(Uuid::nil()), below])
        .await?;
    Ok((rows, end))
}

/// The people of these messages who are not in the index.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_new_contacts(db: &Db, after: Uuid, until: Uuid) -> Result<Vec<Person>> {
    db.all(NEW_CONTACTS, args![after, until]).await
}

/// At most `count` contacts after one.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_contacts(db: &Db, after: Uuid, count: i64) -> Result<Vec<Person>> {
    db.all(CONTACTS, args![after, count]).await
}

/// Whether something was changed after it was indexed.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_is_changed(db: &Db) -> Result<bool> {
    let any: Option<(Uuid, String)> = db.first(ANY_AGAIN, args![]).await?;
    Ok(any.is_some())
}

/// Takes what was changed, forgets its words and reads it anew; at most `count` of them. They are not read before
/// they are taken: what changes after that is noted once more.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_take_changed(
    tx: &mut Tx,
    count: i64,
) -> Result<(Vec<Source>, Vec<Person>)> {
    let taken: Vec<(Uuid, String)> = tx.all(TAKE_AGAIN, args![count]).await?;
    let (messages, contacts): (Vec<_>, Vec<_>) =
        taken.into_iter().partition(|(_, kind)| kind == "message");
    let ids = |rows: Vec<(Uuid, String)>| {
        rows.into_iter()
            .map(|(id, _)| id.simple().to_string())
            .collect::<Vec<_>>()
    };
    let (messages, contacts) = (batch(&ids(messages))?, batch(&ids(contacts))?);
    tx.run(FORGET_WORDS, vec![messages.clone()]).await?;
    tx.run(FORGET_NAMES, vec![contacts.clone()]).await?;
    Ok((
        tx.all(SOME, vec![messages]).await?,
        tx.all(SOME_CONTACTS, vec![contacts]).await?,
    ))
}

/// Writes messages with the numbers that `place` gives; those that are there already keep theirs, and their words
/// must have been forgotten before.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_add(
    tx: &mut Tx,
    entries: Vec<Entry>,
    mut place: impl FnMut() -> i64,
) -> Result<()> {
    let entries: Vec<_> = entries
        .into_iter()
        .filter(Entry::is_found)
        .map(|entry| Entry {
            seq: Some(place()),
            ..entry
        })
        .collect();
    if entries.is_empty() {
        return Ok(());
    }
    let rows = batch(&entries)?;
    tx.run(ADD_MESSAGES, vec![rows.clone()]).await?;
    tx.run(ADD_WORDS, vec![rows]).await.map(drop)
}

/// Writes changed messages anew, each in its old place.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_change(
    tx: &mut Tx,
    entries: Vec<Entry>,
    mut place: impl FnMut() -> i64,
) -> Result<()> {
    let ids: Vec<_> = entries.iter().map(|entry| entry.id.as_str()).collect();
    let known: Vec<(Uuid, i64)> = tx.all(SEQS, vec![batch(&ids)?]).await?;
    let known: std::collections::HashMap<String, i64> = known
        .into_iter()
        .map(|(id, seq)| (id.simple().to_string(), seq))
        .collect();
    let entries: Vec<_> = entries
        .into_iter()
        .filter(Entry::is_found)
        .map(|entry| Entry {
            seq: Some(known.get(&entry.id).copied().unwrap_or_else(&mut place)),
            ..entry
        })
        .collect();
    if entries.is_empty() {
        return Ok(());
    }
    let rows = batch(&entries)?;
    tx.run(ADD_MESSAGES, vec![rows.clone()]).await?;
    tx.run(ADD_WORDS, vec![rows]).await.map(drop)
}

/// Writes contacts, new ones or such whose words were forgotten.
///
/// # Errors
/// When the database refuses.
pub async fn any_tenant_add_contacts(tx: &mut Tx, entries: &[Entry]) -> Result<()> {
    let entries: Vec<_> = entries.iter().filter(|entry| entry.is_found()).collect();
    if entries.is_empty() {
        return Ok(());
    }
    let rows = batch(&entries)?;
    tx.run(ADD_CONTACTS, vec![rows.clone()]).await?;
    tx.run(ADD_NAMES, vec![rows]).await.map(drop)
}
