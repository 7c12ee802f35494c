//! Two events of the same key: the newer one decides, in whatever order they come.

use std::time::Duration;

use domain::Timestamp;
use serde_json::{Value, json};
use testkit::{Setup, Tenant, TestApp, each_database_with};

use crate::stage::{event_is, example, example_templates, report, rule, taken};

const HOUR: Duration = Duration::from_secs(3_600);

async fn reminders(app: &TestApp) -> (Tenant, String) {
    let shop = app.tenant(1).await;
    example_templates(app).await;
    let id = rule(&shop, &example("appointment.booked")).await;
    (shop, id)
}

/// A booking for two days from now, or a cancel; both of the appointment A-1.
fn said(app: &TestApp, kind: &str, id: &str, occurred_at: Option<Timestamp>) -> Value {
    let at = app.engine.clock.now().plus(HOUR * 48).rfc3339();
    let mut event = json!({ "type": format!("appointment.{kind}"), "id": id, "data": {
        "appointment_id": "A-1", "at": at, "customer": { "name": "Ana", "phone": "+34600000001" } } });
    if let Some(at) = occurred_at {
        event["occurred_at"] = json!(at.rfc3339());
    }
    event
}

/// The same without a phone number.
fn nameless(mut event: Value) -> Value {
    event["data"]["customer"] = json!({});
    event
}

async fn retry(shop: &Tenant, event: &str, rule: &str) {
    let path = format!("/api/v1/events/{event}/retry");
    let body = json!({ "rule_id": rule });
    shop.api.post(&path, &body).await.expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_booking_that_comes_after_its_cancellation_reminds_nobody() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, _) = reminders(app).await;
        let now = app.engine.clock.now();
        let away = report(&shop, &said(app, "cancelled", "c-1", Some(now))).await;
        event_is(&shop, &away, "ignored").await;
        let before = report(&shop, &said(app, "booked", "b-1", Some(now.minus(HOUR)))).await;
        let event = event_is(&shop, &before, "skipped").await;
        let result = &event["results"][0];
        assert_eq!(result["reason"], "cancelled_by_event", "{event}");
        assert!(
            result["detail"].as_str().unwrap().contains("c-1"),
            "{event}"
        );
        let anew = said(app, "booked", "b-2", Some(now.plus(HOUR)));
        event_is(&shop, &report(&shop, &anew).await, "scheduled").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_time_what_comes_later_is_newer_and_makes_nothing_old_young_again() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, _) = reminders(app).await;
        let now = app.engine.clock.now();
        let away = report(&shop, &said(app, "cancelled", "c-1", Some(now))).await;
        event_is(&shop, &away, "ignored").await;
        let anew = report(&shop, &said(app, "booked", "b-1", None)).await;
        event_is(&shop, &anew, "scheduled").await;
        let old = said(app, "booked", "b-0", Some(now.minus(HOUR)));
        let old = event_is(&shop, &report(&shop, &old).await, "skipped").await;
        assert_eq!(old["results"][0]["reason"], "replaced", "{old}");
        event_is(&shop, &anew, "scheduled").await;
        report(&shop, &said(app, "cancelled", "c-2", None)).await;
        event_is(&shop, &anew, "cancelled").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_booking_or_cancel_does_not_take_the_place_of_a_newer_booking() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, _) = reminders(app).await;
        let now = app.engine.clock.now();
        let newer = report(&shop, &said(app, "booked", "b-2", Some(now))).await;
        event_is(&shop, &newer, "scheduled").await;
        let older = said(app, "booked", "b-1", Some(now.minus(HOUR)));
        let older = event_is(&shop, &report(&shop, &older).await, "skipped").await;
        assert_eq!(older["results"][0]["reason"], "replaced", "{older}");
        let away = said(app, "cancelled", "c-1", Some(now.minus(HOUR * 2)));
        event_is(&shop, &report(&shop, &away).await, "ignored").await;
        event_is(&shop, &newer, "scheduled").await;
        // In one list, which is one batch, as well.
        let list = json!([
            said(app, "cancelled", "c-4", Some(now.plus(HOUR * 2))),
            said(app, "booked", "b-3", Some(now.plus(HOUR))),
        ]);
        let kept = shop.api.post("/api/v1/events", &list).await.expect(202);
        event_is(&shop, kept["data"][1]["id"].as_str().unwrap(), "skipped").await;
        event_is(&shop, &newer, "cancelled").await;
        app.engine.clock.advance(HOUR * 26);
        taken(app, 0).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_held_and_cancelled_is_not_sent_by_a_later_try() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, rule) = reminders(app).await;
        let held = nameless(said(app, "booked", "b-1", None));
        let held = report(&shop, &held).await;
        event_is(&shop, &held, "held").await;
        report(&shop, &said(app, "cancelled", "c-1", None)).await;
        let event = event_is(&shop, &held, "cancelled").await;
        assert_eq!(
            event["results"][0]["reason"], "cancelled_by_event",
            "{event}"
        );
        let path = format!("/api/v1/notification-rules/{rule}");
        let recipient = json!({ "recipient": { "phone": "+34600000001" } });
        shop.api.patch(&path, &recipient).await.expect(200);
        retry(&shop, &held, &rule).await;
        let event = event_is(&shop, &held, "skipped").await;
        assert_eq!(
            event["results"][0]["reason"], "cancelled_by_event",
            "{event}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_is_remembered_for_a_booking_that_no_rule_was_for() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, rule) = reminders(app).await;
        let path = format!("/api/v1/notification-rules/{rule}");
        let switch = async |on: bool| {
            let body = json!({ "enabled": on });
            shop.api.patch(&path, &body).await.expect(200);
        };
        switch(false).await;
        let booked = report(&shop, &said(app, "booked", "b-1", None)).await;
        event_is(&shop, &booked, "ignored").await;
        report(&shop, &said(app, "cancelled", "c-1", None)).await;
        switch(true).await;
        let other = report(&shop, &json!({ "type": "other", "id": "x", "data": {} })).await;
        event_is(&shop, &other, "ignored").await;
        let retry = format!("/api/v1/events/{booked}/retry");
        shop.api.post(&retry, &json!({})).await.expect(202);
        event_is(&shop, &booked, "skipped").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trying_an_older_event_again_schedules_no_second_reminder() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, rule) = reminders(app).await;
        let held = nameless(said(app, "booked", "b-1", None));
        let held = report(&shop, &held).await;
        event_is(&shop, &held, "held").await;
        let newer = report(&shop, &said(app, "booked", "b-2", None)).await;
        event_is(&shop, &newer, "scheduled").await;
        event_is(&shop, &held, "cancelled").await;
        let path = format!("/api/v1/notification-rules/{rule}");
        let recipient = json!({ "recipient": { "phone": "+34600000001" } });
        shop.api.patch(&path, &recipient).await.expect(200);
        retry(&shop, &held, &rule).await;
        let event = event_is(&shop, &held, "skipped").await;
        assert_eq!(event["results"][0]["reason"], "replaced", "{event}");
        app.engine.clock.advance(HOUR * 26);
        event_is(&shop, &newer, "sent").await;
        taken(app, 1).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_still_to_be_sent_outlives_what_else_became_of_its_event() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, first) = reminders(app).await;
        let clock = &app.engine.clock;
        // The second rule has no value for the template's first variable.
        let mut second = example("appointment.booked");
        second["parameters"]["body"][0] = json!({ "path": "$.data.nothing" });
        second["schedule"] = json!({ "at_path": "$.data.now", "not_if_past": false });
        rule(&shop, &second).await;
        let mut booked = said(app, "booked", "b-1", None);
        booked["data"]["at"] = json!(clock.now().plus(HOUR * 24 * 200).rfc3339());
        booked["data"]["now"] = json!(clock.now().rfc3339());
        let event = report(&shop, &booked).await;
        event_is(&shop, &event, "held").await;
        clock.advance(HOUR * 24 * 100);
        engine::housekeeping::tidy(&app.engine).await.unwrap();
        let whole = event_is(&shop, &event, "held").await;
        let scheduled = whole["results"].as_array().unwrap();
        let scheduled = scheduled.iter().find(|one| one["rule_id"] == *first);
        assert_eq!(scheduled.unwrap()["state"], "scheduled", "{whole}");
        clock.advance(HOUR * 24 * 99 + HOUR);
        taken(app, 1).await;
        clock.advance(HOUR * 24 * 91);
        engine::housekeeping::tidy(&app.engine).await.unwrap();
        let path = format!("/api/v1/events/{event}");
        shop.api.get(&path).await.expect_problem(404, "not_found");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_leave_at_once_but_for_the_night_can_be_cancelled_until_the_morning() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, rule) = reminders(app).await;
        let clock = &app.engine.clock;
        let path = format!("/api/v1/notification-rules/{rule}");
        let schedule = json!({ "at_path": "$.data.at", "offset_seconds": -86_400 * 3, "not_if_past": false });
        shop.api.patch(&path, &json!({ "schedule": schedule })).await.expect(200);
        let local = |at: Timestamp| {
            let zoned = jiff::Timestamp::from_microsecond(at.0).unwrap().in_tz("Europe/Madrid").unwrap();
            zoned.strftime("%H:%M").to_string()
        };
        let hours = json!({ "from": local(clock.now().minus(HOUR)), "to": local(clock.now().plus(HOUR * 2)), "time_zone": "Europe/Madrid" });
        shop.api.patch("/api/v1/settings", &json!({ "quiet_hours": hours })).await.expect(200);
        let booked = report(&shop, &said(app, "booked", "b-1", None)).await;
        let event = event_is(&shop, &booked, "scheduled").await;
        assert_eq!(event["results"][0]["reason"], "quiet_hours", "{event}");
        report(&shop, &said(app, "cancelled", "c-1", None)).await;
        event_is(&shop, &booked, "cancelled").await;
        let anew = report(&shop, &said(app, "booked", "b-2", None)).await;
        event_is(&shop, &anew, "scheduled").await;
        clock.advance(HOUR * 3 + Duration::from_secs(61));
        event_is(&shop, &anew, "sent").await;
        taken(app, 1).await;
    })
    .await;
}
