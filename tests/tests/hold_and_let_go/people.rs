//! Pauses, and taking back.

use std::collections::HashSet;

use domain::MessageId;
use engine::outbound::queue::{self, Cancelled, Selection};
use futures::future::join_all;
use store::pauses::Scope;
use testkit::{Setup, each_database, each_database_with, until};

use crate::stage::{
    arrived, change, held, hello, mailing, pause, place, resume, taken, tenant_of, who,
};

const LABEL: &str = "UPDATE outbox SET batch = $1 WHERE id = $2";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paused_waits_and_what_comes_after_does_too() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let tenant = tenant_of(&shop);
        let scopes = [
            (Scope::Tenant(tenant), "paused_by_tenant"),
            (Scope::Number(tenant, shop.number.clone()), "paused_number"),
            (Scope::PlatformTenant(tenant), "paused_by_platform"),
            (
                Scope::PlatformNumber(shop.number.clone()),
                "paused_by_platform",
            ),
        ];
        let mut sent = 0;
        for (scope, word) in scopes {
            pause(app, &scope).await;
            let id = shop.api.send(&hello(1)).await;
            held(app, &shop, &id, word).await;
            let found = shop.api.all("/api/v1/messages?status=held").await;
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0]["id"], id.as_str(), "{found:?}");
            let queued = shop.api.all("/api/v1/messages?status=queued").await;
            assert!(queued.is_empty(), "it is held: {queued:?}");
            let theirs = other.api.send(&hello(2)).await;
            app.status_of(&other, &theirs, "delivered").await;
            sent += 1;
            taken(app, sent).await;
            resume(app, &scope).await;
            app.status_of(&shop, &id, "delivered").await;
            sent += 1;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_is_paused_and_taken_back_and_the_rest_goes_on() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let tenant = tenant_of(&shop);
        let all = Scope::Tenant(tenant);
        let may = Scope::Batch(tenant, "may".into());
        pause(app, &all).await;
        let mut ids = Vec::new();
        for n in 0..6 {
            let id = shop.api.send(&mailing(n)).await;
            held(app, &shop, &id, "paused_by_tenant").await;
            ids.push(id);
        }
        for id in &ids[..4] {
            let id: MessageId = id.parse().unwrap();
            change(app, LABEL, vec!["may".into(), id.into()]).await;
        }
        pause(app, &may).await;
        resume(app, &all).await;
        taken(app, 2).await;
        held(app, &shop, &ids[0], "paused_batch").await;
        let which = Selection {
            message: Some(ids[3].parse().unwrap()),
            ..Selection::default()
        };
        let one = queue::cancel(&app.engine, tenant, &which, &who()).await;
        assert_eq!(one.unwrap(), 1);
        let which = Selection {
            batch: Some("may".into()),
            ..Selection::default()
        };
        let rest = queue::cancel(&app.engine, tenant, &which, &who()).await;
        assert_eq!(rest.unwrap(), 3);
        resume(app, &may).await;
        for id in &ids[..4] {
            app.status_of(&shop, id, "cancelled").await;
            assert!(place(app, &shop, id).await.is_none());
        }
        let left =
            queue::cancel_message(&app.engine, tenant, ids[5].parse().unwrap(), &who()).await;
        assert_eq!(left.unwrap(), Cancelled::AlreadyLeft);
        taken(app, 2).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_back_while_it_is_sent_stops_what_has_not_left_and_nothing_else() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let tenant = tenant_of(&shop);
        let mut ids = Vec::new();
        let mut cancelled = 0;
        for part in 0..6 {
            let sends = (0..40).map(|n| {
                let (api, body) = (shop.api.clone(), mailing(part * 40 + n));
                async move { api.send(&body).await }
            });
            ids.extend(join_all(sends).await);
            cancelled += queue::cancel(&app.engine, tenant, &Selection::default(), &who())
                .await
                .unwrap();
        }
        let total = ids.len() as u64;
        until("nothing is on its way", async || {
            let sent = app.sim.outbound_summary().total;
            if sent + cancelled == total {
                Ok(())
            } else {
                Err(format!("{sent} sent and {cancelled} taken back of {total}"))
            }
        })
        .await;
        let arrived: HashSet<_> = arrived(app).into_iter().collect();
        assert!(
            cancelled > 0 && !arrived.is_empty(),
            "{cancelled}, {}",
            arrived.len()
        );
        let all = shop.api.all("/api/v1/messages?direction=outbound").await;
        assert_eq!(all.len() as u64, total);
        for message in all {
            let left = arrived.contains(message["id"].as_str().unwrap());
            let shown = message["status"] == "cancelled";
            assert_ne!(
                left, shown,
                "left: {left}, and shown as {}",
                message["status"]
            );
        }
    })
    .await;
}
