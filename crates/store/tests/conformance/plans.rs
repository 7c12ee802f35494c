//! Pages of the inbox stay inside the indexes that were made for them. SQLite is asked how it would go about it:
//! it plans without numbers of rows, so an empty database tells.

use store::db::Sql;

use crate::databases::Databases;

/// A statement, and what its plan must say.
const PLANS: [(&str, &str); 8] = [
    (
        "messages::THREAD",
        "INDEX messages_thread (conversation_id=? AND id<?)",
    ),
    (
        "messages::LIST",
        "INDEX messages_tenant (tenant_id=? AND id<?)",
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
];

#[tokio::test]
async fn pages_of_the_inbox_are_read_from_their_indexes() {
    let databases = Databases::new();
    let fresh = databases.sqlite().await;
    for (name, wanted) in PLANS {
        let (_, sql) = store::statements()
            .into_iter()
            .find(|(known, _)| known == name)
            .unwrap();
        let (Sql::Both(text) | Sql::Each { sqlite: text, .. }) = sql;
        // Statements of the product are constants; this one lives as long as the test.
        let explain = Sql::Both(Box::leak(
            format!("EXPLAIN QUERY PLAN {text}").into_boxed_str(),
        ));
        let rows: Vec<(i64, i64, i64, String)> = fresh.db.all(explain, Vec::new()).await.unwrap();
        let plan: Vec<_> = rows.into_iter().map(|(_, _, _, step)| step).collect();
        assert!(
            plan.iter().any(|step| step.contains(wanted)),
            "{name} is read otherwise: {plan:#?}"
        );
    }
}
