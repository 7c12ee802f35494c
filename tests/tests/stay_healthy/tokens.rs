//! Tokens that end, are taken back and come back.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use serde_json::json;
use store::vitals;
use testkit::{Setup, TestApp, each_database_with, until};

use crate::alerts::open;
use crate::stage::{Account, account, connection, signed_up};

const DAY: u64 = 24 * 3_600;

/// The token ends so many days from now, as Meta said yesterday.
async fn ends_in(app: &TestApp, own: &Account, days: u64) {
    let now = app.engine.clock.now();
    let looked = vitals::Looked {
        state: "valid",
        expires_at: Some(now.plus(Duration::from_secs(days * DAY))),
        scopes: None,
        mended: false,
    };
    let mut tx = app.engine.db.begin().await.unwrap();
    vitals::any_tenant_looked(&mut tx, &own.waba, &looked, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_token_is_told_fourteen_seven_and_one_days_before_once_each() {
    each_database_with(Setup::by_hand, async |app| {
        let own = account(app, 1).await;
        ends_in(app, &own, 20).await;
        let mut told: Vec<(String, String)> = Vec::new();
        // Four looks a day; nobody asks Meta in this story.
        for quarter in 0..80 {
            engine::health::alerts::sweep(&app.engine).await.unwrap();
            for alert in open(app, &own.shop).await {
                let seen = (
                    alert["kind"].as_str().unwrap().to_owned(),
                    alert["severity"].as_str().unwrap().to_owned(),
                );
                if told.last() != Some(&seen) {
                    told.push(seen);
                }
                assert_eq!(
                    alert["subject"],
                    json!(own.waba),
                    "after {quarter} quarters of a day: {alert}"
                );
            }
            app.engine.clock.advance(Duration::from_secs(DAY / 4));
        }
        engine::health::alerts::sweep(&app.engine).await.unwrap();
        let all = app
            .client(Some(&own.shop.key))
            .all("/api/v1/alerts?all=true")
            .await;
        assert_eq!(
            told,
            [
                ("token_expiring".to_owned(), "warning".to_owned()),
                ("token_expiring".to_owned(), "critical".to_owned())
            ]
        );
        let kinds: Vec<_> = all
            .iter()
            .map(|alert| alert["kind"].as_str().unwrap())
            .collect();
        assert_eq!(
            kinds,
            ["token_dead", "token_expiring"],
            "one that changed, and its end: {all:?}"
        );
        assert!(all[1]["resolved_at"].is_string(), "{all:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_that_was_put_away_comes_back_at_the_next_stage_and_not_before() {
    each_database_with(Setup::by_hand, async |app| {
        let own = account(app, 1).await;
        ends_in(app, &own, 13).await;
        engine::health::alerts::sweep(&app.engine).await.unwrap();
        let alert = open(app, &own.shop).await.remove(0);
        assert_eq!(alert["parameters"]["days"], "13", "{alert}");
        let path = format!("/api/v1/alerts/{}/dismiss", alert["id"].as_str().unwrap());
        own.shop.api.post(&path, &json!({})).await.expect(204);
        app.engine.clock.advance(Duration::from_secs(5 * DAY));
        engine::health::alerts::sweep(&app.engine).await.unwrap();
        assert_eq!(open(app, &own.shop).await, Vec::<serde_json::Value>::new());
        app.engine.clock.advance(Duration::from_secs(DAY + 1));
        engine::health::alerts::sweep(&app.engine).await.unwrap();
        assert_eq!(open(app, &own.shop).await.len(), 1, "seven days");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_meta_refuses_is_looked_at_at_once_and_its_end_is_known() {
    each_database_with(Setup::by_hand, async |app| {
        let own = account(app, 1).await;
        // Meta does not know it: every call says 190, that of the look as well.
        let dead = "EAANOBODYKNOWSTHIS".to_owned().into();
        store::wabas::upsert(&app.engine.db, &app.engine.sealer, &own.waba, None, "Owner", Some(&dead), app.engine.clock.now())
            .await
            .unwrap();
        let hello = json!({ "to": "+34600000001", "template": { "name": "hello_world", "language": "en_US" } });
        let id = own.shop.api.send(&hello).await;
        until("somebody is told", async || {
            let open = open(app, &own.shop).await;
            match open.iter().any(|alert| alert["kind"] == "token_dead") {
                true => Ok(()),
                false => Err(format!("{open:?}")),
            }
        })
        .await;
        assert_eq!(connection(app, &own).await[..2], [Some("action_needed".to_owned()), Some("reauthorise".to_owned())]);
        until("the message waits for the token", async || {
            let (tenant, id) = (own.shop.id.parse().unwrap(), id.parse().unwrap());
            match store::outbox::place(&app.engine.db, tenant, id).await.unwrap() {
                Some(place) if place.hold.as_deref() == Some("token") => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
        // It is given one that works: the look says so, and what waited goes without waiting for its time.
        let works = testkit::OWN_TOKEN.to_owned().into();
        store::wabas::upsert(&app.engine.db, &app.engine.sealer, &own.waba, None, "Owner", Some(&works), app.engine.clock.now())
            .await
            .unwrap();
        engine::health::tokens::suspect(&app.engine, &own.waba);
        until("the connection works again", async || {
            match connection(app, &own).await {
                [Some(state), None, _] if state == "connected" => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
        until("nobody is told any more", async || match open(app, &own.shop).await {
            open if open.iter().all(|alert| alert["kind"] != "token_dead") => Ok(()),
            open => Err(format!("{open:?}")),
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_to_end_is_renewed_at_meta_and_what_is_sent_goes_with_the_new_one() {
    each_database_with(Setup::by_hand, async |app| {
        let (own, row) = signed_up(app, json!({ "token_days": 10 })).await;
        let token = async || {
            let (db, sealer) = (&app.engine.db, &app.engine.sealer);
            let token = store::wabas::any_tenant_token(db, sealer, &own.waba).await;
            token.unwrap().unwrap().expose_secret().to_owned()
        };
        let before = token().await;
        assert!(row["token"]["expires_at"].is_string(), "{row}");
        engine::health::tokens::suspect(&app.engine, &own.waba);
        until("another token is kept", async || {
            if token().await == before {
                Err("the same".to_owned())
            } else {
                Ok(())
            }
        })
        .await;
        let path = format!("/api/v1/connections/{}", own.connection);
        let row = own.shop.api.get(&path).await.expect(200);
        let ends = row["token"]["expires_at"].as_str().unwrap();
        let ends = domain::Timestamp::parse(ends).unwrap();
        let days = ends.since(app.engine.clock.now()).as_secs() / DAY;
        assert!((59..=60).contains(&days), "{days} days: {row}");
        assert_eq!(row["token"]["state"], "valid", "{row}");
        until("its end is told no more", async || {
            let open = open(app, &own.shop).await;
            match open.iter().all(|alert| alert["kind"] != "token_expiring") {
                true => Ok(()),
                false => Err(format!("{open:?}")),
            }
        })
        .await;
        // The old one is taken back at Meta; nobody notices.
        let dead = json!({ "token": before, "state": "revoked" });
        app.meta().post("/_sim/tokens", &dead).await.expect(200);
        let paid = json!({ "waba_id": own.waba, "payment": "ok" });
        app.meta().post("/_sim/wabas", &paid).await.expect(200);
        let hello = json!({ "to": "+34600000001", "template": { "name": "hello_world", "language": "en_US" } });
        let id = own.shop.api.send(&hello).await;
        until("Meta has taken it", async || {
            let row = own.shop.api.message(&id).await;
            if row["accepted_at"].is_string() { Ok(()) } else { Err(row.to_string()) }
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_meta_refuses_changes_nothing_and_is_not_asked_for_again_on_the_same_day() {
    each_database_with(Setup::by_hand, async |app| {
        let (own, _) = signed_up(app, json!({ "token_days": 10 })).await;
        let rule = json!({ "match": { "path": "oauth/access_token" }, "answer": { "code": 10 } });
        app.faults(&json!({ "script": [rule] })).await;
        let asked = async || {
            let all = app.meta().get("/_sim/calls").await.expect(200);
            let all = all["data"].as_array().unwrap().iter();
            all.filter(|call| {
                call["path"]
                    .as_str()
                    .unwrap()
                    .contains("fb_exchange_token=")
            })
            .count()
        };
        for _ in 0..3 {
            engine::health::tokens::suspect(&app.engine, &own.waba);
            until("the token is looked at", async || match asked().await {
                1 => Ok(()),
                other => Err(other.to_string()),
            })
            .await;
            engine::health::tokens::look_after(&app.engine)
                .await
                .unwrap();
        }
        assert_eq!(asked().await, 1);
        until("its end is told", async || {
            let open = open(app, &own.shop).await;
            match open.iter().any(|alert| alert["kind"] == "token_expiring") {
                true => Ok(()),
                false => Err(format!("{open:?}")),
            }
        })
        .await;
    })
    .await;
}

/// Waits until the look at a token has found that it is dead.
async fn found_dead(app: &TestApp, own: &Account) {
    until("the connection says so", async || {
        match connection(app, own).await {
            [Some(state), Some(problem), _]
                if state == "action_needed" && problem == "reauthorise" =>
            {
                Ok(())
            }
            other => Err(format!("{other:?}")),
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_hears_first_that_a_token_is_dead_has_it_looked_at() {
    each_database_with(Setup::by_hand, async |app| {
        for what in ["templates", "read", "upload", "file"] {
            let (own, _) = signed_up(app, json!({})).await;
            app.customer_writes(
                &own.number,
                "34600000009",
                json!({ "type": "image", "image": {} }),
            );
            let came = until("a picture is there, with its file", async || {
                let rows = own.shop.api.all("/api/v1/messages").await;
                match rows.first() {
                    Some(row) if row["media"]["state"] == "stored" => Ok(row.clone()),
                    other => Err(format!("{other:?}")),
                }
            })
            .await;
            let revoked = json!({ "state": "revoked" });
            app.meta()
                .post(&format!("/_sim/wabas/{}/tokens", own.waba), &revoked)
                .await
                .expect(200);
            let api = &own.shop.api;
            match what {
                "templates" => {
                    // Whichever of them asks Meta.
                    drop(api.get("/api/v1/templates").await);
                    drop(api.post("/api/v1/templates/sync", &json!({})).await);
                }
                "read" => {
                    let path = format!("/api/v1/messages/{}/read", came["id"].as_str().unwrap());
                    assert_ne!(api.post(&path, &json!({})).await.status, 204);
                }
                "upload" => {
                    let part =
                        reqwest::multipart::Part::bytes(b"%PDF-1.7 x".to_vec()).file_name("a.pdf");
                    let form = reqwest::multipart::Form::new().part("file", part);
                    let request = api.request(reqwest::Method::POST, "/api/v1/media");
                    drop(request.multipart(form).send().await.unwrap());
                }
                _ => drop(app.customer_writes(
                    &own.number,
                    "34600000010",
                    json!({ "type": "image", "image": {} }),
                )),
            }
            found_dead(app, &own).await;
        }
    })
    .await;
}
