//! The outbox, jobs, roles and events.

use std::time::Duration;

use domain::{MessageId, TenantId, Timestamp};
use store::{db::Role, event_log, jobs, outbox};

use crate::databases::Databases;

const NUMBER: &str = "100000000000001";
const NOW: Timestamp = Timestamp(1_764_500_000_000_000);

fn send(id: MessageId, lane: i64) -> outbox::New {
    outbox::New {
        id: id.hex(),
        tenant: TenantId::new(NOW).hex(),
        number: NUMBER.into(),
        recipient: "34600000001".into(),
        lane,
        body: "{}".into(),
        next_at: NOW.0,
        at: NOW.0,
    }
}

#[tokio::test]
async fn a_claim_takes_the_urgent_ones_first_and_nobody_claims_twice() {
    for fresh in Databases::new().each().await {
        let (bulk, reply) = (MessageId::new(NOW), MessageId::new(NOW));
        let mut tx = fresh.db.begin().await.unwrap();
        outbox::any_tenant_add(&mut tx, &[send(bulk, 2), send(reply, 0)])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut claimed = Vec::new();
        for _ in 0..3 {
            let mut tx = fresh.db.begin().await.unwrap();
            claimed.extend(
                outbox::any_tenant_claim(&mut tx, NUMBER, "one", NOW, 1)
                    .await
                    .unwrap(),
            );
            tx.commit().await.unwrap();
        }
        assert_eq!(
            claimed.iter().map(|entry| entry.id).collect::<Vec<_>>(),
            [reply, bulk]
        );

        let mut tx = fresh.db.begin().await.unwrap();
        assert_eq!(
            outbox::any_tenant_orphans(&mut tx, "one", 10)
                .await
                .unwrap()
                .len(),
            0,
            "its own sends are not orphans"
        );
        assert_eq!(
            outbox::any_tenant_orphans(&mut tx, "two", 10)
                .await
                .unwrap()
                .len(),
            2
        );
        let later = |id: MessageId, state, settle_at| outbox::Later {
            id: id.hex(),
            state,
            next_at: NOW.0 + 5,
            settle_at,
            doubts: 1,
            tries: 1,
            last_error: None,
        };
        outbox::any_tenant_later(
            &mut tx,
            &[
                later(reply, "uncertain", Some(NOW.0 + 9)),
                later(bulk, "queued", None),
            ],
        )
        .await
        .unwrap();
        assert!(
            outbox::any_tenant_unsettled(&mut tx, NOW, 10)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(
            outbox::any_tenant_unsettled(&mut tx, Timestamp(NOW.0 + 9), 10)
                .await
                .unwrap()[0]
                .doubts,
            1
        );
        assert!(
            outbox::any_tenant_claim(&mut tx, NUMBER, "two", NOW, 9)
                .await
                .unwrap()
                .is_empty(),
            "not before its time"
        );
        assert_eq!(
            outbox::any_tenant_done(&mut tx, [reply, bulk])
                .await
                .unwrap(),
            2
        );
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn jobs_of_one_lane_run_one_after_the_other_and_a_dead_holder_is_replaced() {
    for fresh in Databases::new().each().await {
        let mut tx = fresh.db.begin().await.unwrap();
        for lane in ["a", "a", "b"] {
            jobs::add(&mut tx, "work", lane, "{}", NOW, NOW)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let lease = Duration::from_secs(60);
        let first = jobs::claim(&fresh.db, "one", NOW, lease, 10).await.unwrap();
        assert_eq!(
            first
                .iter()
                .map(|job| job.lane.as_str())
                .collect::<Vec<_>>(),
            ["a", "b"]
        );
        assert!(
            jobs::claim(&fresh.db, "two", NOW, lease, 10)
                .await
                .unwrap()
                .is_empty()
        );
        let later = NOW.plus(lease);
        let again = jobs::claim(&fresh.db, "two", later, lease, 10)
            .await
            .unwrap();
        assert_eq!(again.len(), 2, "the lease of a dead holder ends");
        let mut tx = fresh.db.begin().await.unwrap();
        assert!(
            !jobs::done(&mut tx, first[0].id, "one").await.unwrap(),
            "who lost the lease cannot finish the job"
        );
        assert!(jobs::done(&mut tx, again[0].id, "two").await.unwrap());
        tx.commit().await.unwrap();
        jobs::failed(&fresh.db, &again[1], "two", "no answer", later)
            .await
            .unwrap();
        let next = jobs::claim(&fresh.db, "two", later, lease, 10)
            .await
            .unwrap();
        assert_eq!(
            next.iter().map(|job| job.lane.as_str()).collect::<Vec<_>>(),
            ["a"],
            "a failed job waits before its next try"
        );
    }
}

#[tokio::test]
async fn a_role_is_held_once_and_is_free_when_its_holder_is_gone() {
    for fresh in Databases::new().each().await {
        let mut held = Role::try_take(&fresh.address, "outbound")
            .await
            .unwrap()
            .unwrap();
        assert!(held.still_held().await);
        assert!(
            Role::try_take(&fresh.address, "outbound")
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            Role::try_take(&fresh.address, "inbound")
                .await
                .unwrap()
                .is_some()
        );
        drop(held);
        let mut again = None;
        for _ in 0..100 {
            again = Role::try_take(&fresh.address, "outbound").await.unwrap();
            if again.is_some() {
                break;
            }
            // PostgreSQL notices a closed session a moment later.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(
            again.is_some(),
            "the role of a holder that is gone can be taken"
        );
    }
}

#[tokio::test]
async fn events_keep_their_order_and_the_newest_is_never_trimmed() {
    for fresh in Databases::new().each().await {
        let tenant = TenantId::new(NOW);
        let mut tx = fresh.db.begin().await.unwrap();
        let events: Vec<_> = (0..5)
            .map(|n| event_log::of(tenant, "message.received", n.to_string(), NOW))
            .collect();
        event_log::append(&mut tx, &events).await.unwrap();
        tx.commit().await.unwrap();
        let read = event_log::any_tenant_after(&fresh.db, 0, 10).await.unwrap();
        assert_eq!(
            read.iter()
                .map(|event| event.data.as_str())
                .collect::<Vec<_>>(),
            ["0", "1", "2", "3", "4"]
        );
        assert_eq!(
            event_log::trim(&fresh.db, Timestamp(NOW.0 + 1))
                .await
                .unwrap(),
            4
        );
        assert_eq!(event_log::last(&fresh.db).await.unwrap(), read[4].seq);
    }
}
