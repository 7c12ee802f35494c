//! The outbox, jobs, roles and events.

use std::time::Duration;

use domain::{MessageId, TenantId, Timestamp};
use store::db::{Db, Role};
use store::outbox::{claim, look, stop};
use store::pauses::Scope;
use store::{budget, event_log, jobs, outbox, pauses};

use crate::databases::Databases;

const NUMBER: &str = "100000000000001";
const NOW: Timestamp = Timestamp(1_764_500_000_000_000);

fn send(tenant: TenantId, id: MessageId, lane: i64) -> outbox::New {
    outbox::New {
        id: id.hex(),
        tenant: tenant.hex(),
        conversation: MessageId::new(NOW).hex(),
        number: NUMBER.into(),
        recipient: "34600000001".into(),
        lane,
        body: "{}".into(),
        template: None,
        endpoint: None,
        batch: None,
        rests: false,
        next_at: NOW.0,
        send_before: None,
        at: NOW.0,
    }
}

async fn add(db: &Db, rows: &[outbox::New]) {
    let mut tx = db.begin().await.unwrap();
    outbox::any_tenant_add(&mut tx, rows).await.unwrap();
    tx.commit().await.unwrap();
}

fn later(id: MessageId, state: &'static str, hold_until: Option<i64>) -> outbox::Later {
    outbox::Later {
        id: id.hex(),
        state,
        hold: hold_until.map(|_| "retry"),
        hold_until,
        settle_at: (state == "uncertain").then_some(NOW.0 + 9),
        doubts: 1,
        tries: 1,
        last_error: None,
    }
}

#[tokio::test]
async fn a_claim_takes_the_urgent_ones_first_and_nobody_claims_twice() {
    for fresh in Databases::new().each().await {
        let tenant = TenantId::new(NOW);
        let (bulk, reply) = (MessageId::new(NOW), MessageId::new(NOW));
        add(&fresh.db, &[send(tenant, bulk, 2), send(tenant, reply, 0)]).await;
        let mut claimed = Vec::new();
        for _ in 0..3 {
            let mut tx = fresh.db.begin().await.unwrap();
            let due = claim::due(&mut tx, tenant, NUMBER, 1).await.unwrap();
            let ids: Vec<_> = due.iter().map(|entry| entry.id).collect();
            let marked = claim::any_tenant_mark(&mut tx, ids.clone(), "one.1")
                .await
                .unwrap();
            assert_eq!(marked as usize, ids.len());
            claimed.extend(ids);
            tx.commit().await.unwrap();
        }
        assert_eq!(claimed, [reply, bulk]);

        let mut tx = fresh.db.begin().await.unwrap();
        for (process, orphans) in [("one", 0), ("two", 2)] {
            let found = claim::any_tenant_orphans(&mut tx, process, 10)
                .await
                .unwrap();
            assert_eq!(found.len(), orphans, "what {process} finds of others");
        }
        let rows = [
            later(reply, "uncertain", None),
            later(bulk, "held", Some(NOW.0 + 5)),
        ];
        outbox::any_tenant_later(&mut tx, &rows).await.unwrap();
        for (at, due) in [(NOW, 0), (Timestamp(NOW.0 + 9), 1)] {
            let unsettled = claim::any_tenant_unsettled(&mut tx, at, 10).await.unwrap();
            assert_eq!(unsettled.len(), due);
            assert!(unsettled.iter().all(|entry| entry.doubts == 1));
        }
        tx.commit().await.unwrap();
        assert_eq!(
            claim::any_tenant_next(&fresh.db).await.unwrap(),
            Some(Timestamp(NOW.0 + 5))
        );
        for (at, released) in [(NOW, 0), (Timestamp(NOW.0 + 5), 1)] {
            let count = claim::any_tenant_release(&fresh.db, at, 10).await.unwrap();
            assert_eq!(count, released, "released at {at}");
        }
        let mut tx = fresh.db.begin().await.unwrap();
        let due = claim::due(&mut tx, tenant, NUMBER, 9).await.unwrap();
        assert_eq!(due.len(), 1, "what was held is due again");
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
async fn everybody_who_waits_on_a_number_is_found_once_however_much_they_have_queued() {
    for fresh in Databases::new().each().await {
        let tenants: Vec<_> = (0..3).map(|_| TenantId::new(NOW)).collect();
        let mut rows = Vec::new();
        for tenant in &tenants {
            for number in ["1001", "1002"] {
                for _ in 0..20 {
                    rows.push(outbox::New {
                        number: number.into(),
                        ..send(*tenant, MessageId::new(NOW), 1)
                    });
                }
            }
        }
        add(&fresh.db, &rows).await;
        let waiting = claim::any_tenant_waiting(&fresh.db).await.unwrap();
        let mut pairs: Vec<_> = waiting
            .iter()
            .map(|row| (row.phone_number_id.clone(), row.tenant_id))
            .collect();
        pairs.sort();
        pairs.dedup();
        assert_eq!((waiting.len(), pairs.len()), (6, 6));
        assert!(
            waiting.iter().all(|row| !row.allowed),
            "a number that nobody has, and tenants that do not exist"
        );
    }
}

#[tokio::test]
async fn what_is_paused_is_held_and_what_is_taken_out_is_neither_sent_nor_in_doubt() {
    for fresh in Databases::new().each().await {
        let (ours, theirs) = (TenantId::new(NOW), TenantId::new(NOW));
        let ids: Vec<_> = (0..4).map(|_| MessageId::new(NOW)).collect();
        let labelled = |id| outbox::New {
            batch: Some("may".into()),
            ..send(ours, id, 2)
        };
        let rows = [
            labelled(ids[0]),
            labelled(ids[1]),
            send(ours, ids[2], 0),
            outbox::New {
                batch: Some("may".into()),
                ..send(theirs, ids[3], 2)
            },
        ];
        add(&fresh.db, &rows).await;
        let may = stop::Selection {
            batch: Some("may".into()),
            ..stop::Selection::default()
        };
        let mut tx = fresh.db.begin().await.unwrap();
        let held = stop::any_tenant_hold(&mut tx, Some(ours), &may, "paused_batch")
            .await
            .unwrap();
        assert_eq!(held, 2, "ours under that label, not theirs");
        let due = claim::due(&mut tx, ours, NUMBER, 9).await.unwrap();
        assert_eq!(
            due.iter().map(|entry| entry.id).collect::<Vec<_>>(),
            [ids[2]]
        );
        claim::any_tenant_mark(&mut tx, [ids[2]], "one.1")
            .await
            .unwrap();
        let all = stop::Selection::default();
        let stoppable = stop::stoppable(&mut tx, ours, &all, 10).await.unwrap();
        assert_eq!(stoppable.len(), 2, "what is on its way is not taken out");
        let freed = stop::any_tenant_unhold(&mut tx, Some(ours), &may, "paused_batch")
            .await
            .unwrap();
        assert_eq!(freed, 2);
        tx.commit().await.unwrap();
        let place = outbox::place(&fresh.db, ours, ids[0])
            .await
            .unwrap()
            .unwrap();
        assert_eq!((place.state.as_str(), place.hold), ("queued", None));
        assert!(
            outbox::place(&fresh.db, theirs, ids[0])
                .await
                .unwrap()
                .is_none(),
            "nobody sees another tenant's place"
        );
    }
}

#[tokio::test]
async fn what_is_scheduled_waits_and_what_is_too_late_is_found() {
    for fresh in Databases::new().each().await {
        let tenant = TenantId::new(NOW);
        let (scheduled, doubtful) = (MessageId::new(NOW), MessageId::new(NOW));
        let rows = [
            outbox::New {
                next_at: NOW.0 + 100,
                send_before: Some(NOW.0 + 50),
                ..send(tenant, scheduled, 1)
            },
            outbox::New {
                send_before: Some(NOW.0 + 50),
                ..send(tenant, doubtful, 1)
            },
        ];
        add(&fresh.db, &rows).await;
        let place = outbox::place(&fresh.db, tenant, scheduled).await.unwrap();
        let place = place.unwrap();
        assert_eq!(
            (
                place.state.as_str(),
                place.hold.as_deref(),
                place.hold_until
            ),
            ("held", Some("scheduled"), Some(NOW.0 + 100))
        );
        let mut tx = fresh.db.begin().await.unwrap();
        // The second one was tried, and nobody knows whether it went.
        let again = outbox::Later {
            hold: None,
            hold_until: None,
            ..later(doubtful, "queued", None)
        };
        outbox::any_tenant_later(&mut tx, &[again]).await.unwrap();
        let late = Timestamp(NOW.0 + 50);
        let expired = stop::any_tenant_expired(&mut tx, late, 10).await.unwrap();
        assert_eq!(
            expired.iter().map(|row| row.id).collect::<Vec<_>>(),
            [scheduled]
        );
        let in_doubt = stop::any_tenant_expired_in_doubt(&mut tx, late, "too late")
            .await
            .unwrap();
        assert_eq!(in_doubt, 1, "that one may have left: a person decides");
        tx.commit().await.unwrap();
        let page = store::page::Page {
            after: None,
            limit: 10,
        };
        let listed = look::in_doubt(&fresh.db, tenant, false, page)
            .await
            .unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].last_error.as_deref(), Some("too late"));
    }
}

#[tokio::test]
async fn a_pause_stands_once_and_is_lifted_once() {
    for fresh in Databases::new().each().await {
        let tenant = TenantId::new(NOW);
        let scopes = [
            Scope::Tenant(tenant),
            Scope::Number(tenant, NUMBER.into()),
            Scope::Batch(tenant, NUMBER.into()),
            Scope::PlatformTenant(tenant),
            Scope::PlatformNumber(NUMBER.into()),
        ];
        let mut tx = fresh.db.begin().await.unwrap();
        for scope in &scopes {
            for first in [true, false] {
                let set = pauses::any_tenant_set(&mut tx, scope, "Ana", Some("why"), NOW)
                    .await
                    .unwrap();
                assert_eq!(set, first, "{scope:?}");
            }
        }
        assert!(pauses::any_tenant_lift(&mut tx, &scopes[0]).await.unwrap());
        assert!(!pauses::any_tenant_lift(&mut tx, &scopes[0]).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(pauses::any_tenant_all(&fresh.db).await.unwrap().len(), 4);
        let stranger = pauses::of_tenant(&fresh.db, TenantId::new(NOW))
            .await
            .unwrap();
        assert_eq!(stranger.len(), 1, "only the platform's pause of a number");
    }
}

#[tokio::test]
async fn what_is_held_while_its_pause_is_lifted_does_not_stay_held() {
    for fresh in Databases::new().each().await {
        let tenant = TenantId::new(NOW);
        let (scope, id) = (Scope::Tenant(tenant), MessageId::new(NOW));
        add(&fresh.db, &[send(tenant, id, 1)]).await;
        let mut tx = fresh.db.begin().await.unwrap();
        pauses::any_tenant_set(&mut tx, &scope, "Ana", None, NOW)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        // A round of the sender has seen the pause when somebody resumes.
        let mut round = fresh.db.begin().await.unwrap();
        let standing = pauses::any_tenant_all_in(&mut round).await.unwrap();
        assert_eq!(standing.len(), 1);
        let db = fresh.db.clone();
        let mut resumed = tokio::spawn(async move {
            let mut tx = db.begin().await.unwrap();
            assert!(pauses::any_tenant_lift(&mut tx, &scope).await.unwrap());
            let all = stop::Selection::default();
            stop::any_tenant_unhold(&mut tx, Some(tenant), &all, "paused_by_tenant")
                .await
                .unwrap();
            tx.commit().await.unwrap();
        });
        // Long enough for it to get through where nothing keeps it.
        let waits = tokio::time::timeout(Duration::from_millis(300), &mut resumed).await;
        let held = outbox::Later {
            hold: Some("paused_by_tenant"),
            ..later(id, "held", None)
        };
        outbox::any_tenant_later(&mut round, &[held]).await.unwrap();
        round.commit().await.unwrap();
        if waits.is_err() {
            resumed.await.unwrap();
        }
        let place = outbox::place(&fresh.db, tenant, id).await.unwrap().unwrap();
        assert_eq!((place.state.as_str(), place.hold), ("queued", None));
    }
}

#[tokio::test]
async fn whom_a_portfolio_wrote_to_counts_once_and_for_a_day() {
    for fresh in Databases::new().each().await {
        let spent = |recipient: &str, at| budget::Spent {
            portfolio: "p".into(),
            recipient: recipient.into(),
            at,
        };
        let mut tx = fresh.db.begin().await.unwrap();
        budget::any_tenant_spend(&mut tx, &[spent("a", 10), spent("b", 20)])
            .await
            .unwrap();
        budget::any_tenant_spend(&mut tx, &[spent("a", 30)])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let used = budget::any_tenant_used(&fresh.db, "p", Timestamp(0))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((used.used, used.oldest), (2, Some(20)));
        let since = budget::any_tenant_since(&fresh.db, "p", Timestamp(20))
            .await
            .unwrap();
        assert_eq!(since, [spent("a", 30)]);
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
