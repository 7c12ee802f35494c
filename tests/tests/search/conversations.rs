//! Conversations are found by who it is and by what was said.

use serde_json::{Value, json};
use testkit::{each_database, webhook};

use super::{named, pages, rows, word};

const PATH: &str = "/api/v1/conversations";

/// Who, and what was said: null where it is the person.
fn found(rows: &[Value]) -> Vec<(String, String)> {
    rows.iter()
        .map(|row| {
            (
                word(&row["contact"]["name"]),
                word(&row["match"]["excerpt"]),
            )
        })
        .collect()
}

fn pair(name: &str, line: &str) -> (String, String) {
    (
        name.to_owned(),
        line.replace('[', "\u{2}").replace(']', "\u{3}"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn people_come_before_what_others_said_and_nobody_comes_twice() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let values = [
            named(&shop, "34600000001", "Rosa Gil", 1, "Hola"),
            named(&shop, "34600000002", "Ana", 2, "¿Tienen rosas?"),
            named(&shop, "34600000003", "Luis", 3, "Una rosa roja"),
            named(&shop, "34600000002", "Ana", 4, "Las rosas blancas, digo"),
            named(&shop, "34600000001", "Rosa Gil", 5, "La rosa soy yo"),
            named(&shop, "34711000001", "Pedro", 6, "Nada"),
        ];
        for value in values {
            app.delivered(webhook::post([value]).to_string()).await;
        }
        app.indexed().await;
        let wanted = [
            pair("Rosa Gil", ""),
            pair("Ana", "Las [rosas] blancas, digo"),
            pair("Luis", "Una [rosa] roja"),
        ];
        let all = rows(&shop.api, PATH, &[("q", "rosa")]).await;
        assert_eq!(found(&all), wanted);
        assert_eq!(
            found(&pages(&shop.api, PATH, &[("q", "rosa")], "1").await),
            wanted,
            "page by page"
        );
        let message = shop
            .api
            .message(&word(&all[1]["match"]["message_id"]))
            .await;
        assert_eq!(message["text"], json!("Las rosas blancas, digo"));
        assert_eq!(all[0]["match"], json!(null));
        for (typed, names) in [
            ("gil", &["Rosa Gil"][..]),
            ("rosa gil", &["Rosa Gil"]),
            ("gil rosa", &["Rosa Gil"]),
            ("711 000", &["Pedro"]),
            ("+34 711 00 00 01", &["Pedro"]),
            ("000001", &["Pedro", "Rosa Gil"]),
            ("blancas", &["Ana"]),
            ("\"rosa roja\"", &["Luis"]),
            ("\"roja rosa\"", &[]),
        ] {
            let rows = rows(&shop.api, PATH, &[("q", typed)]).await;
            let got: Vec<_> = rows
                .iter()
                .map(|row| word(&row["contact"]["name"]))
                .collect();
            assert_eq!(got, names, "{typed}");
        }
        let narrowed = rows(&shop.api, PATH, &[("q", "rosa"), ("status", "closed")]).await;
        assert!(narrowed.is_empty(), "{narrowed:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_found_by_the_new_name() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        app.delivered(webhook::post([named(&shop, "34600000001", "Antes", 1, "Hola")]).to_string())
            .await;
        app.indexed().await;
        assert_eq!(rows(&shop.api, PATH, &[("q", "antes")]).await.len(), 1);
        app.delivered(
            webhook::post([named(&shop, "34600000001", "Después", 2, "Hola")]).to_string(),
        )
        .await;
        app.indexed().await;
        assert_eq!(rows(&shop.api, PATH, &[("q", "despues")]).await.len(), 1);
        assert!(
            rows(&shop.api, PATH, &[("q", "antes")]).await.is_empty(),
            "the old name is still found"
        );
    })
    .await;
}
