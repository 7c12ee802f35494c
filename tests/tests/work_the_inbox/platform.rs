//! What the platform's pages hear.

use serde_json::json;
use testkit::{each_database, number, webhook};

use crate::{customer, note, talk};

const STREAM: &str = "/api/v1/admin/stream";
/// What else may happen meanwhile.
const PASSING: [&str; 3] = ["intake.changed", "alerts.changed", "template.changed"];

#[tokio::test(flavor = "multi_thread")]
async fn numbers_tenants_and_the_intake_are_heard_and_messages_are_not() {
    each_database(async |app| {
        let admin = app.admin();
        let mut stream = admin.listen_at(STREAM, None).await;
        let shop = app.tenant(1).await;
        let created = stream.next_of("tenant.created").await;
        assert_eq!(created.data, json!({ "tenant_id": shop.id }));
        let assigned = stream.next_of("number.assigned").await;
        assert_eq!(
            assigned.data,
            json!({ "tenant_id": shop.id, "phone_number_id": number(1) })
        );
        let id = talk(app, &shop, &customer(1), "secreto").await;
        shop.api
            .post(&format!("/api/v1/conversations/{id}/notes"), &note("x"))
            .await
            .expect(201);
        app.change_tenant(&shop, &json!({ "language": "es" })).await;
        let mut between = Vec::new();
        loop {
            let event = stream.next().await;
            if event.kind == "tenant.updated" {
                break;
            }
            between.push(event.kind);
        }
        let foreign: Vec<_> = between
            .iter()
            .filter(|kind| !PASSING.contains(&kind.as_str()))
            .collect();
        assert!(foreign.is_empty(), "{foreign:?}");
        // Something that has no home is parked.
        let unknown = webhook::text(
            "555000555000555",
            &customer(1),
            "wamid.nowhere",
            1_780_000_000,
            "?",
        );
        app.delivered(webhook::post([unknown]).to_string()).await;
        loop {
            let event = stream.next_of("intake.changed").await;
            assert_eq!(event.id, 0, "it is not in the log");
            if event.data["parked"] == 1 {
                break;
            }
        }
        // Who was away is told what happened meanwhile.
        let mut resumed = admin.listen_at(STREAM, Some(created.id)).await;
        assert_eq!(resumed.next_of("number.assigned").await, assigned);
        let refused = shop.api.get(STREAM).await;
        refused.expect_problem(403, "forbidden");
    })
    .await;
}
