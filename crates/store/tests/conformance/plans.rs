//! Pages of the inbox and the sender's questions stay inside the indexes that were made for them. SQLite is asked how it would go about it:
//! it plans without numbers of rows, so an empty database tells.

use store::db::Sql;

use crate::databases::{Databases, Fresh};

/// A statement, and what its plan must say.
const PLANS: &[(&str, &str)] = &[
    (
        "messages::list::THREAD",
        "INDEX messages_thread (conversation_id=? AND id>? AND id<?)",
    ),
    (
        "messages::list::LIST",
        "INDEX messages_tenant (tenant_id=? AND id>? AND id<?)",
    ),
    (
        "messages::list::THREAD_ON",
        "INDEX messages_thread (conversation_id=? AND id>?)",
    ),
    (
        "messages::list::FLOOR",
        "COVERING INDEX messages_tenant (tenant_id=? AND id>? AND id<?)",
    ),
    (
        "messages::count::ALL",
        "COVERING INDEX messages_tenant (tenant_id=?)",
    ),
    (
        "conversations::list::OF_CONTACTS",
        "INDEX conversations_pair (tenant_id=? AND contact_id=?)",
    ),
    (
        "search::index::FIRST_AFTER",
        "COVERING INDEX sqlite_autoindex_messages_1 (id>?)",
    ),
    (
        "search::index::LATE",
        "COVERING INDEX search_messages_message (message_id=?)",
    ),
    (
        "search::hits::HITS",
        "SEARCH d USING INTEGER PRIMARY KEY (rowid=?)",
    ),
    (
        "conversations::list::ALL",
        "COVERING INDEX conversations_recent (tenant_id=? AND (last_message_at,id)<(?,?))",
    ),
    (
        "conversations::list::ALL_BY_STATUS",
        "COVERING INDEX conversations_inbox (tenant_id=? AND status=? AND (last_message_at,id)<(?,?))",
    ),
    (
        "conversations::list::OF_BY_STATUS",
        "COVERING INDEX conversations_mine (tenant_id=? AND assigned_to=? AND (last_message_at,id)<(?,?))",
    ),
    (
        "conversations::list::OWN",
        "COVERING INDEX conversations_recent (tenant_id=? AND (last_message_at,id)<(?,?))",
    ),
    (
        "conversations::list::OWN_BY_STATUS",
        "COVERING INDEX conversations_inbox (tenant_id=? AND status=? AND (last_message_at,id)<(?,?))",
    ),
    (
        "conversations::list::UNASSIGNED_BY_STATUS",
        "COVERING INDEX conversations_inbox (tenant_id=? AND status=? AND (last_message_at,id)<(?,?))",
    ),
    (
        "conversations::list::COUNT",
        "COVERING INDEX conversations_inbox (tenant_id=? AND status=?)",
    ),
    (
        "conversations::work::DUE",
        "INDEX conversations_snoozed (snoozed_until>? AND snoozed_until<?)",
    ),
    ("templates::STOPPED", "INDEX templates_stopped"),
    ("events::WHOSE", "COVERING INDEX events_turns (tenant_id>?)"),
    ("events::WAITING", "INDEX events_turns (tenant_id=?)"),
    (
        "events::LIST_FAILED",
        "INDEX notification_results_message (message_id=?)",
    ),
    (
        "events::results::STUCK",
        "INDEX notification_results_stuck (tenant_id=? AND event_id<?)",
    ),
    (
        "events::results::CANCEL",
        "INDEX notification_results_open (tenant_id=? AND rule_id=? AND key=?)",
    ),
    (
        "outbox::claim::WAITING",
        "INDEX outbox_due (phone_number_id=? AND tenant_id>?)",
    ),
    (
        "outbox::claim::WAITING",
        "INDEX outbox_due (phone_number_id>?)",
    ),
    (
        "outbox::claim::DUE",
        "INDEX outbox_due (phone_number_id=? AND tenant_id=?)",
    ),
    (
        "outbox::claim::ORPHANS",
        "INDEX outbox_claimed (claimed_by>?)",
    ),
    ("outbox::claim::RELEASE", "INDEX outbox_held (hold_until<?)"),
    (
        "outbox::claim::UNSETTLED",
        "INDEX outbox_unsettled (settle_at<?)",
    ),
    (
        "outbox::stop::EXPIRED",
        "INDEX outbox_expiry (send_before<?)",
    ),
];

#[tokio::test]
async fn pages_of_the_inbox_and_the_queue_are_read_from_their_indexes() {
    let databases = Databases::new();
    let fresh = databases.sqlite().await;
    for (name, wanted) in PLANS {
        let (_, sql) = store::statements()
            .into_iter()
            .find(|(known, _)| known == name)
            .unwrap();
        let plan: Vec<_> = plan(&fresh, sql)
            .await
            .into_iter()
            .map(|(_, _, _, step)| step)
            .collect();
        assert!(
            plan.iter().any(|step| step.contains(wanted)),
            "{name} is read otherwise: {plan:#?}"
        );
    }
}

/// Id, parent, and the step in words.
async fn plan(fresh: &Fresh, sql: Sql) -> Vec<(i64, i64, i64, String)> {
    let (Sql::Both(text) | Sql::Each { sqlite: text, .. }) = sql;
    // Statements of the product are constants; this one lives as long as the test.
    let explain = Sql::Both(Box::leak(
        format!("EXPLAIN QUERY PLAN {text}").into_boxed_str(),
    ));
    fresh.db.all(explain, Vec::new()).await.unwrap()
}

/// A batch that is read again for every row of a table costs the product of both, and is parsed each time.
#[tokio::test]
async fn a_batch_is_read_once_and_its_rows_are_looked_up() {
    let databases = Databases::new();
    let fresh = databases.sqlite().await;
    let mut wrong = Vec::new();
    for (name, sql) in store::statements() {
        let steps = plan(&fresh, sql).await;
        for (place, (_, parent, _, step)) in steps.iter().enumerate() {
            let outer = steps[..place].iter().find(|(_, beside, _, other)| {
                beside == parent && (other.starts_with("SCAN") || other.starts_with("SEARCH"))
            });
            if let Some((_, _, _, outer)) = outer.filter(|_| step.contains("VIRTUAL TABLE")) {
                wrong.push(format!("{name}: {step} for every row of {outer}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
