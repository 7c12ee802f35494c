//! Meta's limits, kept before Meta has to say so.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use store::pauses::Scope;
use testkit::{Setup, Tenant, TestApp, each_database, each_database_with, until};

use crate::stage::{
    arrived, change, held, hello, later, mailing, pause, person, refusals, resume, taken, tenant_of,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_to_one_person_is_let_out_as_meta_allows_it() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let sends = (0..50).map(|_| async { shop.api.send(&hello(1)).await });
        join_all(sends).await;
        taken(app, 45).await;
        until("the others are held", async || {
            let outbox = app.intake().await["outbox"].clone();
            if outbox["held"] == 5 {
                Ok(())
            } else {
                Err(outbox.to_string())
            }
        })
        .await;
        for more in 1..=5 {
            later(app, Duration::from_millis(6_010));
            taken(app, 45 + more).await;
        }
        assert_eq!(refusals(app, 131_056), 0, "Meta did not have to refuse");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portfolios_budget_is_kept_and_frees_itself_after_a_day() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let limit =
            "UPDATE phone_numbers SET messaging_limit = 'TIER_3' WHERE phone_number_id = $1";
        change(app, limit, vec![shop.number.clone().into()]).await;
        // Who wrote in the last 24 hours costs nothing.
        app.customer_says(&shop.number, &person(9), "Hola");
        until("the customer's message is here", async || {
            let all = shop.api.all("/api/v1/messages?direction=inbound").await;
            if all.is_empty() {
                Err("nothing".to_owned())
            } else {
                Ok(())
            }
        })
        .await;
        let mut ids = Vec::new();
        for n in 1..=3 {
            let id = shop.api.send(&hello(n)).await;
            app.status_of(&shop, &id, "delivered").await;
            later(app, Duration::from_secs(60));
        }
        for n in 4..=5 {
            let id = shop.api.send(&hello(n)).await;
            let place = held(app, &shop, &id, "budget").await;
            let wait = place.hold_until.unwrap() - app.engine.clock.now().0;
            assert!(wait > 23 * 3_600_000_000, "{wait} µs");
            ids.push(id);
        }
        for n in [1, 9] {
            let id = shop.api.send(&hello(n)).await;
            app.status_of(&shop, &id, "delivered").await;
        }
        taken(app, 5).await;
        let queue = engine::outbound::queue::overview(&app.engine, Some(tenant_of(&shop)))
            .await
            .unwrap();
        let budget = queue.budget.unwrap();
        assert_eq!((budget.limit, budget.used), (Some(3), 3));
        // The second and third fall out first: the first one was written to again.
        later(app, Duration::from_secs(24 * 3_600));
        taken(app, 7).await;
        for id in &ids {
            app.status_of(&shop, id, "delivered").await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_goes_before_mailings_and_mailings_are_not_starved() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let places = mailings_among_answers(app, &shop).await;
        // One after twenty answers. The last answers are on their way together with the mailings that come after them.
        let early = places.iter().filter(|n| **n < 95).count();
        assert!(
            (3..=6).contains(&early),
            "a few of them in between: {places:?}"
        );
        assert!(
            places[0] < 40,
            "the first one does not wait for all: {places:?}"
        );
    })
    .await;
}

/// It claims a hundred messages and more in one round.
#[tokio::test(flavor = "multi_thread")]
async fn on_a_fast_number_mailings_are_not_starved_either() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let fast = json!({ "phone_number_id": shop.number, "mps": 1_000 });
        app.meta().post("/_sim/numbers", &fast).await.expect(200);
        let known =
            "UPDATE phone_numbers SET messages_per_second = 1000 WHERE phone_number_id = $1";
        change(app, known, vec![shop.number.clone().into()]).await;
        let places = mailings_among_answers(app, &shop).await;
        // So many are under way at once that they arrive in no strict order. Where a round lets one through whatever it
        // takes, the first one is behind a hundred answers.
        assert!(
            places[0] < 60,
            "the first one follows the twentieth answer: {places:?}"
        );
    })
    .await;
}

/// 30 mailings and 120 answers are let go at once: at which places the mailings arrive.
async fn mailings_among_answers(app: &TestApp, shop: &Tenant) -> Vec<usize> {
    let all = Scope::Tenant(tenant_of(shop));
    pause(app, &all).await;
    let send = |bodies: Vec<serde_json::Value>| {
        let api = shop.api.clone();
        async move { join_all(bodies.iter().map(|body| api.send(body))).await }
    };
    let bulk = send((0..30).map(mailing).collect()).await;
    let mut urgent = Vec::new();
    for n in 100..220 {
        let mut body = hello(n);
        body["lane"] = "reply".into();
        urgent.push(body);
    }
    let urgent = send(urgent).await;
    for id in bulk.iter().chain(&urgent) {
        held(app, shop, id, "paused_by_tenant").await;
    }
    resume(app, &all).await;
    taken(app, 150).await;
    let order = arrived(app);
    order
        .iter()
        .enumerate()
        .filter(|(_, id)| bulk.contains(id))
        .map(|(n, _)| n)
        .collect()
}

/// On the fallback number, which is paused.
async fn two_on_one_number(app: &TestApp) -> (Scope, [Tenant; 2]) {
    let lender = app.tenant(1).await;
    let fallback = "UPDATE phone_numbers SET is_fallback = TRUE WHERE phone_number_id = $1";
    change(app, fallback, vec![lender.number.clone().into()]).await;
    let shops = [app.new_tenant("Loud").await, app.new_tenant("Quiet").await];
    for shop in &shops {
        app.change_tenant(shop, &json!({ "fallback_allowed": true }))
            .await;
    }
    let number = Scope::PlatformNumber(lender.number.clone());
    pause(app, &number).await;
    (number, shops)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_with_a_mailing_has_saved_up_no_turns_for_answers() {
    each_database(async |app| {
        let (number, [loud, quiet]) = two_on_one_number(app).await;
        let answers = |shop: &Tenant, from: usize, count: usize| {
            let api = shop.api.clone();
            async move {
                let sends = (from..from + count).map(async |n| {
                    let mut body = hello(n);
                    body["lane"] = "reply".into();
                    api.send(&body).await
                });
                join_all(sends).await
            }
        };
        let mailings = join_all((0..20).map(async |n| quiet.api.send(&mailing(n)).await)).await;
        let theirs = answers(&loud, 100, 250).await;
        for (shop, ids) in [(&quiet, &mailings), (&loud, &theirs)] {
            for id in ids {
                held(app, shop, id, "paused_by_platform").await;
            }
        }
        resume(app, &number).await;
        until("the others are on their way", async || {
            match app.sim.outbound_summary().total {
                80.. => Ok(()),
                total => Err(total.to_string()),
            }
        })
        .await;
        answers(&quiet, 1_000, 60).await;
        taken(app, 330).await;
        let order = arrived(app);
        let places: Vec<_> = (0..order.len())
            .filter(|n| theirs.contains(&order[*n]))
            .collect();
        let silence = places.windows(2).map(|pair| pair[1] - pair[0]).max();
        // On a slow machine the others' next ones may not have been let go yet. Turns that were saved up are sixty.
        assert!(
            silence < Some(30),
            "the others never wait for long: {silence:?} in {places:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_on_one_number_have_their_turns() {
    each_database(async |app| {
        let (number, shops) = two_on_one_number(app).await;
        let mut ids = Vec::new();
        for (shop, count) in shops.iter().zip([160, 40]) {
            let base = ids.len() * 1_000;
            let sends = (0..count).map(|n| {
                let body = mailing(base + n);
                async move { shop.api.send(&body).await }
            });
            let sent = join_all(sends).await;
            for id in &sent {
                held(app, shop, id, "paused_by_platform").await;
            }
            ids.push(sent);
        }
        resume(app, &number).await;
        taken(app, 200).await;
        let order = arrived(app);
        let quiet = order[..60].iter().filter(|id| ids[1].contains(id)).count();
        assert!(
            (24..=36).contains(&quiet),
            "{quiet} of the first 60 are the quiet one's"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_to_one_person_keep_their_order_through_a_refusal() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        crate::stage::refuses(app, 131_000).await;
        let mut ids = vec![shop.api.send(&hello(1)).await];
        held(app, &shop, &ids[0], "retry").await;
        crate::stage::refuses(app, 0).await;
        for _ in 0..4 {
            ids.push(shop.api.send(&hello(1)).await);
        }
        let other = shop.api.send(&hello(2)).await;
        app.status_of(&shop, &other, "delivered").await;
        for id in &ids {
            held(app, &shop, id, "retry").await;
        }
        later(app, Duration::from_secs(5));
        taken(app, 6).await;
        let order = arrived(app);
        assert_eq!(order[0], other);
        assert_eq!(order[1..], ids);
    })
    .await;
}
