//! Schedules, nights and ends.

use std::time::Duration;

use serde_json::json;
use store::pauses::Scope;
use testkit::{Setup, Tenant, TestApp, each_database_with};

use crate::stage::{held, hello, later, mailing, pause, place, resume, taken, tenant_of};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_message_leaves_at_its_time_and_not_before() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let at = app.engine.clock.now().plus(HOUR);
        let mut body = hello(1);
        body["type"] = json!("template");
        body["send_at"] = json!(at.rfc3339());
        let id = shop.api.send(&body).await;
        let place = held(app, &shop, &id, "scheduled").await;
        assert_eq!(place.hold_until, Some(at.0));
        let now = shop.api.send(&hello(2)).await;
        app.status_of(&shop, &now, "delivered").await;
        later(app, HOUR - Duration::from_secs(1));
        held(app, &shop, &id, "scheduled").await;
        taken(app, 1).await;
        later(app, Duration::from_secs(2));
        taken(app, 2).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mailings_rest_at_night_where_the_person_lives_and_nothing_else_does() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        // A night that begins an hour ago in Spain and has two more hours there.
        let local = jiff::Timestamp::from_microsecond(app.engine.clock.now().0)
            .unwrap()
            .to_zoned(jiff::tz::TimeZone::get("Europe/Madrid").unwrap());
        let hour = |away: i64| {
            let at = &local + jiff::Span::new().hours(away);
            format!("{:02}:{:02}", at.hour(), at.minute())
        };
        // The Canary Islands are Spain as well, an hour behind: there the night begins when Madrid's is an hour old.
        let hours = json!({ "from": hour(-1), "to": hour(2), "time_zone": "Europe/Madrid" });
        let odd = json!({ "from": "21:00", "to": "21:00", "time_zone": "Europe/Madrid" });
        for wrong in [
            odd,
            json!({ "from": "9", "to": "21:00", "time_zone": "Europe/Madrid" }),
        ] {
            shop.api
                .patch("/api/v1/settings", &json!({ "quiet_hours": wrong }))
                .await
                .expect_problem(422, "invalid");
        }
        let settings = shop
            .api
            .patch("/api/v1/settings", &json!({ "quiet_hours": hours }))
            .await
            .expect(200);
        assert_eq!(settings["quiet_hours"], hours);
        let asleep = shop.api.send(&mailing(1)).await;
        let place = held(app, &shop, &asleep, "quiet_hours").await;
        let rest = place.hold_until.unwrap() - app.engine.clock.now().0;
        assert!(
            (HOUR.as_micros() as i64..=4 * HOUR.as_micros() as i64).contains(&rest),
            "{rest} µs"
        );
        // In India it is day, and a notification goes at any hour.
        let mut awake = mailing(1);
        awake["to"] = json!("+919812345678");
        let awake = shop.api.send(&awake).await;
        let urgent = shop.api.send(&hello(2)).await;
        for id in [&awake, &urgent] {
            app.status_of(&shop, id, "delivered").await;
        }
        taken(app, 2).await;
        let other = shop.api.send(&mailing(3)).await;
        held(app, &shop, &other, "quiet_hours").await;
        later(app, 4 * HOUR);
        taken(app, 4).await;
        // A night that is given up holds nobody any more.
        later(app, 20 * HOUR);
        let again = shop.api.send(&mailing(4)).await;
        held(app, &shop, &again, "quiet_hours").await;
        shop.api
            .patch("/api/v1/settings", &json!({ "quiet_hours": null }))
            .await
            .expect(200);
        taken(app, 5).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_late_expires_even_while_it_is_held() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let all = Scope::Tenant(tenant_of(&shop));
        pause(app, &all).await;
        let mut body = hello(1);
        body["type"] = json!("template");
        body["send_before"] = json!(app.engine.clock.now().plus(HOUR).rfc3339());
        let id = shop.api.send(&body).await;
        let stays = shop.api.send(&hello(2)).await;
        held(app, &shop, &id, "paused_by_tenant").await;
        later(app, HOUR + Duration::from_secs(1));
        let message = app.status_of(&shop, &id, "expired").await;
        let explanation = message["error"]["explanation"].as_str().unwrap_or_default();
        assert!(explanation.len() > 20, "a sentence that helps: {message}");
        assert!(place(app, &shop, &id).await.is_none(), "it left the queue");
        resume(app, &all).await;
        app.status_of(&shop, &stays, "delivered").await;
        taken(app, 1).await;
    })
    .await;
}

/// An answer that was written in time and whose window closed while it was paused; it goes when the pause ends.
async fn paused_past_its_window(app: &TestApp) -> (Tenant, Scope, String) {
    let shop = app.tenant(1).await;
    app.customer_says(&shop.number, &crate::stage::person(1), "Hola");
    app.projected().await;
    testkit::until("the customer's message is here", async || {
        let all = shop.api.all("/api/v1/messages?direction=inbound").await;
        if all.is_empty() {
            Err("nothing".to_owned())
        } else {
            Ok(())
        }
    })
    .await;
    let all = Scope::Tenant(tenant_of(&shop));
    pause(app, &all).await;
    let body = json!({ "to": format!("+{}", crate::stage::person(1)), "text": "Enseguida" });
    let id = shop.api.send(&body).await;
    held(app, &shop, &id, "paused_by_tenant").await;
    later(app, 25 * HOUR);
    (shop, all, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_whose_window_closed_while_it_waited_is_not_sent() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, all, id) = paused_past_its_window(app).await;
        resume(app, &all).await;
        let message = app.status_of(&shop, &id, "failed").await;
        assert_eq!(message["error"]["code"], 131_047, "{message}");
        taken(app, 0).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_webhooks_wait_to_be_projected_the_person_may_have_written_again() {
    each_database_with(Setup::by_hand, async |app| {
        let (shop, all, id) = paused_past_its_window(app).await;
        // A webhook that is durable and not looked at yet.
        let durable = &app.engine.wake.appended;
        durable.fetch_add(1, std::sync::atomic::Ordering::AcqRel);
        resume(app, &all).await;
        app.status_of(&shop, &id, "delivered").await;
        durable.fetch_sub(1, std::sync::atomic::Ordering::AcqRel);
    })
    .await;
}
