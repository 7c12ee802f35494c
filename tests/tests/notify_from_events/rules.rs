//! Rules are held against the tenant's templates when they are written, and can be tried out.

use serde_json::{Value, json};
use testkit::each_database;

use crate::stage::{example, order, report, rule, template};

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_could_never_be_sent_is_refused() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let named = json!([{ "type": "BODY", "text": "Hola {{customer}}, su cita está confirmada.", "example": { "body_text_named_params": [{ "param_name": "customer", "example": "Ana" }] } }]);
        template(app, json!({ "name": "named_one", "parameter_format": "NAMED", "components": named })).await;
        let with = |pointer: &str, value: Value| {
            let mut rule = example("purchase_order.created");
            *rule.pointer_mut(pointer).unwrap() = value;
            rule
        };
        for (rule, field) in [
            (with("/template/name", json!("no_such_template")), "template.name"),
            (with("/template/language/is", json!("fr")), "template.language"),
            (with("/parameters/body", json!([{ "path": "data.supplier.name" }])), "parameters.body"),
            (with("/parameters", json!({ "header": [{ "text": "x" }], "body": [{ "text": "a" }, { "text": "b" }, { "text": "c" }] })), "parameters.header"),
            (with("/parameters/body/0/path", json!("data.[")), "parameters.body[0].path"),
            (with("/template", json!({ "name": "named_one", "language": { "is": "es" } })), "parameters.body"),
            (with("/template/name", json!("PO Notification")), "template.name"),
        ] {
            let problem = shop.api.post("/api/v1/notification-rules", &rule).await.expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
        assert!(shop.api.all("/api/v1/notification-rules").await.is_empty());
        let right = json!({ "name": "Named", "event_type": "appointment.*", "recipient": { "path": "data.phone" },
            "template": { "name": "named_one", "language": { "is": "es" } }, "parameters": { "body": { "customer": { "path": "data.name" } } } });
        rule(&shop, &right).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_what_would_be_sent_and_sends_nothing() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let written = example("purchase_order.created");
        let data = order("x")["data"].clone();
        let run = shop
            .api
            .post(
                "/api/v1/notification-rules/dry-run",
                &json!({ "rule": written, "data": data }),
            )
            .await
            .expect(200);
        assert_eq!(
            (&run["matches"], &run["template"], &run["language"]),
            (&json!(true), &json!("po_notification"), &json!("es")),
            "{run}"
        );
        assert_eq!(run["message"]["to"], "+34600000001");
        let preview = run["preview"]["body"].as_str().unwrap();
        assert!(
            preview.contains("Harinas del Norte") && preview.contains("12.500,50 €"),
            "{preview}"
        );
        let id = rule(&shop, &written).await;
        let path = format!("/api/v1/notification-rules/{id}/dry-run");
        let run = shop
            .api
            .post(&path, &json!({ "data": {} }))
            .await
            .expect(200);
        assert_eq!(
            (&run["matches"], &run["why_not"]["reason"]),
            (&json!(false), &json!("recipient_missing")),
            "{run}"
        );
        let run = shop
            .api
            .post(&path, &json!({ "data": data, "type": "invoice.issued" }))
            .await
            .expect(200);
        assert_eq!(run["why_not"]["reason"], "event_type");
        let broken = json!({ "rule": { "name": "x" }, "data": {} });
        let run = shop
            .api
            .post("/api/v1/notification-rules/dry-run", &broken)
            .await
            .expect(200);
        assert!(run["problems"][0]["problem"].is_string(), "{run}");
        assert!(shop.api.all("/api/v1/events").await.is_empty() && app.sim.outbound().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_and_removing_a_rule_is_written_down() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let id = rule(&shop, &example("purchase_order.created")).await;
        let path = format!("/api/v1/notification-rules/{id}");
        let off = shop
            .api
            .patch(&path, &json!({ "enabled": false }))
            .await
            .expect(200);
        assert_eq!(
            (&off["enabled"], &off["name"]),
            (&json!(false), &json!("Purchase orders"))
        );
        shop.api
            .patch(&path, &json!({ "colour": 1 }))
            .await
            .expect_problem(422, "invalid");
        let event = report(&shop, &order("po-1")).await;
        crate::stage::event_is(&shop, &event, "ignored").await;
        assert_eq!(shop.api.delete(&path).await.status, 204);
        shop.api.get(&path).await.expect_problem(404, "not_found");
        let audit = shop.api.all("/api/v1/audit").await;
        let acts: Vec<_> = audit
            .iter()
            .filter_map(|row| row["action"].as_str())
            .filter(|act| act.starts_with("notification_rule"))
            .collect();
        assert_eq!(
            acts,
            [
                "notification_rule.delete",
                "notification_rule.update",
                "notification_rule.create"
            ]
        );
    })
    .await;
}
