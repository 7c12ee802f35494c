//! What a second run, another business or Meta does to a connection that is there already.

use std::time::Duration;

use domain::Clock;
use serde_json::{Value, json};
use store::db::Sql;
use testkit::{Client, Setup, TestApp, each_database, each_database_with, until};

use crate::stage::{calls, connect, connected, ended, partner, sign_up, step, text, told};

const RUBBISH: &str = "EAArubbish";

/// The connection, as it is now.
async fn connection(api: &Client, id: &str) -> Value {
    api.get(&format!("/api/v1/connections/{id}"))
        .await
        .expect(200)
}

/// Waits until a connection stands so.
async fn stands(api: &Client, id: &str, state: &str) -> Value {
    until(&format!("the connection is {state}"), async || {
        let row = connection(api, id).await;
        if row["state"] == state {
            Ok(row)
        } else {
            Err(format!("{row:#}"))
        }
    })
    .await
}

/// Meta says that the platform is no partner of an account any more.
async fn removed(app: &TestApp, waba: &str) {
    app.meta()
        .post(
            &format!("/_sim/wabas/{waba}/account-update"),
            &json!({ "event": "PARTNER_REMOVED" }),
        )
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn access_that_proves_nothing_changes_nothing_of_what_works() {
    each_database_with(partner, async |app| {
        let shop = app.new_tenant("Una").await;
        let (made, row) = connected(app, &shop, json!({})).await;
        assert_eq!(row["way"], "solution_partner");
        let id = text(&row["id"]);
        let rubbish = json!({ "access_token": RUBBISH, "waba_id": made["waba_id"] });
        shop.api
            .post("/api/v1/connections/own-credentials", &rubbish)
            .await
            .expect(202);
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["run"]["cause"], "token_invalid", "{row:#}");
        for (what, was) in [
            ("state", json!("connected")),
            ("way", json!("solution_partner")),
            ("billing_mode", json!("rebilled")),
            ("problem", json!(null)),
        ] {
            assert_eq!(row[what], was, "{what}: {row:#}");
        }
        // What is kept from before is looked at again, not the rubbish.
        shop.api
            .post(&format!("/api/v1/connections/{id}/resume"), &json!({}))
            .await
            .expect(202);
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["run"]["state"], "done", "{row:#}");
        assert_eq!(row["state"], "connected", "{row:#}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_connects_while_meta_is_told_of_the_end_keeps_what_they_made() {
    each_database(async |app| {
        let (one, two) = (app.new_tenant("Una").await, app.new_tenant("Dos").await);
        let (made, row) = connected(app, &one, json!({})).await;
        let waba = text(&made["waba_id"]);
        let again = json!({
            "waba_id": waba, "phone_number_id": made["phone_number_id"], "business_id": made["business_id"],
        });
        let second = sign_up(app, again).await;
        let slowly = json!({ "script": [{
            "match": { "method": "DELETE", "path": "subscribed_apps" }, "times": 1, "answer": { "delay_ms": 2_000 },
        }]});
        app.meta().post("/_sim/faults", &slowly).await.expect(200);
        let path = format!("/api/v1/connections/{}/disconnect", text(&row["id"]));
        one.api.post(&path, &json!({})).await.expect(200);
        let id = connect(&two, &second).await;
        let row = ended(&two.api, &id).await;
        assert_eq!(row["state"], "connected", "{row:#}");
        until("Meta has been told", async || {
            match calls(app, "DELETE", &format!("{waba}/subscribed_apps")).await {
                1 => Ok(()),
                count => Err(count.to_string()),
            }
        })
        .await;
        let token = store::wabas::any_tenant_token(&app.engine.db, &app.engine.sealer, &waba).await;
        assert!(token.unwrap().is_some(), "the second one's token is there");
        app.customer_says(&text(&made["phone_number_id"]), "34600000009", "hola");
        until("its messages come", async || {
            match two.api.all("/api/v1/messages").await.len() {
                1 => Ok(()),
                count => Err(count.to_string()),
            }
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_business_app_that_meta_knows_nothing_of_is_not_believed() {
    each_database(async |app| {
        let shop = app.new_tenant("Una").await;
        let made = sign_up(app, json!({})).await;
        let mut claim = told(&made);
        claim["coexistence"] = json!(true);
        let begun = shop
            .api
            .post("/api/v1/connections/embedded-signup", &claim)
            .await
            .expect(202);
        let row = ended(&shop.api, &text(&begun["id"])).await;
        assert_eq!(step(&row, "register_number")["state"], "done", "{row:#}");
        assert_eq!(row["coexistence"], false, "{row:#}");
        assert_eq!(row["state"], "connected", "{row:#}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_up_again_without_saying_for_which_account_goes_on_where_it_was() {
    each_database_with(partner, async |app| {
        let shop = app.new_tenant("Una").await;
        let (made, first) = connected(app, &shop, json!({})).await;
        let again = json!({
            "waba_id": made["waba_id"], "phone_number_id": made["phone_number_id"], "business_id": made["business_id"],
        });
        let again = sign_up(app, again).await;
        let only_code = json!({ "code": again["code"] });
        let begun = shop
            .api
            .post("/api/v1/connections/embedded-signup", &only_code)
            .await
            .expect(202);
        let row = ended(&shop.api, &text(&begun["id"])).await;
        assert_eq!(row["state"], "connected", "{row:#}");
        assert_eq!(row["waba_id"], made["waba_id"]);
        assert_eq!(row["way"], "solution_partner", "{row:#}");
        let before = connection(&shop.api, &text(&first["id"])).await;
        assert_eq!(before["state"], "disconnected", "{before:#}");
        let deleted = calls(app, "DELETE", "/subscribed_apps").await;
        assert_eq!(deleted, 0, "nothing is ended at Meta");
        let message = shop
            .api
            .send(&json!({
                "to": "+34600000012", "type": "template",
                "template": { "name": "hello_world", "language": { "code": "en_US" } },
            }))
            .await;
        app.status_of(&shop, &message, "delivered").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_meta_took_away_can_be_connected_by_another_business() {
    each_database_with(partner, async |app| {
        let (one, two) = (app.new_tenant("Una").await, app.new_tenant("Dos").await);
        let (made, row) = connected(app, &one, json!({})).await;
        let waba = text(&made["waba_id"]);
        removed(app, &waba).await;
        stands(&one.api, &text(&row["id"]), "disconnected").await;
        until("the credit is taken back", async || {
            let all = app.meta().get("/_sim/calls").await.expect(200);
            let deleted = all["data"].as_array().unwrap().iter();
            match deleted.filter(|call| call["method"] == "DELETE").count() {
                1.. => Ok(()),
                0 => Err("nothing was deleted".to_owned()),
            }
        })
        .await;
        let again = json!({
            "waba_id": waba, "phone_number_id": made["phone_number_id"], "business_id": made["business_id"],
        });
        let (_, row) = connected(app, &two, again).await;
        assert_eq!(row["state"], "connected", "{row:#}");
        let number = text(&made["phone_number_id"]);
        app.customer_says(&number, "34600000010", "hola");
        until("the second one has the message", async || {
            match two.api.all("/api/v1/messages").await.len() {
                1 => Ok(()),
                count => Err(count.to_string()),
            }
        })
        .await;
        assert!(one.api.all("/api/v1/messages").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_in_the_second_of_the_beginning_is_an_end() {
    each_database(async |app| {
        let shop = app.new_tenant("Una").await;
        for n in 0..4 {
            let (made, row) = connected(app, &shop, json!({})).await;
            removed(app, &text(&made["waba_id"])).await;
            let row = stands(&shop.api, &text(&row["id"]), "disconnected").await;
            assert_eq!(row["disconnect_reason"], "PARTNER_REMOVED", "{n}: {row:#}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_is_not_shown_while_nobody_knows_whether_it_is_the_one() {
    each_database(async |app| {
        let shop = app.new_tenant("Una").await;
        let (made, row) = connected(app, &shop, json!({})).await;
        let number = text(&made["phone_number_id"]);
        let path = format!("/api/v1/connections/{}/numbers/{number}/pin", text(&row["id"]));
        let owner = app.member(&shop.id, "owner", "owner@shop.example").await;
        owner
            .post(&path, &json!({ "pin": "123456" }))
            .await
            .expect(204);
        let lost = json!({ "script": [{
            "match": { "method": "POST", "path": number }, "times": 1, "answer": { "connection": "reset_after" },
        }]});
        app.meta().post("/_sim/faults", &lost).await.expect(200);
        owner
            .post(&path, &json!({ "pin": "654321" }))
            .await
            .expect_problem(502, "whatsapp_unreachable");
        let reveal = format!("{path}/reveal");
        owner
            .post(&reveal, &json!({}))
            .await
            .expect_problem(404, "no_pin");
        owner
            .post(&path, &json!({ "pin": "654321" }))
            .await
            .expect(204);
        let shown = owner.post(&reveal, &json!({})).await.expect(200);
        assert_eq!(shown["pin"], "654321");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_meta_takes_away_in_silence_is_seen_when_a_message_is_refused() {
    each_database(async |app| {
        for (act, body, cause) in [
            (
                "tokens",
                json!({ "messaging": false }),
                "token_lacks_permission",
            ),
            (
                "account-update",
                json!({ "event": "PARTNER_REMOVED" }),
                "waba_not_shared",
            ),
        ] {
            let shop = app.new_tenant(cause).await;
            let (made, row) = connected(app, &shop, json!({})).await;
            app.faults(&json!({ "webhook_offline": true })).await;
            let path = format!("/_sim/wabas/{}/{act}", text(&made["waba_id"]));
            app.meta().post(&path, &body).await.expect(200);
            let message = json!({
                "to": "+34600000011", "type": "template",
                "template": { "name": "hello_world", "language": { "code": "en_US" } },
            });
            shop.api.send(&message).await;
            let row = stands(&shop.api, &text(&row["id"]), "action_needed").await;
            assert_eq!(row["problem"]["cause"], cause, "{row:#}");
            app.faults(&json!({ "webhook_offline": false })).await;
        }
    })
    .await;
}

/// How often the platform shares its line of credit with a portfolio now.
async fn shared(app: &TestApp, business: &str) -> usize {
    let known = app.engine.platform.now();
    let system = known.system_user_token.as_ref().unwrap();
    let line = known.credit_line_id.as_ref().unwrap();
    let graph = &app.engine.graph;
    let all = graph.allocations(system, line, business).await.unwrap();
    all.iter().filter(|one| !one.is_revoked()).count()
}

async fn credit_is_taken_back(app: &TestApp, business: &str) {
    until("the line of credit is taken back", async || {
        match shared(app, business).await {
            0 => Ok(()),
            count => Err(count.to_string()),
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_that_meta_shares_after_the_end_is_taken_back() {
    let by_hand = || Setup {
        clock: Clock::manual(Clock::system().now()),
        ..partner()
    };
    each_database_with(by_hand, async |app| {
        let shop = app.new_tenant("Una").await;
        let sharing = "whatsapp_credit_sharing_and_attach";
        let slowly = json!({ "script": [{
            "match": { "path": sharing }, "times": 1, "answer": { "delay_ms": 1_500 },
        }]});
        app.meta().post("/_sim/faults", &slowly).await.expect(200);
        let made = sign_up(app, json!({})).await;
        let id = connect(&shop, &made).await;
        until("Meta is asked to share", async || {
            let row = connection(&shop.api, &id).await;
            match step(&row, "share_credit")["attempts"].as_i64() {
                Some(1..) => Ok(()),
                _ => Err(format!("{row:#}")),
            }
        })
        .await;
        let path = format!("/api/v1/connections/{id}/disconnect");
        shop.api.post(&path, &json!({})).await.expect(200);
        until("Meta has shared it all the same", async || {
            match calls(app, "POST", sharing).await {
                1 => Ok(()),
                count => Err(count.to_string()),
            }
        })
        .await;
        app.engine.clock.advance(Duration::from_secs(121));
        app.engine.wake.jobs.notify_one();
        credit_is_taken_back(app, &text(&made["business_id"])).await;
    })
    .await;
}

/// How many runs still have an access or a code to go on with.
async fn kept(app: &TestApp) -> String {
    let kept = "SELECT CAST(COUNT(*) AS TEXT) FROM onboarding_runs WHERE token IS NOT NULL OR code IS NOT NULL";
    let kept: Option<(String,)> = app
        .engine
        .db
        .first(Sql::Both(kept), Vec::new())
        .await
        .unwrap();
    kept.unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_access_of_a_run_that_stopped_ends_with_the_connection() {
    each_database(async |app| {
        let (one, two) = (app.new_tenant("Una").await, app.new_tenant("Dos").await);
        let (made, _) = connected(app, &one, json!({})).await;
        let again = json!({
            "waba_id": made["waba_id"], "phone_number_id": made["phone_number_id"], "business_id": made["business_id"],
        });
        let second = sign_up(app, again).await;
        let id = connect(&two, &second).await;
        let row = ended(&two.api, &id).await;
        assert_eq!(row["run"]["cause"], "waba_taken", "{row:#}");
        assert_eq!(kept(app).await, "1", "to be gone on with");
        let path = format!("/api/v1/connections/{id}/disconnect");
        two.api.post(&path, &json!({})).await.expect(200);
        assert_eq!(kept(app).await, "0");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn access_that_came_to_nothing_is_forgotten_by_the_next_attempt_and_after_a_week() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.new_tenant("Una").await;
        let begin = async |token: &str| {
            let given = json!({ "access_token": token, "waba_id": "200000000000077" });
            let path = "/api/v1/connections/own-credentials";
            let begun = shop.api.post(path, &given).await.expect(202);
            let row = ended(&shop.api, &text(&begun["id"])).await;
            assert_eq!(row["run"]["cause"], "token_invalid", "{row:#}");
            text(&row["id"])
        };
        let first = begin("EAArubbish").await;
        assert_eq!(kept(app).await, "1", "it may be gone on with");
        assert_eq!(begin("EAAmore").await, first, "the same connection");
        assert_eq!(
            kept(app).await,
            "1",
            "what the first attempt was given is forgotten"
        );
        let week = Duration::from_secs(7 * 24 * 3_600);
        app.engine.clock.advance(week - Duration::from_secs(60));
        engine::housekeeping::tidy(&app.engine).await.unwrap();
        assert_eq!(kept(app).await, "1", "not yet");
        app.engine.clock.advance(Duration::from_secs(120));
        engine::housekeeping::tidy(&app.engine).await.unwrap();
        assert_eq!(
            kept(app).await,
            "0",
            "nobody has gone on with it for a week"
        );
        let resume = format!("/api/v1/connections/{first}/resume");
        let answer = shop.api.post(&resume, &json!({})).await;
        answer.expect_problem(409, "code_needed");
        // So it is where there was an account, whose access ended with the connection.
        let other = app.new_tenant("Dos").await;
        let (made, row) = connected(app, &other, json!({})).await;
        let id = text(&row["id"]);
        let path = format!("/api/v1/connections/{id}/disconnect");
        other.api.post(&path, &json!({})).await.expect(200);
        until("its access has ended", async || {
            let row = connection(&other.api, &id).await;
            if row["token"]["state"] == "none" {
                Ok(())
            } else {
                Err(format!("{row:#}"))
            }
        })
        .await;
        let given = json!({ "access_token": RUBBISH, "waba_id": made["waba_id"] });
        let path = "/api/v1/connections/own-credentials";
        other.api.post(path, &given).await.expect(202);
        ended(&other.api, &id).await;
        app.engine.clock.advance(week + Duration::from_secs(60));
        engine::housekeeping::tidy(&app.engine).await.unwrap();
        let resume = format!("/api/v1/connections/{id}/resume");
        let answer = other.api.post(&resume, &json!({})).await;
        answer.expect_problem(409, "code_needed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_link_of_a_business_has_done_its_work_when_its_page_connects_the_same_account_again()
 {
    each_database(async |app| {
        let shop = app.new_tenant("Una").await;
        let link = async || {
            let wanted = json!({ "for": "Una", "tenant_id": shop.id });
            let made = app.admin().post("/api/v1/admin/setup-links", &wanted).await.expect(201);
            text(&made["url"]).rsplit('/').next().unwrap().to_owned()
        };
        let stands = async |link: &str| {
            let opened = app.anybody().get(&format!("/api/v1/setup/{link}")).await.expect(200);
            text(&opened["state"])
        };
        let through = async |made: &Value, link: &str| {
            let mut given = told(made);
            given["setup_link"] = json!(link);
            let path = "/api/v1/connections/embedded-signup";
            let begun = shop.api.post(path, &given).await.expect(202);
            let row = ended(&shop.api, &text(&begun["id"])).await;
            assert_eq!(row["run"]["state"], "done", "{row:#}");
        };
        // The later one is opened first: it is used up, and the earlier one still works.
        let (early, late) = (link().await, link().await);
        let made = sign_up(app, json!({})).await;
        through(&made, &late).await;
        assert_eq!([stands(&early).await, stands(&late).await], ["open", "used"]);
        let again = json!({
            "waba_id": made["waba_id"], "phone_number_id": made["phone_number_id"], "business_id": made["business_id"],
        });
        through(&sign_up(app, again.clone()).await, &early).await;
        assert_eq!(stands(&early).await, "used", "single use, whatever was connected before");
        // A link of somebody else is not touched, and is no obstacle.
        let stranger = app.new_tenant("Dos").await;
        let wanted = json!({ "for": "Dos", "tenant_id": stranger.id });
        let theirs = app.admin().post("/api/v1/admin/setup-links", &wanted).await.expect(201);
        let theirs = text(&theirs["url"]).rsplit('/').next().unwrap().to_owned();
        through(&sign_up(app, again.clone()).await, &theirs).await;
        assert_eq!(stands(&theirs).await, "open");
        // One that no longer works stands for no other.
        let open = link().await;
        through(&sign_up(app, again).await, &late).await;
        assert_eq!(stands(&open).await, "open");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_of_an_attempt_that_was_cut_off_is_found_although_the_next_one_went_another_way() {
    each_database_with(partner, async |app| {
        let shop = app.new_tenant("Una").await;
        let made = sign_up(app, json!({})).await;
        // The business has a token of its own, too.
        let again = json!({
            "waba_id": made["waba_id"], "phone_number_id": made["phone_number_id"], "business_id": made["business_id"],
        });
        let own = sign_up(app, again).await;
        let query = format!(
            "/v25.0/oauth/access_token?client_id={}&client_secret={}&code={}",
            sim::SimConfig::default().app_id,
            testkit::APP_SECRET,
            text(&own["code"])
        );
        let token = app.meta().get(&query).await.expect(200);
        let sharing = "whatsapp_credit_sharing_and_attach";
        let lost = json!({ "script": [{
            "match": { "path": sharing }, "times": 1, "answer": { "connection": "reset_after", "delay_ms": 1_500 },
        }]});
        app.meta().post("/_sim/faults", &lost).await.expect(200);
        let id = connect(&shop, &made).await;
        until("Meta is asked to share", async || {
            let row = connection(&shop.api, &id).await;
            match step(&row, "share_credit")["attempts"].as_i64() {
                Some(1..) => Ok(()),
                _ => Err(format!("{row:#}")),
            }
        })
        .await;
        let given = json!({ "access_token": token["access_token"], "waba_id": made["waba_id"] });
        let path = "/api/v1/connections/own-credentials";
        let begun = shop.api.post(path, &given).await.expect(202);
        assert_eq!(begun["id"], id.as_str(), "the same connection");
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["way"], "own_credentials", "{row:#}");
        let business = text(&made["business_id"]);
        assert_eq!(calls(app, "POST", sharing).await, 1, "Meta has carried it out");
        credit_is_taken_back(app, &business).await;
        let path = format!("/api/v1/connections/{id}/disconnect");
        shop.api.post(&path, &json!({})).await.expect(200);
        credit_is_taken_back(app, &business).await;
    })
    .await;
}
