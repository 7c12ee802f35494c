//! Whatever is wrong with an event is held with its reason, and sent once it was mended.

use serde_json::{Value, json};
use testkit::each_database;

use crate::stage::{
    body_of, event_is, example, example_templates, order, order_with, report, rule, taken, template,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_held_with_the_reason() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let mut strict = example("purchase_order.created");
        strict["parameters"]["body"][2]["format"] = json!({ "kind": "money", "currency": "EUR" });
        rule(&shop, &strict).await;
        let cases = [
            (
                order_with("a", "/supplier", json!({ "phone": "600000001" })),
                "parameter_missing",
                "parameters.body[0]",
            ),
            (
                order_with("b", "/order/number", json!({ "series": "A" })),
                "path_finds_object",
                "parameters.body[1]",
            ),
            (
                order_with("c", "/order/total", json!("mucho")),
                "not_a_number",
                "parameters.body[2]",
            ),
            (
                order_with("d", "/supplier/phone", Value::Null),
                "recipient_missing",
                "recipient.path",
            ),
            (
                order_with("e", "/supplier/phone", json!("llamar a la oficina")),
                "recipient_invalid",
                "recipient.path",
            ),
            (
                order_with("f", "/supplier/phone", json!({ "mobile": "600000001" })),
                "path_finds_object",
                "recipient.path",
            ),
            (
                order_with("g", "/order/number", json!("x".repeat(1_100))),
                "template_mismatch",
                "po_notification",
            ),
        ];
        for (event, reason, place) in cases {
            let id = report(&shop, &event).await;
            let event = event_is(&shop, &id, "held").await;
            let result = &event["results"][0];
            assert_eq!(result["reason"], reason, "{event}");
            assert!(
                result["detail"]
                    .as_str()
                    .is_some_and(|detail| detail.contains(place)),
                "{event}"
            );
            assert!(
                result["what_to_do"]
                    .as_str()
                    .is_some_and(|text| text.len() > 20),
                "{event}"
            );
        }
        assert!(app.sim.outbound().is_empty(), "nothing of it was sent");
        let held = shop.api.all("/api/v1/events?state=held").await;
        assert_eq!(held.len(), 7);
        let found = shop.api.all("/api/v1/events?q=oficina").await;
        assert_eq!(found[0]["event_id"], "e");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_held_is_sent_when_the_rule_was_mended() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let id = rule(&shop, &example("purchase_order.created")).await;
        let event = report(&shop, &order_with("po-1", "/supplier/name", json!(""))).await;
        event_is(&shop, &event, "held").await;
        let mut parameters = example("purchase_order.created")["parameters"].clone();
        parameters["body"][0]["if_missing"] = json!("proveedor");
        let path = format!("/api/v1/notification-rules/{id}");
        shop.api
            .patch(&path, &json!({ "parameters": parameters }))
            .await
            .expect(200);
        let retry = format!("/api/v1/events/{event}/retry");
        shop.api.post(&retry, &json!({})).await.expect(202);
        event_is(&shop, &event, "sent").await;
        assert_eq!(body_of(&taken(app, 1).await[0])[0], "proveedor");
        shop.api
            .post(&retry, &json!({}))
            .await
            .expect_problem(409, "nothing_to_retry");
        shop.api
            .post(&retry, &json!({ "rule_id": id }))
            .await
            .expect_problem(409, "nothing_to_retry");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_no_rule_was_for_finds_one_that_was_written_later() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let event = report(&shop, &order("po-1")).await;
        event_is(&shop, &event, "ignored").await;
        rule(&shop, &example("purchase_order.created")).await;
        shop.api
            .post(&format!("/api/v1/events/{event}/retry"), &json!({}))
            .await
            .expect(202);
        event_is(&shop, &event, "sent").await;
        taken(app, 1).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_is_approved_nowhere_gives_way_to_the_fallback_or_holds() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let text = "Su pedido {{1}} está en camino, gracias por comprar con nosotros.";
        let body = json!([{ "type": "BODY", "text": text, "example": { "body_text": [["OC-1"]] } }]);
        template(app, json!({ "name": "order_sent", "language": "en", "status": "PENDING", "components": body })).await;
        let mut sent = example("purchase_order.created");
        sent["template"] = json!({ "name": "order_sent", "language": { "tenant": true } });
        sent["parameters"] = json!({ "body": [{ "path": "data.order.number" }] });
        let made = shop.api.post("/api/v1/notification-rules", &sent).await.expect(201);
        assert_eq!(made["warnings"][0]["field"], "template.name", "it is told that nothing can be sent yet: {made}");
        let event = report(&shop, &order("po-1")).await;
        let held = event_is(&shop, &event, "held").await;
        assert_eq!(held["results"][0]["reason"], "template_not_approved", "{held}");
        let path = format!("/api/v1/notification-rules/{}", made["id"].as_str().unwrap());
        let parameters = example("purchase_order.created")["parameters"].clone();
        let fallback = json!({ "fallback_template": { "name": "po_notification", "language": { "is": "es" }, "parameters": parameters } });
        shop.api.patch(&path, &fallback).await.expect(200);
        shop.api.post(&format!("/api/v1/events/{event}/retry"), &json!({})).await.expect(202);
        event_is(&shop, &event, "sent").await;
        assert_eq!(taken(app, 1).await[0]["template"]["name"], "po_notification");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_request_is_explained_and_nothing_is_kept() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        for (body, field) in [
            (json!({ "id": "1", "data": {} }), "type"),
            (
                json!({ "type": "two words", "id": "1", "data": {} }),
                "type",
            ),
            (json!({ "type": "a.b", "data": {} }), "id"),
            (json!({ "type": "a.b", "id": "1" }), "data"),
            (json!({ "type": "a.b", "id": "1", "data": [1] }), "data"),
            (
                json!({ "type": "a.b", "id": "1", "data": {}, "occurred_at": "ayer" }),
                "occurred_at",
            ),
            (
                json!({ "type": "a.b", "id": "1", "data": { "x": "x".repeat(70_000) } }),
                "data",
            ),
            (
                json!([{ "type": "a.b", "id": "1", "data": {} }, { "type": "a.b", "id": "2" }]),
                "[1].data",
            ),
            (json!([]), "body"),
            (json!("text"), ""),
        ] {
            let problem = shop
                .api
                .post("/api/v1/events", &body)
                .await
                .expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
        assert!(shop.api.all("/api/v1/events").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_held_for_a_template_goes_by_itself_when_that_is_approved() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let text = "Su pedido {{1}} está en camino, gracias por comprar con nosotros.";
        let body = json!([{ "type": "BODY", "text": text, "example": { "body_text": [["OC-1"]] } }]);
        template(app, json!({ "name": "order_sent", "language": "es", "status": "PENDING", "components": body })).await;
        let mut sent = example("purchase_order.created");
        sent["template"] = json!({ "name": "order_sent", "language": { "is": "es" } });
        sent["parameters"] = json!({ "body": [{ "path": "data.order.number" }] });
        shop.api.post("/api/v1/notification-rules", &sent).await.expect(201);
        let event = report(&shop, &order("po-1")).await;
        event_is(&shop, &event, "held").await;
        let list = format!("/v24.0/{}/message_templates?name=order_sent&access_token={}", testkit::WABA, testkit::TOKEN);
        let there = app.meta().get(&list).await.expect(200);
        let path = format!("/_sim/templates/{}/decide", there["data"][0]["id"].as_str().unwrap());
        app.meta().post(&path, &json!({ "decision": "approve" })).await.expect(200);
        event_is(&shop, &event, "sent").await;
        taken(app, 1).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_event_and_no_path_keeps_those_of_others_waiting() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        example_templates(app).await;
        rule(&other, &example("purchase_order.created")).await;
        let mut wide = example("purchase_order.created");
        for path in [
            "$..*..*..*",
            "$[*,*][*,*]",
            "$..[?search(@, '(a*)*')]",
            "$[?@[?@.a]]",
        ] {
            wide["conditions"] = json!([{ "path": path, "op": "ne", "value": "z" }]);
            let refused = shop.api.post("/api/v1/notification-rules", &wide).await;
            refused.expect_problem(422, "invalid");
        }
        wide["conditions"] = json!([{ "path": "$..number", "op": "exists" }]);
        shop.api
            .post("/api/v1/notification-rules", &wide)
            .await
            .expect(201);
        let mut deep = json!("bottom");
        for _ in 0..40 {
            deep = json!({ "a": deep });
        }
        let deep = json!({ "type": "purchase_order.created", "id": "deep", "data": deep });
        shop.api
            .post("/api/v1/events", &deep)
            .await
            .expect_problem(422, "invalid");
        rule(&shop, &example("appointment.booked")).await;
        let far = json!({ "type": "appointment.booked", "id": "far", "data": {
            "customer": { "phone": "600000002" }, "at": i64::MIN, "appointment_id": "x" } });
        let far = report(&shop, &far).await;
        let event = report(&other, &order("po-1")).await;
        event_is(&other, &event, "sent").await;
        event_is(&shop, &far, "held").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_for_values_that_have_numbers_are_refused() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let mut named = example("purchase_order.created");
        named["parameters"] = json!({ "body": {
            "zeta": { "path": "$.data.supplier.name" }, "alfa": { "path": "$.data.order.number" }, "beta": { "text": "1" } } });
        let id = shop.api.post("/api/v1/notification-rules", &named).await;
        if id.status == 201 {
            let event = report(&shop, &order("po-1")).await;
            let held = event_is(&shop, &event, "held").await;
            assert_eq!(held["results"][0]["reason"], "template_mismatch", "{held}");
        } else {
            id.expect_problem(422, "invalid");
        }
        assert!(app.sim.outbound().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_values_go_to_nobody_else_and_are_not_sent_as_nothing() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        example_templates(app).await;
        rule(&shop, &example("purchase_order.created")).await;
        rule(&shop, &example("invoice.issued")).await;
        let decimal = order_with("a", "/supplier/phone", json!(34_600_000_001.0));
        event_is(&shop, &report(&shop, &decimal).await, "sent").await;
        assert_eq!(taken(app, 1).await[0]["to"], "+34600000001");
        for (id, pointer, value, reason) in [
            ("b", "/supplier/phone", json!(34_600_000_001.5), "recipient_invalid"),
            ("c", "/supplier/name", json!("\u{200b}\u{feff}"), "parameter_missing"),
            ("d", "/supplier/name", json!("\u{2800}\u{0}"), "parameter_missing"),
        ] {
            let event = report(&shop, &order_with(id, pointer, value)).await;
            let event = event_is(&shop, &event, "held").await;
            assert_eq!(event["results"][0]["reason"], reason, "{event}");
        }
        let hidden = order_with("e", "/supplier/name", json!("a\u{202e}b\u{0}c"));
        event_is(&shop, &report(&shop, &hidden).await, "sent").await;
        assert_eq!(body_of(&taken(app, 2).await[1])[0], "abc");
        for (n, link) in [
            "http://127.0.0.1:1/x",
            "http://169.254.169.254/latest",
            "https://[::1]/",
            "https://u:p@example.com/x",
            "http://localhost/x",
            "https://0x7f.1/",
            "https://192.0.2.1/x",
            "https://198.19.0.1/x",
            "https://250.1.1.1/x",
            "https://[::127.0.0.1]/x",
            "https://[64:ff9b::7f00:1]/x",
            "https://[::ffff:10.0.0.1]/x",
            "https://files.corp/x",
            "https://.com/x",
            "https://example.com\\@10.0.0.1/x",
            "ftp://example.com/x",
        ]
        .into_iter()
        .enumerate()
        {
            let invoice = json!({ "type": "invoice.issued", "id": format!("i-{n}"), "data": {
                "customer": { "name": "Ana", "phone": "600 000 001" },
                "invoice": { "number": "F-1", "total": "121", "pdf_url": link, "due": "2026-11-30" } } });
            let event = event_is(&shop, &report(&shop, &invoice).await, "held").await;
            assert_eq!(event["results"][0]["reason"], "link_invalid", "{link}: {event}");
        }
        let mut fixed = example("invoice.issued");
        fixed["parameters"]["header"] = json!({ "link": "https://10.0.0.1/f.pdf" });
        let refused = shop.api.post("/api/v1/notification-rules", &fixed).await;
        refused.expect_problem(422, "invalid");
        fixed["parameters"]["header"] = json!({ "link": "HTTPS://example.com/f.pdf" });
        rule(&shop, &fixed).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buttons_value_is_written_as_addresses_are_and_a_headers_is_not_too_long() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let components = json!([
            { "type": "HEADER", "format": "TEXT", "text": "Pedido {{1}}", "example": { "header_text": ["OC-1"] } },
            { "type": "BODY", "text": "Su pedido está en camino, gracias por comprar con nosotros." },
            { "type": "BUTTONS", "buttons": [{ "type": "URL", "text": "Ver", "url": "https://example.com/{{1}}", "example": ["https://example.com/x"] }] },
        ]);
        // Only there in the English of one region, and asked for as English.
        template(app, json!({ "name": "order_link", "language": "en_US", "components": components })).await;
        let mut linked = example("purchase_order.created");
        linked["template"] = json!({ "name": "order_link", "language": { "is": "en" } });
        linked["parameters"] = json!({ "header": [{ "path": "data.order.number" }],
            "buttons": [{ "index": 0, "path": "data.supplier.name" }] });
        rule(&shop, &linked).await;
        let named = order_with("a", "/supplier/name", json!("a b/ñ%20?c=100%"));
        event_is(&shop, &report(&shop, &named).await, "sent").await;
        let sent = taken(app, 1).await.remove(0);
        assert_eq!(sent["template"]["language"]["code"], "en_US");
        let button = &sent["template"]["components"][1]["parameters"][0]["text"];
        assert_eq!(button, "a%20b/%C3%B1%20?c=100%25", "{sent}");
        for (id, pointer, value) in [
            ("b", "/supplier/name", "x".repeat(2_000)),
            ("c", "/order/number", "x".repeat(80)),
        ] {
            let event = report(&shop, &order_with(id, pointer, json!(value))).await;
            let event = event_is(&shop, &event, "held").await;
            assert_eq!(event["results"][0]["reason"], "template_mismatch", "{event}");
        }
    })
    .await;
}
