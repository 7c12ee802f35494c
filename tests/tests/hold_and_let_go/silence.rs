//! WhatsApp does not answer: what was under way is uncertain, and all the rest waits until it answers again.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Setup, Tenant, TestApp, each_database_with, until};

use crate::stage::{arrived, later, mailing};

/// How many of the tenant's sends have an unknown outcome.
async fn uncertain(shop: &Tenant) -> i64 {
    let queue = shop.api.get("/api/v1/queue").await.expect(200);
    queue["numbers"][0]["uncertain"].as_i64().unwrap()
}

/// How many are uncertain, once nothing is under way any more.
async fn given_up(shop: &Tenant) -> i64 {
    until("all that was under way is given up", async || {
        let queue = shop.api.get("/api/v1/queue").await.expect(200);
        let number = &queue["numbers"][0];
        match (number["sending"].as_i64(), number["uncertain"].as_i64()) {
            (Some(0), Some(uncertain)) => Ok(uncertain),
            _ => Err(number.to_string()),
        }
    })
    .await
}

/// The number's row of the queue, once it says that the number rests after so many tries.
async fn rests(app: &TestApp, shop: &Tenant, tries: i64) -> Value {
    until("the number rests because nothing answers", async || {
        let paces = store::number_pace::any_tenant_all(&app.engine.db).await;
        let paces = paces.unwrap();
        let rests = paces.iter().any(|pace| {
            pace.phone_number_id == shop.number
                && pace.hold.as_deref() == Some("unreachable")
                && pace.probes == tries
        });
        if rests {
            Ok(())
        } else {
            Err(format!("{paces:?}"))
        }
    })
    .await;
    let queue = shop.api.get("/api/v1/queue").await.expect(200);
    queue["numbers"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailing_waits_while_whatsapp_is_down_and_leaves_once_when_it_is_back() {
    const SENT: usize = 120;
    let html =
        json!({ "script": [{ "match": { "path": "messages" }, "answer": { "body": "html" } }] });
    let empty = json!({ "script": [{ "match": { "path": "messages" }, "answer": { "body": "empty", "http": 503 } }] });
    for down in [json!({ "offline": true }), html, empty] {
        each_database_with(Setup::by_hand, async |app| {
            let shop = app.tenant(1).await;
            app.faults(&down).await;
            let mut ids = Vec::new();
            for n in 0..SENT {
                ids.push(shop.api.send(&mailing(n)).await);
            }
            let number = rests(app, &shop, 1).await;
            let reason = number["pace"]["reason"].as_str().unwrap_or_default();
            assert!(reason.contains("WhatsApp does not answer"), "{number}");
            assert_eq!(number["hold"]["code"], "unreachable", "{number}");
            let last = shop.api.message(&ids[SENT - 1]).await;
            assert_eq!(last["status"], "held", "{last}");
            assert_eq!(last["hold"]["code"], "unreachable", "{last}");
            let in_doubt = given_up(&shop).await;
            assert!((3..=16).contains(&in_doubt), "{in_doubt} are uncertain");

            // One tries, after a second, after two …
            for tries in 2..=4 {
                later(app, Duration::from_secs(1 << (tries - 2)));
                rests(app, &shop, tries).await;
            }
            until("each try is one message", async || {
                match uncertain(&shop).await {
                    now if now == in_doubt + 3 => Ok(()),
                    now => Err(format!("{in_doubt}, then {now}")),
                }
            })
            .await;

            app.faults(&json!({ "offline": false, "script": null }))
                .await;
            later(app, Duration::from_secs(8));
            let left = SENT - usize::try_from(in_doubt + 3).unwrap();
            until("half of them have left", async || {
                match app.sim.outbound_summary().total {
                    total if total >= left as u64 / 2 => Ok(()),
                    total => Err(total.to_string()),
                }
            })
            .await;
            until("Meta has taken the rest", async || {
                match app.sim.outbound_summary().total {
                    total if total == left as u64 => Ok(()),
                    total => {
                        // What a busy machine held up leaves in a heap: Meta asks for a rest, and the clock stands still.
                        later(app, Duration::from_secs(1));
                        Err(format!("{total} of {left}"))
                    }
                }
            })
            .await;
            let arrived = arrived(app);
            let different: HashSet<_> = arrived.iter().collect();
            assert_eq!(arrived.len(), different.len(), "nothing left twice");
            let number = shop.api.get("/api/v1/queue").await.expect(200)["numbers"][0].clone();
            assert_eq!(number["uncertain"], in_doubt + 3, "{number}");
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_mailing_that_meets_a_wall_of_silence_only_the_first_few_are_in_doubt() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let hangs = json!({ "timeout_rate": 1.0, "hang_ms": 60_000, "only_path": "messages" });
        app.faults(&hangs).await;
        for n in 0..300 {
            shop.api.send(&mailing(n)).await;
        }
        rests(app, &shop, 1).await;
        let in_doubt = given_up(&shop).await;
        // Three are given up before the number rests; others have taken the places of the first two.
        assert!((3..=18).contains(&in_doubt), "{in_doubt} are uncertain");
    })
    .await;
}
