//! What the browser says is a claim.

use serde_json::json;
use testkit::{WABA, each_database};

use crate::stage::{calls, connect, connected, ended, sign_up, text, told};

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_the_browser_made_up_are_refused_with_the_reason() {
    each_database(async |app| {
        let victim = app.new_tenant("Víctima").await;
        let (theirs, _) = connected(app, &victim, json!({})).await;
        for (field, id, cause) in [
            ("waba_id", theirs["waba_id"].clone(), "waba_not_shared"),
            ("waba_id", json!(WABA), "waba_not_shared"),
            (
                "phone_number_id",
                theirs["phone_number_id"].clone(),
                "number_not_in_waba",
            ),
        ] {
            let forger = app.new_tenant("Falsaria").await;
            let made = sign_up(app, json!({})).await;
            let mut body = told(&made);
            body[field] = id;
            let begun = forger
                .api
                .post("/api/v1/connections/embedded-signup", &body)
                .await
                .expect(202);
            let row = ended(&forger.api, &text(&begun["id"])).await;
            assert_eq!(row["run"]["cause"], cause, "{row:#}");
            assert_eq!(row["state"], "action_needed");
            assert_eq!(row["waba_id"], json!(null), "nothing is half connected");
            assert_eq!(row["numbers"], json!([]));
        }
        let kept = victim.api.all("/api/v1/connections").await;
        assert_eq!(kept[0]["state"], "connected", "{kept:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_another_tenant_has_is_refused_even_in_a_race() {
    each_database(async |app| {
        let (one, two) = (app.new_tenant("Una").await, app.new_tenant("Dos").await);
        let first = sign_up(app, json!({})).await;
        let second = sign_up(app, json!({ "waba_id": first["waba_id"] })).await;
        let (a, b) = tokio::join!(connect(&one, &first), connect(&two, &second));
        let (a, b) = (ended(&one.api, &a).await, ended(&two.api, &b).await);
        let (winner, loser) = if a["state"] == "connected" {
            (a, b)
        } else {
            (b, a)
        };
        assert_eq!(winner["state"], "connected", "{winner:#}");
        assert_eq!(loser["run"]["cause"], "waba_taken", "{loser:#}");
        assert_eq!(loser["numbers"], json!([]));
        let register = format!("{}/register", text(&first["phone_number_id"]));
        assert_eq!(calls(app, "POST", &register).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_code_twice_is_the_same_run_and_somebody_elses_code_is_none() {
    each_database(async |app| {
        let (shop, other) = (app.new_tenant("Una").await, app.new_tenant("Dos").await);
        let made = sign_up(app, json!({})).await;
        let (a, b) = tokio::join!(connect(&shop, &made), connect(&shop, &made));
        assert_eq!(a, b);
        let row = ended(&shop.api, &a).await;
        assert_eq!(row["state"], "connected", "{row:#}");
        assert_eq!(connect(&shop, &made).await, a);
        let runs = shop.api.all(&format!("/api/v1/connections/{a}/runs")).await;
        assert_eq!(runs.len(), 1, "{runs:?}");
        assert_eq!(calls(app, "GET", "/oauth/access_token").await, 1);
        other
            .api
            .post("/api/v1/connections/embedded-signup", &told(&made))
            .await
            .expect_problem(409, "code_used");
        assert!(other.api.all("/api/v1/connections").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_code_a_used_one_and_a_made_up_one_are_told_apart() {
    each_database(async |app| {
        let shop = app.new_tenant("Una").await;
        let late = sign_up(app, json!({ "code_life_ms": 1 })).await;
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        let id = connect(&shop, &late).await;
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["run"]["cause"], "code_late", "{row:#}");
        shop.api
            .post(&format!("/api/v1/connections/{id}/resume"), &json!({}))
            .await
            .expect_problem(409, "code_needed");
        let row = shop
            .api
            .post(
                "/api/v1/connections/embedded-signup",
                &json!({ "code": "made-up" }),
            )
            .await
            .expect(202);
        assert_eq!(
            row["id"],
            id.as_str(),
            "the one that never came that far is used again"
        );
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["run"]["cause"], "code_refused", "{row:#}");
        // The way out is a fresh code.
        let made = sign_up(app, json!({})).await;
        shop.api
            .post(
                &format!("/api/v1/connections/{id}/resume"),
                &json!({ "code": made["code"] }),
            )
            .await
            .expect(202);
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["state"], "connected", "{row:#}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_its_permissions_is_refused_by_name() {
    each_database(async |app| {
        let shop = app.new_tenant("Una").await;
        let made = sign_up(app, json!({ "permissions": { "messaging": false } })).await;
        let row = ended(&shop.api, &connect(&shop, &made).await).await;
        assert_eq!(row["run"]["cause"], "token_lacks_permission", "{row:#}");
        let detail = crate::stage::step(&row, "inspect_token")["detail"].to_string();
        assert!(detail.contains("whatsapp_business_messaging"), "{detail}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_changes_nothing() {
    each_database(async |app| {
        let shop = app.new_tenant("Una").await;
        for body in [
            json!({ "code": "" }),
            json!({ "code": "x", "waba_id": "../me" }),
            json!({ "code": "x", "phone_number_id": "12" }),
        ] {
            shop.api
                .post("/api/v1/connections/embedded-signup", &body)
                .await
                .expect_problem(422, "invalid");
        }
        let body = json!({ "access_token": "with space", "waba_id": "123456789" });
        shop.api
            .post("/api/v1/connections/own-credentials", &body)
            .await
            .expect_problem(422, "invalid");
        assert!(shop.api.all("/api/v1/connections").await.is_empty());
    })
    .await;
}
