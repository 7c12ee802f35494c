//! The index follows from behind, forgets what is deleted, and belongs to nobody else.

use std::time::Duration;

use domain::{Clock, MessageId, Timestamp};
use engine::inbound::projector;
use engine::search::indexer;
use serde_json::json;
use store::db::Sql;
use testkit::{Setup, each_database, each_database_with, webhook};

use super::{rows, said, word, written};

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_never_sees_what_another_ones_customers_wrote() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let texts: Vec<_> = (0..40).map(|n| format!("hola vecino {n}")).collect();
        let texts: Vec<_> = texts
            .iter()
            .map(|text| ("34600000009", text.as_str()))
            .collect();
        written(app, &shop, &texts).await;
        written(
            app,
            &other,
            &[("34600000009", "hola mía"), ("34600000008", "adiós")],
        )
        .await;
        assert_eq!(said(&other.api, "hola").await, ["hola mía"]);
        assert!(said(&other.api, "vecino").await.is_empty());
        assert_eq!(said(&shop.api, "hola").await.len(), 40);
        for (tenant, count) in [(&other, 1), (&shop, 1)] {
            let found = rows(&tenant.api, "/api/v1/conversations", &[("q", "hola")]).await;
            assert_eq!(found.len(), count);
            let found = rows(&tenant.api, "/api/v1/conversations", &[("q", "600000009")]).await;
            assert_eq!(found.len(), count);
        }
        // The other one's conversation is named, and still it is not looked into.
        let theirs = rows(&shop.api, "/api/v1/messages", &[]).await;
        let (conversation, contact) = (
            word(&theirs[0]["conversation_id"]),
            word(&theirs[0]["contact_id"]),
        );
        for filter in [
            ("conversation_id", conversation.as_str()),
            ("contact_id", &contact),
        ] {
            let found = rows(&other.api, "/api/v1/messages", &[("q", "hola"), filter]).await;
            assert!(found.is_empty(), "{filter:?}: {found:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sees_only_their_own_conversations_finds_nothing_in_others() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let texts = [
            ("34600000001", "secreto de ana"),
            ("34600000002", "secreto de luis"),
            ("34600000003", "secreto de nadie"),
        ];
        written(app, &shop, &texts).await;
        let (rosa, ana, luis) = (
            app.person(&shop, "Rosa", "owner").await,
            app.person(&shop, "Ana", "agent").await,
            app.person(&shop, "Luis", "agent").await,
        );
        let all = rows(&shop.api, "/api/v1/messages", &[]).await;
        for (text, user) in [("secreto de ana", &ana), ("secreto de luis", &luis)] {
            let row = all.iter().find(|row| row["text"] == text).unwrap();
            let path = format!("/api/v1/conversations/{}", word(&row["conversation_id"]));
            let change = json!({"assigned_to": user.user_id});
            rosa.api.patch(&path, &change).await.expect(200);
        }
        let path = format!("/api/v1/members/{}", ana.user_id);
        // Those that nobody has are there to be taken, so they are found.
        let own = json!({"conversations": "own"});
        rosa.api.patch(&path, &own).await.expect(200);
        assert_eq!(
            said(&ana.api, "secreto").await,
            ["secreto de nadie", "secreto de ana"]
        );
        assert_eq!(said(&rosa.api, "secreto").await.len(), 3);
        for (query, found) in [("secreto", 2), ("600000001", 1), ("600000002", 0)] {
            let rows = rows(&ana.api, "/api/v1/conversations", &[("q", query)]).await;
            assert_eq!(rows.len(), found, "{query}: {rows:?}");
        }
        for query in ["", "?q=secreto"] {
            let path = format!("/api/v1/messages/export{query}");
            let file = ana.api.get(&path).await.text;
            assert!(
                file.contains("secreto de ana") && !file.contains("luis"),
                "{file}"
            );
        }
        let counted = "/api/v1/messages/export/count";
        for query in [
            &[][..],
            &[("q", "secreto")],
            &[("internal", "true")],
            &[("type", "text")],
        ] {
            let counted = super::page(&ana.api, counted, query).await;
            // With internal lines: the one that says who was given the conversation.
            let wanted = if query == [("internal", "true")] {
                3
            } else {
                2
            };
            assert_eq!(counted["count"], json!(wanted), "{query:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_or_changed_leaves_the_index() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let texts = [("34600000001", "primero zanahoria"), ("34600000002", "segundo zanahoria")];
        written(app, &shop, &texts).await;
        assert_eq!(said(&shop.api, "zanahoria").await.len(), 2);
        let db = &app.engine.db;
        let run = async |sql: &'static str| db.run(Sql::Both(sql), Vec::new()).await.unwrap();
        assert_eq!(run("UPDATE messages SET text = 'segundo nabo' WHERE text = 'segundo zanahoria'").await, 1);
        let lag = indexer::lag(&app.engine).await.unwrap();
        app.indexed().await;
        assert_eq!(said(&shop.api, "zanahoria").await, ["primero zanahoria"], "{lag:?}");
        assert_eq!(said(&shop.api, "nabo").await, ["segundo nabo"]);
        run("DELETE FROM messages WHERE text = 'primero zanahoria'").await;
        assert!(said(&shop.api, "zanahoria").await.is_empty());
        run("DELETE FROM contacts WHERE phone = '34600000001'").await;
        let left: Vec<(i64,)> = db
            .all(Sql::Both("SELECT (SELECT COUNT(*) FROM search_messages) + (SELECT COUNT(*) FROM search_contacts)"), Vec::new())
            .await
            .unwrap();
        assert_eq!(left, [(2,)], "one message and one contact are left");
        let words: Vec<(i64,)> = db
            .all(
                Sql::Each {
                    sqlite: "SELECT COUNT(*) FROM search_words WHERE search_words MATCH 'zanahoria OR primero'",
                    postgres: "SELECT COUNT(*) FROM search_words WHERE words @@ CAST('zanahoria | primero' AS tsquery)",
                },
                Vec::new(),
            )
            .await
            .unwrap();
        assert_eq!(words, [(0,)], "words of what was deleted are left");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_became_visible_late_is_found_by_the_second_look() {
    let clock = Clock::manual(Timestamp::from_seconds(1_790_000_000));
    each_database_with(
        || Setup { clock: clock.clone(), workers: true, ..Setup::default() },
        async |app| {
            let shop = app.tenant(1).await;
            app.delivered(webhook::post([webhook::text(&shop.number, "34600000001", "wamid.1", 1_780_000_000, "primero")]).to_string()).await;
            let early = MessageId::new(clock.now());
            clock.advance(Duration::from_secs(10));
            app.delivered(webhook::post([webhook::text(&shop.number, "34600000001", "wamid.2", 1_780_000_001, "segundo")]).to_string()).await;
            clock.advance(Duration::from_secs(10));
            app.indexed().await;
            assert_eq!(said(&shop.api, "segundo").await.len(), 1);
            // As if its transaction had taken this long: its id is older than what has been indexed.
            let copy = format!(
                "INSERT INTO messages (id, tenant_id, conversation_id, contact_id, phone_number_id, direction, origin, type, text, preview, content, \
                 status, occurred_at, created_at) SELECT {}, tenant_id, conversation_id, contact_id, phone_number_id, direction, origin, type, \
                 'tardío', 'tardío', content, status, occurred_at, created_at FROM messages WHERE text = 'primero'",
                if app.engine.db.is_postgres() { format!("'{}'::uuid", early.hex()) } else { format!("x'{}'", early.hex()) }
            );
            let copy = Sql::Both(Box::leak(copy.into_boxed_str()));
            app.engine.db.run(copy, Vec::new()).await.unwrap();
            app.indexed().await;
            assert!(said(&shop.api, "tardio").await.is_empty(), "it was found without a second look");
            clock.advance(Duration::from_secs(600));
            app.indexed().await;
            assert_eq!(said(&shop.api, "tardio").await, ["tardío"]);
            assert_eq!(said(&shop.api, "primero").await.len(), 1);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_the_index_is_indexed_newest_first() {
    each_database_with(
        || Setup {
            workers: true,
            ..Setup::default()
        },
        async |app| {
            let shop = app.tenant(1).await;
            let texts: Vec<_> = (0..300).map(|n| format!("viejo {n}")).collect();
            let texts: Vec<_> = texts
                .iter()
                .map(|text| ("34600000001", text.as_str()))
                .collect();
            written(app, &shop, &texts).await;
            store::search::index::rebuild(&app.engine.db).await.unwrap();
            app.indexed().await;
            written(app, &shop, &[("34600000001", "viejo nuevo")]).await;
            let found = super::pages(&shop.api, "/api/v1/messages", &[("q", "viejo")], "100").await;
            let found: Vec<_> = found.iter().map(|row| word(&row["text"])).collect();
            assert_eq!(found.len(), 301);
            assert_eq!(
                [found[0].as_str(), &found[1], &found[300]],
                ["viejo nuevo", "viejo 299", "viejo 0"]
            );
            assert_eq!(
                rows(&shop.api, "/api/v1/conversations", &[("q", "600000001")])
                    .await
                    .len(),
                1
            );
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn indexing_waits_while_webhooks_do_and_says_so() {
    let setup = || Setup {
        workers: false,
        ..Setup::default()
    };
    each_database_with(setup, async |app| {
        let shop = app.tenant(1).await;
        let says = async |wamid: &str, text: &str| {
            let value = webhook::text(&shop.number, "34600000001", wamid, 1_780_000_000, text);
            let body = webhook::post([value]).to_string();
            app.deliver(body).await.expect(200);
        };
        says("wamid.1", "hola").await;
        assert!(projector::step(&app.engine).await.unwrap());
        for n in 0..40 {
            says(&format!("wamid.W{n}"), "espera").await;
        }
        testkit::until("the message is old enough to be indexed", async || {
            let lag = indexer::lag(&app.engine).await.unwrap().lag;
            if lag > Duration::from_millis(1_500) {
                Ok(())
            } else {
                Err(format!("{lag:?}"))
            }
        })
        .await;
        assert!(
            !indexer::step(&app.engine).await.unwrap(),
            "it was indexed while webhooks wait"
        );
        let health = app.admin().get("/api/v1/admin/health").await.expect(200);
        let search = &health["search"];
        assert!(search["lag_ms"].as_i64().unwrap() >= 1_500, "{search}");
        let metrics = app.anybody().get("/metrics").await.text;
        let lag = metrics
            .lines()
            .find_map(|line| line.strip_prefix("trunkline_search_lag_seconds "))
            .unwrap();
        assert!(lag.parse::<f64>().unwrap() >= 1.5, "{lag}");
        while projector::step(&app.engine).await.unwrap() {}
        app.indexed().await;
        let health = app.admin().get("/api/v1/admin/health").await.expect(200);
        assert_eq!(health["search"], json!({"lag_ms": 0, "complete": true}));
        assert_eq!(said(&shop.api, "hola").await, ["hola"]);
    })
    .await;
}
