//! What the tables say, without the ids and times that we made ourselves: two runs can be compared.

use std::collections::BTreeMap;

use store::Db;
use store::db::Sql;

/// Rows by table, sorted.
pub type Tables = BTreeMap<&'static str, Vec<String>>;

/// Columns that Meta decided, by table. `||` of texts is the same in both dialects.
const TABLES: [(&str, &[&str], &str, &str); 7] = [
    (
        "contacts",
        &[
            "t.name",
            "c.name",
            "c.wa_id",
            "c.phone",
            "c.bsuid",
            "c.username",
        ],
        "contacts c JOIN tenants t ON t.id = c.tenant_id",
        "true",
    ),
    (
        "contact_identities",
        &["t.name", "i.kind", "i.value", "c.wa_id", "c.bsuid"],
        "contact_identities i JOIN tenants t ON t.id = i.tenant_id JOIN contacts c ON c.id = i.contact_id",
        "true",
    ),
    (
        "conversations",
        &[
            "t.name",
            "v.phone_number_id",
            "c.wa_id",
            "c.bsuid",
            "v.status",
            "v.unread_count",
            "m.wamid",
            "v.last_message_preview",
            "v.last_message_direction",
            "v.last_message_at",
            "v.last_inbound_at",
        ],
        "conversations v JOIN tenants t ON t.id = v.tenant_id JOIN contacts c ON c.id = v.contact_id LEFT JOIN messages m ON m.id = v.last_message_id",
        "true",
    ),
    (
        "messages",
        &[
            "t.name",
            "m.phone_number_id",
            "c.wa_id",
            "c.bsuid",
            "m.direction",
            "m.origin",
            "m.type",
            "m.wamid",
            "m.text",
            "m.preview",
            "m.content",
            "m.reply_to",
            "m.status",
            "m.failure",
            "m.pricing",
            "m.sent_at",
            "m.delivered_at",
            "m.read_at",
            "m.played_at",
            "m.failed_at",
            "m.occurred_at",
        ],
        "messages m JOIN tenants t ON t.id = m.tenant_id JOIN contacts c ON c.id = m.contact_id JOIN conversations v ON v.id = m.conversation_id",
        "v.contact_id = m.contact_id",
    ),
    (
        "early_statuses",
        &["phone_number_id", "wamid", "progress"],
        "early_statuses",
        "true",
    ),
    (
        "account_events",
        &[
            "t.name",
            "a.waba_id",
            "a.phone_number_id",
            "a.field",
            "a.event",
            "a.raw",
        ],
        "account_events a LEFT JOIN tenants t ON t.id = a.tenant_id",
        "true",
    ),
    (
        "parked",
        &[
            "reason",
            "field",
            "waba_id",
            "phone_number_id",
            "items",
            "RAW",
        ],
        "parked",
        "replayed_at IS NULL",
    ),
];

/// Reads them all.
///
/// # Panics
/// When the database refuses.
pub async fn dump(db: &Db) -> Tables {
    let mut tables = Tables::new();
    for (table, columns, from, when) in TABLES {
        let shown = |raw: &str| {
            let columns: Vec<_> = columns
                .iter()
                .map(|column| match *column {
                    "RAW" => format!("COALESCE({raw}, '-')"),
                    column => format!("COALESCE(CAST({column} AS TEXT), '-')"),
                })
                .collect();
            let text = format!(
                "SELECT {} FROM {from} WHERE {when}",
                columns.join(" || ' | ' || ")
            );
            // Statements of the product are constants; these live as long as the test.
            &*Box::leak(text.into_boxed_str())
        };
        let sql = Sql::Each {
            sqlite: shown("hex(raw)"),
            postgres: shown("upper(encode(raw, 'hex'))"),
        };
        let rows: Vec<(String,)> = db
            .all(sql, Vec::new())
            .await
            .unwrap_or_else(|error| panic!("{table} cannot be read: {error}"));
        let mut rows: Vec<_> = rows.into_iter().map(|(row,)| row).collect();
        rows.sort_unstable();
        tables.insert(table, rows);
    }
    tables
}
