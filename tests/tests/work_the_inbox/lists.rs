//! Finding conversations.

use serde_json::{Value, json};
use testkit::{Client, each_database, webhook};

use crate::{change, customer, talk};

async fn ids(client: &Client, query: &str) -> Vec<String> {
    let rows = client.all(&format!("/api/v1/conversations?{query}")).await;
    rows.iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_narrowed_and_counted() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let ana = app.person(&shop, "Ana", "agent").await;
        let mut talks = Vec::new();
        for n in 0..5 {
            talks.push(talk(app, &shop, &customer(n), "Hola").await);
        }
        talk(app, &other, &customer(1), "Hola").await;
        change(&ana.api, &talks[0], json!({ "assigned_to": ana.user_id }))
            .await
            .expect(200);
        change(
            &ana.api,
            &talks[1],
            json!({ "assigned_to": ana.user_id, "status": "closed" }),
        )
        .await
        .expect(200);
        change(&ana.api, &talks[2], json!({ "status": "closed" }))
            .await
            .expect(200);
        let soon = app
            .engine
            .clock
            .now()
            .plus(std::time::Duration::from_secs(600))
            .rfc3339();
        change(
            &ana.api,
            &talks[3],
            json!({ "status": "snoozed", "snoozed_until": soon }),
        )
        .await
        .expect(200);
        let read = format!("/api/v1/conversations/{}/read", talks[4]);
        assert_eq!(ana.api.post(&read, &json!({})).await.status, 204);
        app.indexed().await;
        let set = |places: &[usize]| {
            let mut set: Vec<String> = places.iter().map(|place| talks[*place].clone()).collect();
            set.sort();
            set
        };
        for (query, places) in [
            ("", &[0, 1, 2, 3, 4][..]),
            ("view=all", &[0, 1, 2, 3, 4]),
            ("status=open", &[0, 4]),
            ("status=closed", &[1, 2]),
            ("status=snoozed", &[3]),
            ("view=mine", &[0, 1]),
            ("view=mine&status=open", &[0]),
            ("view=unassigned", &[2, 3, 4]),
            ("view=unassigned&status=open", &[4]),
            ("unread=true", &[0, 1, 2, 3]),
            ("unread=true&status=open", &[0]),
            ("unread=true&view=unassigned&status=open", &[]),
            ("phone_number_id=100000000000001", &[0, 1, 2, 3, 4]),
            ("phone_number_id=100000000000002", &[]),
            ("q=34600000002", &[2]),
            ("q=hola&view=mine&status=closed", &[1]),
            ("q=hola&view=unassigned&unread=true", &[2, 3]),
        ] {
            let mut found = ids(&ana.api, query).await;
            found.sort();
            assert_eq!(found, set(places), "{query}");
            // The same, one at a time.
            let mut paged = Vec::new();
            let mut cursor = String::new();
            loop {
                let page = ana
                    .api
                    .get(&format!("/api/v1/conversations?{query}&limit=1{cursor}"))
                    .await
                    .expect(200);
                paged.extend(
                    page["data"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|row| row["id"].as_str().unwrap().to_owned()),
                );
                match page["next"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            assert_eq!(paged, ids(&ana.api, query).await, "{query}, page by page");
        }
        assert_eq!(
            ana.api
                .get("/api/v1/conversations/counts")
                .await
                .expect(200),
            json!({ "mine": 1, "unassigned": 1, "all": 2, "unread": 1 })
        );
        assert_eq!(
            shop.api
                .get("/api/v1/conversations/counts")
                .await
                .expect(200),
            json!({ "mine": 0, "unassigned": 1, "all": 2, "unread": 1 })
        );
        shop.api
            .get("/api/v1/conversations?view=mine")
            .await
            .expect_problem(422, "invalid");
        ana.api
            .get("/api/v1/conversations?status=done")
            .await
            .expect_problem(422, "invalid");
        ana.api
            .get("/api/v1/conversations?view=yours")
            .await
            .expect_problem(400, "bad_query");
        let long = format!("/api/v1/conversations?q={}", "x".repeat(201));
        ana.api.get(&long).await.expect_problem(422, "invalid");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_found_by_name_number_username_and_what_was_said() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let people = [
            ("34600000001", "José Ñandú", "Quiero 50% de descuento"),
            ("34600000002", "ΑΘΗΝΑ Παπά", "a_b"),
            ("34711222333", "Bob", "axb"),
        ];
        for (n, (phone, name, text)) in people.into_iter().enumerate() {
            let mut value = webhook::text(&shop.number, phone, &format!("wamid.F{n}"), 1_780_000_000 + n as i64, text);
            value["contacts"] = json!([{ "wa_id": phone, "profile": { "name": name, "username": format!("User.{n}") } }]);
            app.delivered(webhook::post([value]).to_string()).await;
        }
        app.indexed().await;
        let find = async |text: &str| -> Vec<Value> {
            let request = shop.api.request(reqwest::Method::GET, "/api/v1/conversations").query(&[("q", text)]);
            let page = testkit::Answer::of(request).await.expect(200);
            let mut found: Vec<_> = page["data"].as_array().unwrap().iter().map(|row| row["contact"]["phone"].clone()).collect();
            found.sort_by_key(ToString::to_string);
            found
        };
        for (text, found) in [
            ("josé", &[0][..]),
            ("JOSÉ ñ", &[0]),
            ("αθηνα", &[1]),
            ("ΠΑΠΆ", &[1]),
            ("bob", &[2]),
            ("+34 711 222", &[2]),
            ("346000000", &[0, 1]),
            ("50%", &[0]),
            ("50% de d", &[0]),
            ("%", &[]),
            ("a_b", &[1]),
            ("user.1", &[1]),
            ("descuento", &[0]),
            ("nadie", &[]),
            ("\\", &[]),
            ("*", &[]),
            ("ñ*", &[0]),
        ] {
            let wanted: Vec<_> = found.iter().map(|n| json!(people[*n].0)).collect();
            assert_eq!(find(text).await, wanted, "{text:?}");
        }
    })
    .await;
}
