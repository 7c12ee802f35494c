//! What has to be mended first, and Meta's word that something was too fast.

use std::time::Duration;

use serde_json::json;
use testkit::{Setup, each_database_with, until};

use store::pauses::Scope;

use crate::stage::{
    change, held, hello, later, pause, place, refusals, refuses, resume, taken, tenant_of,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_cannot_be_paid_for_waits_and_one_message_tries() {
    each_database_with(Setup::by_hand, async |app| {
        for (n, code, word) in [
            (1, 131_042, "payment"),
            (2, 190, "token"),
            (3, 133_010, "number"),
        ] {
            let shop = app.tenant(n).await;
            let before = app.sim.outbound_summary().total;
            refuses(app, code).await;
            let mut ids = Vec::new();
            for person in 0..12 {
                ids.push(shop.api.send(&hello(person)).await);
            }
            let place = held(app, &shop, &ids[11], word).await;
            let explanation = place.hold_explanation.unwrap_or_default();
            assert!(
                explanation.len() > 20,
                "a sentence that helps: {explanation:?}"
            );
            let burnt = refusals(app, code);
            assert!(burnt <= 12, "{burnt}");
            later(app, Duration::from_secs(61));
            until(
                "one has tried whether it is over",
                async || match refusals(app, code) {
                    now if now == burnt + 1 => Ok(()),
                    now => Err(format!("{burnt}, then {now}")),
                },
            )
            .await;
            refuses(app, 0).await;
            // Meta has refused it a moment before that is known here: the clock waits for it.
            until("the number waits on", async || {
                let queue = engine::outbound::queue::overview(&app.engine, Some(tenant_of(&shop)))
                    .await
                    .unwrap();
                let hold = queue.numbers[0].hold.as_ref();
                let now = app.engine.clock.now();
                match hold.and_then(|hold| hold.until).filter(|end| *end > now) {
                    Some(_) => Ok(()),
                    None => Err(format!("{hold:?}")),
                }
            })
            .await;
            later(app, Duration::from_secs(3 * 60));
            taken(app, before + 12).await;
            assert_eq!(refusals(app, code), burnt + 1, "no more than one tried");
            until("the number is free", async || {
                let queue = engine::outbound::queue::overview(&app.engine, Some(tenant_of(&shop)))
                    .await
                    .unwrap();
                match &queue.numbers[0].hold {
                    None => Ok(()),
                    Some(hold) => Err(format!("{hold:?}")),
                }
            })
            .await;
        }
    })
    .await;
}

/// Meta refused it while its approval was being written: nobody comes back for it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_held_for_a_template_that_is_approved_by_now_leaves() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let scope = Scope::Tenant(tenant_of(&shop));
        pause(app, &scope).await;
        let id = shop.api.send(&hello(1)).await;
        let message: domain::MessageId = id.parse().unwrap();
        let late = "UPDATE outbox SET state = 'held', hold = 'template_review' WHERE id = $1";
        change(app, late, vec![message.0.into()]).await;
        resume(app, &scope).await;
        app.status_of(&shop, &id, "delivered").await;
        taken(app, 1).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_template_waits_and_the_others_go() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let order = |n: usize| json!({
            "to": format!("+3460000{n:04}"),
            "template": { "name": "po_notification", "language": "es", "components": [{ "type": "body", "parameters": [
                { "type": "text", "text": "Ana" }, { "type": "text", "text": "OC-1" }, { "type": "text", "text": "12 €" }] }] },
        });
        refuses(app, 132_015).await;
        let mut ids = vec![shop.api.send(&order(1)).await];
        let place_of = held(app, &shop, &ids[0], "template").await;
        assert_eq!(place_of.attempts, 0, "it is not to blame");
        refuses(app, 0).await;
        for n in 2..=5 {
            ids.push(shop.api.send(&order(n)).await);
        }
        for id in &ids {
            held(app, &shop, id, "template").await;
        }
        let other = shop.api.send(&hello(9)).await;
        app.status_of(&shop, &other, "delivered").await;
        taken(app, 1).await;
        later(app, Duration::from_secs(61));
        taken(app, 6).await;
        // Meta has them a moment before its answer is written down.
        for id in &ids {
            until("its answer is written down", async || {
                match place(app, &shop, id).await {
                    None => Ok(()),
                    Some(place) => Err(format!("{place:?}")),
                }
            })
            .await;
        }
        assert_eq!(refusals(app, 132_015), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_was_too_fast_is_slower_for_a_while_and_says_why() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        refuses(app, 130_429).await;
        let id = shop.api.send(&hello(1)).await;
        held(app, &shop, &id, "slow_down").await;
        refuses(app, 0).await;
        let queue = async || {
            let queue = engine::outbound::queue::overview(&app.engine, Some(tenant_of(&shop)))
                .await
                .unwrap();
            queue.numbers.into_iter().next().unwrap()
        };
        until("the queue tells it", async || {
            let number = queue().await;
            if number.slowed_reason.is_some() {
                Ok(())
            } else {
                Err(format!("{number:?}"))
            }
        })
        .await;
        later(app, Duration::from_secs(1));
        app.status_of(&shop, &id, "delivered").await;
        let full = 80.0 * app.engine.outbound.use_of_throughput;
        until("it is slower than it may be", async || {
            let number = queue().await;
            let slower =
                number.effective_per_second > 0.0 && number.effective_per_second < full * 0.95;
            if slower {
                Ok(())
            } else {
                Err(format!("{number:?}"))
            }
        })
        .await;
        later(app, Duration::from_secs(60));
        until("it is as fast as before", async || {
            let number = queue().await;
            let back =
                (number.effective_per_second - full).abs() < 0.01 && number.slowed_reason.is_none();
            if back {
                Ok(())
            } else {
                Err(format!("{number:?}"))
            }
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_meta_takes_and_lets_fail_holds_the_number_until_one_goes_through() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let fails = async |code: i64| {
            app.faults(&json!({ "script": [{ "match": { "path": "messages" }, "answer": { "code": code, "mode": "status" } }] }))
                .await;
        };
        fails(131_042).await;
        let first = shop.api.send(&hello(1)).await;
        app.status_of(&shop, &first, "failed").await;
        let number_waits = async |tries: i64| {
            until("the number waits", async || {
                let paces = store::number_pace::any_tenant_all(&app.engine.db)
                    .await
                    .unwrap();
                match paces.iter().find(|pace| pace.hold.is_some()) {
                    Some(pace) if pace.probes == tries => Ok(()),
                    other => Err(format!("{other:?}")),
                }
            })
            .await;
        };
        number_waits(1).await;
        let second = shop.api.send(&hello(2)).await;
        held(app, &shop, &second, "payment").await;
        // The one that tries is taken, and fails as well: nothing else was risked.
        later(app, Duration::from_secs(61));
        app.status_of(&shop, &second, "failed").await;
        number_waits(2).await;
        let third = shop.api.send(&hello(3)).await;
        held(app, &shop, &third, "payment").await;
        app.faults(&json!({ "script": null })).await;
        later(app, Duration::from_secs(121));
        app.status_of(&shop, &third, "delivered").await;
        let fourth = shop.api.send(&hello(4)).await;
        held(app, &shop, &fourth, "payment").await;
        later(app, Duration::from_secs(31));
        app.status_of(&shop, &fourth, "delivered").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_behind_a_resting_number_says_so_and_until_when() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        refuses(app, 131_048).await;
        let first = shop.api.send(&hello(1)).await;
        held(app, &shop, &first, "slow_down").await;
        refuses(app, 0).await;
        let second = shop.api.send(&hello(2)).await;
        for id in [&first, &second] {
            let row = app.status_of(&shop, id, "held").await;
            assert_eq!(row["hold"]["code"], "slow_down", "{row}");
            assert!(row["hold"]["until"].is_string(), "{row}");
            let said = row["hold"]["explanation"].as_str().unwrap();
            assert!(!said.contains("in a moment") && said.len() > 20, "{row}");
            assert_eq!(row["queue"]["hold"]["code"], "slow_down", "{row}");
            let listed = shop.api.all("/api/v1/messages").await;
            let listed = listed.iter().find(|row| row["id"] == id.as_str()).unwrap();
            assert_eq!(listed["hold"], row["hold"], "{listed}");
        }
        let queue = shop.api.get("/api/v1/queue").await.expect(200);
        let number = &queue["numbers"][0];
        assert_eq!(
            (&number["hold"]["code"], &number["queued"], &number["held"]),
            (&json!("slow_down"), &json!(0), &json!(2)),
            "{number}"
        );
        later(app, Duration::from_secs(5 * 60 + 1));
        for id in [&first, &second] {
            app.status_of(&shop, id, "delivered").await;
        }
        until("the number rests no more", async || {
            let queue = shop.api.get("/api/v1/queue").await.expect(200);
            match &queue["numbers"][0]["hold"] {
                hold if hold.is_null() => Ok(()),
                hold => Err(hold.to_string()),
            }
        })
        .await;
    })
    .await;
}
