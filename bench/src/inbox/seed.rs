//! A business with much in its inbox, written by a few statements: through the API it would take an hour.

use anyhow::Context;
use domain::access::Role;
use domain::{Clock, SessionId, TenantId};
use sha2::{Digest as _, Sha256};
use store::Db;
use store::db::Sql;
use store::people::members;
use store::people::sessions::{self, Session};
use store::people::users::{self, User};

/// Conversations of the tenant.
pub(super) const CONVERSATIONS: u64 = 50_000;
/// Messages in all of them.
pub(super) const MESSAGES: u64 = 1_000_000;
/// The conversation with the most messages.
pub(super) const LONG: u64 = 0;
/// The newest messages all belong to [`LONG`].
pub(super) const LONG_MESSAGES: u64 = 10_000;

/// What ids of a kind begin with: like ours they sort by age, and before all that the server makes.
pub(super) const CONVERSATION: &str = "01930001";
/// See [`CONVERSATION`].
pub(super) const MESSAGE: &str = "01930002";
const CONTACT: &str = "01930003";
/// The time of the first message (µs); one comes each second.
const START: i64 = 1_780_000_000_000_000;

/// Somebody who works in the inbox.
#[derive(Clone)]
pub(super) struct Person {
    /// The secret in the session's cookie.
    pub(super) secret: String,
}

/// The id of the `n`th of a kind, 32 hex digits.
pub(super) fn id(kind: &str, n: u64) -> String {
    format!("{kind}{n:024x}")
}

/// The cursor behind a conversation.
pub(super) fn cursor_of(conversation: u64) -> String {
    let at = START + last_of(conversation) as i64 * 1_000_000;
    format!("{at}.cnv_{}", id(CONVERSATION, conversation))
}

/// The newest message of a conversation.
fn last_of(conversation: u64) -> u64 {
    if conversation == LONG {
        return MESSAGES - 1;
    }
    let spread = MESSAGES - LONG_MESSAGES;
    conversation + CONVERSATIONS * ((spread - 1 - conversation) / CONVERSATIONS)
}

/// Writes everything and signs somebody in.
pub(super) async fn sow(database: &str, tenant: &str, number: &str) -> anyhow::Result<Person> {
    let address = database.parse().context("the database's address")?;
    let db = Db::open(&address).await?;
    let owner: TenantId = tenant.parse().context("the tenant's id")?;
    let (me, person) = sign_in(&db, owner).await?;
    for statement in statements(&owner.hex(), &me, number) {
        db.run(statement, Vec::new()).await?;
    }
    // The server that made the tenant began an index, which looks for what comes after that moment.
    store::search::index::rebuild(&db).await?;
    db.close().await;
    Ok(person)
}

async fn sign_in(db: &Db, tenant: TenantId) -> anyhow::Result<(String, Person)> {
    let now = Clock::system().now();
    let email = format!("{:016x}@example.com", rand::random::<u64>());
    let user = User::new(&email, "Bench", "no password opens this".to_owned(), now);
    let secret = hex::encode(rand::random::<[u8; 32]>());
    let session = Session {
        id: SessionId::new(now),
        user_id: user.id,
        user_agent: None,
        ip: None,
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus(std::time::Duration::from_secs(24 * 3_600)),
    };
    let mut tx = db.begin().await?;
    users::insert(&mut tx, &user).await?;
    members::add(&mut tx, tenant, user.id, Role::Agent.into(), now).await?;
    sessions::insert(&mut tx, &session, Sha256::digest(&secret).to_vec()).await?;
    tx.commit().await?;
    Ok((user.id.hex(), Person { secret }))
}

/// One text for both databases, in which `#kind(n)` is the id of the n-th of a kind, `@hex@` an id, `~series(k)` the
/// numbers from 0 to k.
fn statement(text: &str) -> Sql {
    let (mut sqlite, mut postgres) = (text.to_owned(), text.to_owned());
    for (name, kind) in [("#cnv", CONVERSATION), ("#msg", MESSAGE), ("#con", CONTACT)] {
        for (column, expression) in [("(c)", "c"), ("(n)", "n"), ("(l)", "l")] {
            let from = format!("{name}{column}");
            sqlite = sqlite.replace(
                &from,
                &format!("unhex(printf('{kind}%024x', {expression}))"),
            );
            let hex = format!("('{kind}' || lpad(to_hex({expression}), 24, '0'))::uuid");
            postgres = postgres.replace(&from, &hex);
        }
    }
    while let Some((before, rest)) = sqlite.split_once('@') {
        let Some((hex, after)) = rest.split_once('@') else {
            break;
        };
        sqlite = format!("{before}x'{hex}'{after}");
    }
    while let Some((before, rest)) = postgres.split_once('@') {
        let Some((hex, after)) = rest.split_once('@') else {
            break;
        };
        postgres = format!("{before}'{hex}'::uuid{after}");
    }
    for (name, count) in [("~conversations", CONVERSATIONS), ("~messages", MESSAGES)] {
        let to = count - 1;
        sqlite = sqlite.replace(
            name,
            &format!("(WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < {to}) SELECT i FROM s)"),
        );
        postgres = postgres.replace(
            name,
            &format!("(SELECT generate_series(0, {to})::bigint AS i)"),
        );
    }
    // They live as long as the program, which is one run.
    Sql::Each {
        sqlite: Box::leak(sqlite.into_boxed_str()),
        postgres: Box::leak(postgres.into_boxed_str()),
    }
}

fn statements(tenant: &str, me: &str, number: &str) -> Vec<Sql> {
    let spread = MESSAGES - LONG_MESSAGES;
    let last = format!(
        "CASE WHEN i = {LONG} THEN {} ELSE i + {CONVERSATIONS} * (({spread} - 1 - i) / {CONVERSATIONS}) END",
        MESSAGES - 1
    );
    let texts = [
        format!(
            "INSERT INTO contacts (id, tenant_id, name, wa_id, phone, created_at, updated_at) \
             SELECT #con(c), @{tenant}@, CASE WHEN c % 3 = 0 THEN 'José López ' WHEN c % 3 = 1 THEN 'María García ' ELSE 'Ana Núñez ' END || c, \
             CAST(34600000000 + c AS TEXT), CAST(34600000000 + c AS TEXT), {START}, {START} FROM (SELECT i AS c FROM ~conversations s) t"
        ),
        format!(
            "INSERT INTO contact_identities (tenant_id, kind, value, contact_id) \
             SELECT @{tenant}@, 'phone', CAST(34600000000 + c AS TEXT), #con(c) FROM (SELECT i AS c FROM ~conversations s) t"
        ),
        format!(
            "INSERT INTO conversations (id, tenant_id, phone_number_id, contact_id, status, unread_count, last_message_id, last_message_preview, \
             last_message_direction, last_message_at, last_inbound_at, created_at, assigned_to, assigned_at, snoozed_until) \
             SELECT #cnv(c), @{tenant}@, '{number}', #con(c), CASE WHEN c % 50 = 49 THEN 'snoozed' WHEN c % 5 < 3 THEN 'open' ELSE 'closed' END, \
             CASE WHEN c % 7 = 0 THEN 2 ELSE 0 END, #msg(l), 'Buenos días, quería preguntar por el pedido ' || l, \
             CASE WHEN l % 2 = 0 THEN 'inbound' ELSE 'outbound' END, {START} + l * 1000000, {START} + l * 1000000, {START}, \
             CASE WHEN c % 20 = 0 THEN @{me}@ END, CASE WHEN c % 20 = 0 THEN {START} END, \
             CASE WHEN c % 50 = 49 THEN 4000000000000000 END FROM (SELECT i AS c, {last} AS l FROM ~conversations s) t"
        ),
        format!(
            "INSERT INTO messages (id, tenant_id, conversation_id, contact_id, phone_number_id, direction, origin, type, wamid, text, preview, content, \
             status, occurred_at, created_at) SELECT #msg(n), @{tenant}@, #cnv(c), #con(c), '{number}', \
             CASE WHEN n % 2 = 0 THEN 'inbound' ELSE 'outbound' END, CASE WHEN n % 2 = 0 THEN 'contact' ELSE 'api' END, 'text', \
             'wamid.HBgLMzQ2MDAwMDAwMDAVAgASGBQzQUJDREVGMDEyMzQ1Njc4OUFC' || n, 'Buenos días, quería preguntar por el pedido ' || n, \
             'Buenos días, quería preguntar por el pedido ' || n, \
             '{{\"from\":\"34600000000\",\"type\":\"text\",\"text\":{{\"body\":\"Buenos días, quería preguntar por el pedido ' || n || '\"}}}}', \
             CASE WHEN n % 2 = 0 THEN 'received' ELSE 'read' END, {START} + n * 1000000, {START} + n * 1000000 \
             FROM (SELECT i AS n, CASE WHEN i >= {spread} THEN {LONG} ELSE i % {CONVERSATIONS} END AS c FROM ~messages s) t"
        ),
    ];
    let mut statements: Vec<_> = texts.iter().map(|text| statement(text)).collect();
    // PostgreSQL's own housekeeping does this within minutes of such a change; SQLite has none.
    statements.push(Sql::Each {
        sqlite: "PRAGMA wal_checkpoint(TRUNCATE)",
        postgres: "VACUUM ANALYZE",
    });
    statements
}
