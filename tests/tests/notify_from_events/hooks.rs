//! Systems that can only post, and sign what they post.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Tenant, TestApp, each_database};

use crate::stage::{event_is, example, rule, taken};

async fn source(shop: &Tenant, more: Value) -> (String, String) {
    let mut body = json!({ "name": "Shop", "type": "purchase_order.created", "id_path": "$.number", "data_path": "$.payload" });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name.as_str()] = value.clone();
    }
    let made = shop
        .api
        .post("/api/v1/event-sources", &body)
        .await
        .expect(201);
    (
        made["id"].as_str().unwrap().to_owned(),
        made["secret"].as_str().unwrap().to_owned(),
    )
}

fn posted(number: &str) -> String {
    let payload = json!({ "supplier": { "name": "Harinas", "phone": "600000001" }, "order": { "number": number, "total": 3 } });
    json!({ "number": number, "payload": payload }).to_string()
}

async fn post(app: &TestApp, id: &str, headers: &[(&'static str, String)], body: &str) -> Answer {
    let mut request = app
        .anybody()
        .request(Method::POST, &format!("/hooks/events/{id}"))
        .body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    Answer::of(request).await
}

/// By what an event of a source is known: systems number their things each from 1.
fn named(kind: &str, id: &str, source: &str) -> String {
    format!("{kind}:{id}@{}", &source[source.len() - 8..])
}

fn signed(secret: &str, body: &str) -> Vec<(&'static str, String)> {
    vec![(
        "X-Signature-256",
        meta::signature::sign(secret.as_bytes(), body.as_bytes()),
    )]
}

fn standard(
    app: &TestApp,
    secret: &str,
    id: &str,
    late: i64,
    body: &str,
) -> Vec<(&'static str, String)> {
    let at = (app.engine.clock.now().0 / 1_000_000 - late).to_string();
    let key = STANDARD
        .decode(secret.strip_prefix("whsec_").unwrap())
        .unwrap();
    let digest = meta::signature::sign(&key, format!("{id}.{at}.{body}").as_bytes());
    let bytes: Vec<u8> = (7..digest.len())
        .step_by(2)
        .map(|n| u8::from_str_radix(&digest[n..n + 2], 16).unwrap())
        .collect();
    let signature = format!("v1,AAAA v1,{}", STANDARD.encode(bytes));
    vec![
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", at),
        ("webhook-signature", signature),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_signed_is_taken_and_what_is_not_leaves_no_trace() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        rule(&shop, &example("purchase_order.created")).await;
        let (id, secret) = source(&shop, json!({})).await;
        let (_, other) = source(&shop, json!({ "name": "Other" })).await;
        let body = posted("OC-1");
        let forged = [
            vec![],
            signed(&other, &body),
            signed(&secret, &posted("OC-2")),
            vec![("X-Signature-256", "sha256=00".to_owned())],
            standard(app, &other, "m-1", 0, &body),
            standard(app, &secret, "m-1", 600, &body),
        ];
        for headers in forged {
            post(app, &id, &headers, &body)
                .await
                .expect_problem(401, "unauthorized");
        }
        post(
            app,
            "src_00000000000000000000000000000000",
            &signed(&secret, &body),
            &body,
        )
        .await
        .expect_problem(401, "unauthorized");
        assert!(
            shop.api.all("/api/v1/events").await.is_empty(),
            "nothing of it was kept"
        );
        let taken_in = post(app, &id, &signed(&secret, &body), &body)
            .await
            .expect(202);
        let event = event_is(&shop, taken_in["id"].as_str().unwrap(), "sent").await;
        assert_eq!(
            (&event["event_id"], &event["source_id"]),
            (
                &json!(named("purchase_order.created", "OC-1", &id)),
                &json!(id)
            )
        );
        let again = post(app, &id, &standard(app, &secret, "m-2", 10, &body), &body)
            .await
            .expect(202);
        assert_eq!(
            (&again["id"], &again["repeated"]),
            (&event["id"], &json!(true)),
            "the id is in the body"
        );
        taken(app, 1).await;
        let empty = json!({ "number": "OC-9" }).to_string();
        let problem = post(app, &id, &signed(&secret, &empty), &empty)
            .await
            .expect_problem(422, "invalid");
        assert_eq!(problem["errors"][0]["field"], "data");
        let list = shop.api.all("/api/v1/event-sources").await;
        assert!(
            list.iter().all(|source| source.get("secret").is_none())
                && list[1]["last_at"].is_string(),
            "{list:?}"
        );
        assert_eq!(
            shop.api
                .delete(&format!("/api/v1/event-sources/{id}"))
                .await
                .status,
            204
        );
        post(app, &id, &signed(&secret, &body), &body)
            .await
            .expect_problem(401, "unauthorized");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_path_the_id_is_the_deliverys_or_a_digest() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let (id, secret) = source(&shop, json!({ "id_path": null, "data_path": null })).await;
        let body = posted("OC-1");
        let first = post(app, &id, &signed(&secret, &body), &body)
            .await
            .expect(202);
        let again = post(app, &id, &signed(&secret, &body), &body)
            .await
            .expect(202);
        assert_eq!(
            (&again["id"], &again["repeated"]),
            (&first["id"], &json!(true))
        );
        let digest = first["event_id"].as_str().unwrap();
        assert!(digest.contains(":sha256:"), "{digest}");
        // What the signature does not cover makes no second event of the same bytes.
        let mut forged = signed(&secret, &body);
        forged.push(("webhook-id", "forged-1".to_owned()));
        let forged = post(app, &id, &forged, &body).await.expect(202);
        assert_eq!(forged["repeated"], true, "{forged}");
        let other = post(app, &id, &standard(app, &secret, "m-7", 0, &body), &body)
            .await
            .expect(202);
        assert_eq!(
            (&other["event_id"], &other["repeated"]),
            (
                &json!(named("purchase_order.created", "m-7", &id)),
                &json!(false)
            )
        );
        for (wrong, field) in [
            (json!({ "name": "x" }), "type"),
            (
                json!({ "name": "x", "type": "a.b", "type_path": "$.t" }),
                "type",
            ),
            (json!({ "name": "x", "type_path": "$.[" }), "type_path"),
            (json!({ "name": "", "type": "a.b" }), "name"),
        ] {
            let problem = shop
                .api
                .post("/api/v1/event-sources", &wrong)
                .await
                .expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn digits_in_capitals_and_a_mark_at_the_beginning_are_understood() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let (id, secret) = source(&shop, json!({})).await;
        let body = format!("\u{feff}{}", posted("1"));
        let mut headers = signed(&secret, &body);
        headers[0].1 = format!("sha256={}", headers[0].1[7..].to_uppercase());
        let taken = post(app, &id, &headers, &body).await.expect(202);
        assert_eq!(taken["repeated"], false, "{taken}");
    })
    .await;
}
