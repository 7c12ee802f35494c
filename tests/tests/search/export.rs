//! What was found, as a file.

use futures::StreamExt as _;
use serde_json::{Value, json};
use testkit::{each_database, webhook};

use super::{page, written};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_one_header_every_message_and_no_formula() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let mut texts: Vec<(&str, String)> = (0..450)
            .map(|n| ("34600000001", format!("pedido {n}")))
            .collect();
        texts.push((
            "34600000001",
            "=HYPERLINK(\"http://x\"), pedido\nde dos líneas ñ".to_owned(),
        ));
        let values: Vec<_> = texts
            .iter()
            .enumerate()
            .map(|(n, (from, text))| {
                webhook::text(
                    &shop.number,
                    from,
                    &format!("wamid.E{n}"),
                    1_780_000_000 + n as i64,
                    text,
                )
            })
            .collect();
        app.delivered(webhook::post(values).to_string()).await;
        app.indexed().await;
        for query in ["", "q=pedido"] {
            let answer = shop
                .api
                .get(&format!("/api/v1/messages/export?{query}"))
                .await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
            assert!(
                answer.headers["content-disposition"]
                    .to_str()
                    .unwrap()
                    .contains("messages.csv")
            );
            assert!(
                answer.text.starts_with("id,created_at,"),
                "{}",
                &answer.text[..80]
            );
            assert_eq!(answer.text.matches("id,created_at,").count(), 1, "{query}");
            assert_eq!(answer.text.matches("\nmsg_").count(), 451, "{query}");
            assert!(
                answer
                    .text
                    .contains("\"'=HYPERLINK(\"\"http://x\"\"), pedido\nde dos líneas ñ\""),
                "{query}: {}",
                &answer.text[..400]
            );
            let lines = shop
                .api
                .get(&format!("/api/v1/messages/export?format=jsonl&{query}"))
                .await;
            assert_eq!(lines.headers["content-type"], "application/x-ndjson");
            let rows: Vec<Value> = lines
                .text
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            assert_eq!(rows.len(), 451, "{query}");
            assert_eq!(rows[450]["text"], json!("pedido 0"), "{query}");
        }
        let counted = page(
            &shop.api,
            "/api/v1/messages/export/count",
            &[("q", "pedido 44")],
        )
        .await;
        assert_eq!(counted, json!({"count": 11, "exact": true}));
        let none = shop.api.get("/api/v1/messages/export?q=zzqx").await;
        assert_eq!(none.text.lines().count(), 1, "{}", none.text);
        shop.api
            .get("/api/v1/messages/export?format=xls")
            .await
            .expect_problem(422, "invalid");
        shop.api
            .get("/api/v1/messages/export?status=sideways")
            .await
            .expect_problem(422, "invalid");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_nobody_takes_any_more_is_not_read_on() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let text = "x".repeat(4_000);
        let texts: Vec<_> = (0..600).map(|_| ("34600000001", text.as_str())).collect();
        let values = texts.iter().enumerate().map(|(n, (from, text))| {
            webhook::text(
                &shop.number,
                from,
                &format!("wamid.L{n}"),
                1_780_000_000 + n as i64,
                text,
            )
        });
        for values in values.collect::<Vec<_>>().chunks(200) {
            app.delivered(webhook::post(values.to_vec()).to_string())
                .await;
        }
        // Takes the beginning and hangs up; the connection and the database are free for others.
        let request = shop
            .api
            .request(reqwest::Method::GET, "/api/v1/messages/export");
        let answer = request.send().await.unwrap();
        let mut body = answer.bytes_stream();
        assert!(body.next().await.unwrap().is_ok());
        drop(body);
        let counted = page(
            &shop.api,
            "/api/v1/messages/export/count",
            &[("internal", "true")],
        )
        .await;
        assert_eq!(counted, json!({"count": 600, "exact": true}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_holds_what_is_the_tenants_own() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        written(app, &shop, &[("34600000001", "secreto propio")]).await;
        written(app, &other, &[("34600000001", "secreto ajeno")]).await;
        for path in [
            "/api/v1/messages/export?q=secreto",
            "/api/v1/messages/export",
        ] {
            let file = shop.api.get(path).await.text;
            assert!(
                file.contains("secreto propio") && !file.contains("ajeno"),
                "{path}: {file}"
            );
        }
    })
    .await;
}
