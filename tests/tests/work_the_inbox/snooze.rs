//! Putting a conversation off.

use std::time::Duration;

use domain::{Clock, Timestamp};
use serde_json::{Value, json};
use testkit::{Setup, each_database, each_database_with};

use crate::{change, conversation, customer, talk, thread};

#[tokio::test(flavor = "multi_thread")]
async fn a_snoozed_conversation_comes_back_by_itself() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let id = talk(app, &shop, &customer(1), "Hola").await;
        let mut stream = shop.api.listen(None).await;
        let until = app
            .engine
            .clock
            .now()
            .plus(Duration::from_secs(1))
            .rfc3339();
        let snoozed = change(
            &shop.api,
            &id,
            json!({ "status": "snoozed", "snoozed_until": until }),
        )
        .await
        .expect(200);
        assert_eq!(snoozed["status"], "snoozed");
        assert_eq!(stream.next().await.kind, "conversation.updated");
        let event = stream.next_of("conversation.updated").await;
        assert_eq!(event.data["conversation_id"], id.as_str());
        let back = conversation(&shop.api, &id).await;
        assert_eq!(
            (&back["status"], &back["snoozed_until"]),
            (&json!("open"), &Value::Null)
        );
        assert_eq!(
            thread(&shop.api, &id).await,
            [
                "inbound text Hola",
                "internal activity snoozed",
                "internal activity reopened"
            ]
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_sleeps_until_its_time_and_its_time_can_be_moved() {
    let setup = || Setup {
        clock: Clock::manual(Timestamp::from_seconds(1_780_000_000)),
        ..Setup::default()
    };
    each_database_with(setup, async |app| {
        let shop = app.tenant(1).await;
        let id = talk(app, &shop, &customer(1), "Hola").await;
        let clock = &app.engine.clock;
        let at = |minutes: u64| {
            json!(
                clock
                    .now()
                    .plus(Duration::from_secs(minutes * 60))
                    .rfc3339()
            )
        };
        for (wrong, field) in [
            (json!({ "status": "snoozed" }), "snoozed_until"),
            (
                json!({ "status": "snoozed", "snoozed_until": clock.now().rfc3339() }),
                "snoozed_until",
            ),
            (
                json!({ "status": "snoozed", "snoozed_until": "mañana" }),
                "snoozed_until",
            ),
            (
                json!({ "status": "snoozed", "snoozed_until": at(60 * 24 * 400) }),
                "snoozed_until",
            ),
            (
                json!({ "status": "closed", "snoozed_until": at(10) }),
                "snoozed_until",
            ),
            (json!({ "snoozed_until": at(10) }), "snoozed_until"),
        ] {
            let problem = change(&shop.api, &id, wrong.clone())
                .await
                .expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], field, "{wrong}");
        }
        change(
            &shop.api,
            &id,
            json!({ "status": "snoozed", "snoozed_until": at(10) }),
        )
        .await
        .expect(200);
        change(&shop.api, &id, json!({ "snoozed_until": at(20) }))
            .await
            .expect(200);
        clock.advance(Duration::from_secs(15 * 60));
        engine::inbox::snooze::step(&app.engine).await.unwrap();
        assert_eq!(conversation(&shop.api, &id).await["status"], "snoozed");
        clock.advance(Duration::from_secs(6 * 60));
        // The worker may have been there first.
        engine::inbox::snooze::step(&app.engine).await.unwrap();
        testkit::until("it is back", async || {
            let seen = conversation(&shop.api, &id).await;
            if seen["status"] == "open" {
                Ok(())
            } else {
                Err(seen.to_string())
            }
        })
        .await;
        assert_eq!(
            thread(&shop.api, &id).await,
            [
                "inbound text Hola",
                "internal activity snoozed",
                "internal activity snoozed",
                "internal activity reopened",
            ]
        );
    })
    .await;
}
