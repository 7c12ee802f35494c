//! The messages of one account or number may be posted elsewhere, to an address that Meta and we would reach.

use serde_json::{Value, json};
use testkit::{TestApp, VERIFY_TOKEN, each_database, number};

const PATH: &str = "/api/v1/admin/whatsapp/callbacks";

async fn listed(app: &TestApp) -> Vec<Value> {
    app.admin().all(PATH).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_set_when_it_answers_meta_and_taken_back_again() {
    each_database(async |app| {
        // The one address at hand that answers as it should is the product's own.
        let url = format!("{}/webhooks/meta", app.url);
        let set = async |body: Value| app.admin().put(PATH, &body).await;
        let wrong = json!({ "waba_id": testkit::WABA, "url": url, "verify_token": "guess" });
        set(wrong).await.expect_problem(502, "whatsapp_refused");
        assert_eq!(listed(app).await, Vec::<Value>::new());
        set(json!({ "waba_id": testkit::WABA, "url": url, "verify_token": VERIFY_TOKEN }))
            .await
            .expect(204);
        set(json!({ "phone_number_id": number(2), "url": url, "verify_token": VERIFY_TOKEN }))
            .await
            .expect(204);
        assert_eq!(listed(app).await.len(), 2);
        set(json!({ "waba_id": testkit::WABA })).await.expect(204);
        set(json!({ "phone_number_id": number(2), "url": null }))
            .await
            .expect(204);
        assert_eq!(listed(app).await, Vec::<Value>::new());
        for inner in [
            "https://10.0.0.1/",
            "http://example.com/",
            "https://db.internal/",
            "nowhere",
        ] {
            let body = json!({ "waba_id": testkit::WABA, "url": inner, "verify_token": "x" });
            set(body).await.expect_problem(422, "invalid");
        }
        set(json!({ "url": url, "verify_token": "x" }))
            .await
            .expect_problem(422, "invalid");
        set(json!({ "waba_id": "1", "url": url, "verify_token": "x" }))
            .await
            .expect_problem(404, "not_found");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_its_own_outlives_a_press_on_subscribe_and_ends_with_the_connection() {
    each_database(async |app| {
        let url = format!("{}/webhooks/meta", app.url);
        let set = async |waba: &str| {
            let body = json!({ "waba_id": waba, "url": url, "verify_token": VERIFY_TOKEN });
            app.admin().put(PATH, &body).await.expect(204);
        };
        set(testkit::WABA).await;
        let subscribe = "/api/v1/admin/platform/subscribe";
        app.admin().post(subscribe, &json!({})).await.expect(204);
        assert_eq!(listed(app).await.len(), 1);
        let path = format!(
            "/v25.0/{}/subscribed_apps?access_token={}",
            testkit::WABA,
            testkit::TOKEN
        );
        let apps = app.meta().get(&path).await.expect(200);
        assert_eq!(
            apps["data"][0]["override_callback_uri"],
            json!(url),
            "{apps}"
        );
        // A connection that ends takes its address along.
        let (own, _) = crate::stage::signed_up(app, json!({})).await;
        set(&own.waba).await;
        assert_eq!(listed(app).await.len(), 2);
        let path = format!("/api/v1/connections/{}/disconnect", own.connection);
        own.shop.api.post(&path, &json!({})).await.expect(200);
        testkit::until("its address is gone", async || {
            let left = listed(app).await;
            if left.len() == 1 {
                Ok(())
            } else {
                Err(format!("{left:?}"))
            }
        })
        .await;
    })
    .await;
}
