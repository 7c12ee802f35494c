//! What is not sent at once: reminders, quiet hours, and people who want nothing.

use std::time::Duration;

use domain::Timestamp;
use serde_json::{Value, json};
use store::db::Sql;
use testkit::{Setup, Tenant, TestApp, each_database_with, until};

use crate::stage::{event_is, example, example_templates, order, report, rule, taken};

const HOUR: Duration = Duration::from_secs(3_600);

fn booked(id: &str, appointment: &str, at: Timestamp) -> Value {
    json!({ "type": "appointment.booked", "id": id, "data": {
        "appointment_id": appointment, "at": at.rfc3339(), "customer": { "name": "Ana", "phone": "+34600000001" } } })
}

async fn reminders(app: &TestApp) -> (Tenant, String) {
    let shop = app.tenant(1).await;
    example_templates(app).await;
    let id = rule(&shop, &example("appointment.booked")).await;
    (shop, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_leaves_a_day_before_the_appointment() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, _) = reminders(app).await;
        let clock = &app.engine.clock;
        let id = report(&shop, &booked("b-1", "A-1", clock.now().plus(HOUR * 30))).await;
        let event = event_is(&shop, &id, "scheduled").await;
        assert_eq!(event["results"][0]["key"], "A-1");
        assert_eq!(
            event["results"][0]["due_at"],
            clock.now().plus(HOUR * 6).rfc3339()
        );
        clock.advance(HOUR * 5);
        let soon = report(&shop, &booked("b-2", "A-2", clock.now().plus(HOUR * 10))).await;
        let late = event_is(&shop, &soon, "skipped").await;
        assert_eq!(late["results"][0]["reason"], "too_late", "{late}");
        assert!(app.sim.outbound().is_empty(), "not before its time");
        clock.advance(HOUR + Duration::from_secs(1));
        event_is(&shop, &id, "sent").await;
        assert_eq!(
            taken(app, 1).await[0]["template"]["name"],
            "appointment_reminder"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_event_cancels_or_replaces_what_is_scheduled() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, _) = reminders(app).await;
        let clock = &app.engine.clock;
        let at = clock.now().plus(HOUR * 48);
        let moved = report(&shop, &booked("b-1", "A-1", at)).await;
        let cancelled = report(&shop, &booked("b-2", "A-2", at)).await;
        event_is(&shop, &cancelled, "scheduled").await;
        let later = report(&shop, &booked("b-3", "A-1", at.plus(HOUR))).await;
        let away = json!({ "type": "appointment.cancelled", "id": "c-1", "data": { "appointment_id": "A-2" } });
        report(&shop, &away).await;
        let event = event_is(&shop, &cancelled, "cancelled").await;
        assert_eq!(event["results"][0]["reason"], "cancelled_by_event", "{event}");
        let event = event_is(&shop, &moved, "cancelled").await;
        assert_eq!(event["results"][0]["reason"], "replaced", "{event}");
        event_is(&shop, &later, "scheduled").await;
        clock.advance(HOUR * 26);
        event_is(&shop, &later, "sent").await;
        taken(app, 1).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_that_is_moved_into_the_near_future_takes_its_old_reminder_along() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, _) = reminders(app).await;
        let clock = &app.engine.clock;
        let first = report(&shop, &booked("b-1", "A-1", clock.now().plus(HOUR * 240))).await;
        event_is(&shop, &first, "scheduled").await;
        let moved = report(&shop, &booked("b-2", "A-1", clock.now().plus(HOUR * 3))).await;
        event_is(&shop, &moved, "skipped").await;
        let event = event_is(&shop, &first, "cancelled").await;
        assert_eq!(event["results"][0]["reason"], "replaced", "{event}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_that_is_due_at_night_can_still_be_cancelled_and_never_comes_after_its_date() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, id) = reminders(app).await;
        let clock = &app.engine.clock;
        let path = format!("/api/v1/notification-rules/{id}");
        let schedule = json!({ "at_path": "$.data.at", "offset_seconds": -3_600 });
        shop.api.patch(&path, &json!({ "schedule": schedule })).await.expect(200);
        let local = |at: Timestamp| {
            let zoned = jiff::Timestamp::from_microsecond(at.0).unwrap().in_tz("Europe/Madrid").unwrap();
            zoned.strftime("%H:%M").to_string()
        };
        // Night from an hour from now on, for eight hours.
        let hours = json!({ "from": local(clock.now().plus(HOUR)), "to": local(clock.now().plus(HOUR * 9)), "time_zone": "Europe/Madrid" });
        shop.api.patch("/api/v1/settings", &json!({ "quiet_hours": hours })).await.expect(200);
        let one = report(&shop, &booked("b-1", "A-1", clock.now().plus(HOUR * 4))).await;
        let two = report(&shop, &booked("b-2", "A-2", clock.now().plus(HOUR * 4))).await;
        event_is(&shop, &two, "scheduled").await;
        clock.advance(HOUR * 3 + Duration::from_secs(1));
        for event in [&one, &two] {
            rests_as_event(&shop, event).await;
        }
        let away = json!({ "type": "appointment.cancelled", "id": "c-1", "data": { "appointment_id": "A-1" } });
        report(&shop, &away).await;
        event_is(&shop, &one, "cancelled").await;
        clock.advance(HOUR * 8);
        let over = event_is(&shop, &two, "skipped").await;
        assert_eq!(over["results"][0]["reason"], "too_late", "{over}");
        assert!(app.sim.outbound().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_gone_sends_nothing_that_it_had_scheduled() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, id) = reminders(app).await;
        let clock = &app.engine.clock;
        let event = report(&shop, &booked("b-1", "A-1", clock.now().plus(HOUR * 30))).await;
        event_is(&shop, &event, "scheduled").await;
        let path = format!("/api/v1/notification-rules/{id}");
        assert_eq!(shop.api.delete(&path).await.status, 204);
        clock.advance(HOUR * 7);
        let event = event_is(&shop, &event, "cancelled").await;
        assert_eq!(event["results"][0]["reason"], "rule_deleted", "{event}");
        assert!(app.sim.outbound().is_empty());
    })
    .await;
}

/// Waits until an event has not become a message because of quiet hours.
async fn rests_as_event(shop: &Tenant, event: &str) {
    until("it waits for the morning", async || {
        let event = shop
            .api
            .get(&format!("/api/v1/events/{event}"))
            .await
            .expect(200);
        match event["results"][0]["reason"] == "quiet_hours" && event["state"] == "scheduled" {
            true => Ok(()),
            false => Err(event.to_string()),
        }
    })
    .await;
}

/// Waits until a message is held for quiet hours.
async fn rests(shop: &Tenant, message: &str) {
    until("it rests", async || {
        let message = shop.api.message(message).await;
        match (&message["status"], &message["hold"]["code"]) {
            (status, code) if status == "held" && code == "quiet_hours" => Ok(()),
            _ => Err(message.to_string()),
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rests_goes_when_the_quiet_hours_are_switched_off() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, _) = reminders(app).await;
        rule(&shop, &example("purchase_order.created")).await;
        let clock = &app.engine.clock;
        let always = json!({ "quiet_hours": { "from": "00:00", "to": "23:59", "time_zone": "Europe/Madrid" } });
        let quiet = async |hours| drop(shop.api.patch("/api/v1/settings", hours).await.expect(200));
        quiet(&always).await;
        // What nothing can replace waits as a message, what a later event can replace waits as an event.
        let event = event_is(&shop, &report(&shop, &order("po-1")).await, "sent").await;
        rests(&shop, event["results"][0]["message_id"].as_str().unwrap()).await;
        let waiting = report(&shop, &booked("b-1", "A-1", clock.now().plus(HOUR * 25))).await;
        event_is(&shop, &waiting, "scheduled").await;
        clock.advance(HOUR + Duration::from_secs(1));
        rests_as_event(&shop, &waiting).await;
        assert!(app.sim.outbound().is_empty());
        quiet(&json!({ "quiet_hours": null })).await;
        taken(app, 2).await;
        event_is(&shop, &waiting, "sent").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_in_quiet_hours_rests_as_it_would_have() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        example_templates(app).await;
        rule(&shop, &example("purchase_order.created")).await;
        let refuse = json!({ "script": [{ "match": { "path": "/messages" }, "times": 1, "answer": { "code": 131026 } }] });
        app.faults(&refuse).await;
        let event = event_is(&shop, &report(&shop, &order("po-1")).await, "sent").await;
        let message = event["results"][0]["message_id"].as_str().unwrap().to_owned();
        app.status_of(&shop, &message, "failed").await;
        let always = json!({ "quiet_hours": { "from": "00:00", "to": "23:59", "time_zone": "Europe/Madrid" } });
        shop.api.patch("/api/v1/settings", &always).await.expect(200);
        let path = format!("/api/v1/messages/{message}/retry");
        let again = shop.api.post(&path, &json!({})).await.expect(202);
        rests(&shop, again["id"].as_str().unwrap()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_at_night_leaves_in_the_morning_unless_it_is_urgent() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let clock = &app.engine.clock;
        let local = |at: Timestamp| {
            let zoned = jiff::Timestamp::from_microsecond(at.0).unwrap().in_tz("Europe/Madrid").unwrap();
            zoned.strftime("%H:%M").to_string()
        };
        // From an hour ago until an hour from now.
        let hours = json!({ "from": local(clock.now().minus(HOUR)), "to": local(clock.now().plus(HOUR)), "time_zone": "Europe/Madrid" });
        shop.api.patch("/api/v1/settings", &json!({ "quiet_hours": hours })).await.expect(200);
        rule(&shop, &example("purchase_order.created")).await;
        let event = event_is(&shop, &report(&shop, &order("po-1")).await, "sent").await;
        let result = &event["results"][0];
        assert_eq!(result["reason"], "quiet_hours", "{event}");
        rests(&shop, result["message_id"].as_str().unwrap()).await;
        let mut urgent = example("purchase_order.created");
        urgent["event_type"] = json!("purchase_order.cancelled");
        urgent["quiet_hours"] = json!("ignore");
        rule(&shop, &urgent).await;
        let mut now = order("po-2");
        now["type"] = json!("purchase_order.cancelled");
        report(&shop, &now).await;
        taken(app, 1).await;
        // A Spanish number may be on the Canaries, where it is morning an hour later.
        clock.advance(2 * HOUR + Duration::from_secs(61));
        taken(app, 2).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asked_not_to_be_written_to_is_not_written_to() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let id = rule(&shop, &example("purchase_order.created")).await;
        let event = report(&shop, &order("po-1")).await;
        event_is(&shop, &event, "sent").await;
        taken(app, 1).await;
        let said = |column: &'static str| app.engine.db.run(Sql::Both(column), Vec::new());
        said("UPDATE contacts SET marketing_choice = 'stop'")
            .await
            .unwrap();
        event_is(&shop, &report(&shop, &order("po-2")).await, "sent").await;
        let contact = shop.api.all("/api/v1/contacts").await.remove(0);
        let path_of_contact = format!("/api/v1/contacts/{}", contact["id"].as_str().unwrap());
        let left = shop
            .api
            .patch(&path_of_contact, &json!({ "opted_out": true }))
            .await
            .expect(200);
        assert!(left["opted_out_at"].is_string(), "{left}");
        let event = event_is(&shop, &report(&shop, &order("po-3")).await, "skipped").await;
        assert_eq!(event["results"][0]["reason"], "opted_out", "{event}");
        let path = format!("/api/v1/notification-rules/{id}");
        shop.api
            .patch(&path, &json!({ "ignore_opt_out": true }))
            .await
            .expect(200);
        event_is(&shop, &report(&shop, &order("po-4")).await, "sent").await;
        taken(app, 3).await;
        shop.api
            .patch(&path_of_contact, &json!({ "opted_out": false }))
            .await
            .expect(200);
        shop.api
            .patch(&path, &json!({ "ignore_opt_out": false }))
            .await
            .expect(200);
        event_is(&shop, &report(&shop, &order("po-5")).await, "sent").await;
        taken(app, 4).await;
    })
    .await;
}
