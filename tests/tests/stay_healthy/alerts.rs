//! Who should know of something is told once, in their language, until it is over.

use std::time::Duration;

use serde_json::{Value, json};
use store::connections::numbers;
use testkit::{Setup, Tenant, TestApp, each_database, each_database_with, until};

use crate::stage::{account, change, tells};

/// The tenant's open alerts.
pub(crate) async fn open(app: &TestApp, shop: &Tenant) -> Vec<Value> {
    app.client(Some(&shop.key)).all("/api/v1/alerts").await
}

/// Waits until the tenant's open alerts are of these kinds.
async fn kinds(app: &TestApp, shop: &Tenant, wanted: &[&str]) -> Vec<Value> {
    until(&format!("the alerts are {wanted:?}"), async || {
        let open = open(app, shop).await;
        let mut found: Vec<_> = open
            .iter()
            .map(|alert| alert["kind"].as_str().unwrap())
            .collect();
        found.sort_unstable();
        if found == wanted {
            Ok(open)
        } else {
            Err(format!("{open:?}"))
        }
    })
    .await
}

fn ban(state: &str) -> Value {
    json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": state, "waba_ban_date": "April 17, 2027" } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_is_told_once_to_who_has_the_account_and_is_over_when_it_is_back() {
    each_database(async |app| {
        let (own, other) = (account(app, 1).await, account(app, 2).await);
        let mut stream = own.shop.api.listen(None).await;
        for _ in 0..3 {
            tells(app, &own, 10, "account_update", ban("DISABLE")).await;
        }
        let told = kinds(app, &own.shop, &["account_banned"]).await;
        stream.next_of("alerts.changed").await;
        let banned = told
            .iter()
            .find(|alert| alert["kind"] == "account_banned")
            .unwrap();
        assert_eq!(banned["severity"], "critical");
        assert_eq!(banned["title"], "WhatsApp has disabled Owner");
        assert!(
            banned["action"].as_str().unwrap().contains("review"),
            "{banned}"
        );
        assert_eq!(open(app, &other.shop).await, Vec::<Value>::new());
        let admin = app.admin().all("/api/v1/admin/alerts").await;
        assert!(
            admin.iter().any(|alert| alert["tenant_name"] == "Owner 1"),
            "{admin:?}"
        );
        let id = banned["id"].as_str().unwrap();
        let path = format!("/api/v1/alerts/{id}/dismiss");
        other
            .shop
            .api
            .post(&path, &json!({}))
            .await
            .expect_problem(404, "not_found");
        own.shop.api.post(&path, &json!({})).await.expect(204);
        kinds(app, &own.shop, &[]).await;
        tells(app, &own, 20, "account_update", ban("REINSTATE")).await;
        until("it is over, and was told once", async || {
            let all = own.shop.api.all("/api/v1/alerts?all=true").await;
            match all.as_slice() {
                [one] if one["resolved_at"].is_string() => Ok(()),
                _ => Err(format!("{all:?}")),
            }
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announced_ban_is_told_beside_the_restriction_that_came_before_it() {
    each_database(async |app| {
        let own = account(app, 1).await;
        let restricted = json!({ "event": "ACCOUNT_RESTRICTION", "restriction_info": [
            { "restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 4_000_000_000_i64 }] });
        tells(app, &own, 10, "account_update", restricted).await;
        kinds(app, &own.shop, &["account_restricted"]).await;
        tells(app, &own, 20, "account_update", ban("SCHEDULE_FOR_DISABLE")).await;
        kinds(app, &own.shop, &["account_disabling", "account_restricted"]).await;
        // Meta takes both back with it.
        tells(app, &own, 30, "account_update", ban("REINSTATE")).await;
        kinds(app, &own.shop, &[]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_about_a_shared_account_is_told_to_the_platform_and_to_who_has_its_numbers() {
    each_database(async |app| {
        let (one, two) = (app.tenant(1).await, app.tenant(2).await);
        let restriction = json!({ "event": "ACCOUNT_RESTRICTION", "restriction_info": [
            { "restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 4_000_000_000_i64 }] });
        app.delivered(change(app, testkit::WABA, 10, "account_update", &restriction)).await;
        for shop in [&one, &two] {
            let told = kinds(app, shop, &["account_restricted"]).await;
            assert_eq!(told[0]["subject"], json!(shop.number));
            assert!(told[0]["detail"].as_str().unwrap().contains("BIZ_INITIATED"), "{told:?}");
        }
        let admin = app.admin().all("/api/v1/admin/alerts").await;
        let platform = admin.iter().filter(|alert| alert["tenant_id"].is_null()).count();
        assert_eq!((platform, admin.len()), (1, 3), "{admin:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_pins_qualities_payments_and_metas_own_alerts_are_told() {
    each_database_with(Setup::by_hand, async |app| {
        let own = account(app, 1).await;
        let of = |more: Value| {
            let mut value = more;
            value["display_phone_number"] = json!(own.dialled);
            value
        };
        tells(app, &own, 10, "phone_number_name_update", of(json!({ "decision": "REJECTED", "requested_verified_name": "Luna", "rejection_reason": "NAME_EMPLOYEE_ISSUE" }))).await;
        tells(app, &own, 11, "security", of(json!({ "event": "PIN_RESET_REQUEST" }))).await;
        tells(app, &own, 12, "phone_number_quality_update", of(json!({ "event": "FLAGGED" }))).await;
        tells(app, &own, 13, "account_alerts", json!({ "entity_type": "PHONE_NUMBER", "entity_id": own.number,
            "alert_info": { "alert_severity": "WARNING", "alert_status": "ACTIVE", "alert_type": "OBA_REJECTED", "alert_description": "No." } })).await;
        tells(app, &own, 14, "account_review_update", json!({ "decision": "REJECTED" })).await;
        let told = kinds(app, &own.shop, &["meta_alert", "name_rejected", "pin_changed", "quality_low", "review_rejected"]).await;
        for alert in &told {
            assert!(!alert["title"].as_str().unwrap().starts_with("alert-"), "has no words: {alert}");
        }
        tells(app, &own, 20, "phone_number_name_update", of(json!({ "decision": "APPROVED", "requested_verified_name": "Luna" }))).await;
        tells(app, &own, 21, "account_alerts", json!({ "entity_type": "PHONE_NUMBER", "entity_id": own.number,
            "alert_info": { "alert_status": "NONE", "alert_type": "OBA_REJECTED" } })).await;
        tells(app, &own, 22, "phone_number_quality_update", of(json!({ "event": "UNFLAGGED" }))).await;
        kinds(app, &own.shop, &["pin_changed", "review_rejected"]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_that_was_changed_is_forgotten_also_where_more_was_told_of_it_at_once() {
    each_database_with(Setup::by_hand, async |app| {
        let own = account(app, 1).await;
        let engine = &app.engine;
        let pin = "135790".to_owned().into();
        let mut tx = engine.db.begin().await.unwrap();
        let long_ago = engine.clock.now().minus(Duration::from_secs(86_400));
        numbers::any_tenant_set_pin(&mut tx, &engine.sealer, &own.number, Some(&pin), long_ago)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let told = |event: &str| {
            json!({ "field": "security", "value": { "display_phone_number": own.dialled, "event": event } })
        };
        let mut body: Value =
            serde_json::from_str(&change(app, &own.waba, 10, "security", &json!({}))).unwrap();
        body["entry"][0]["changes"] = json!([told("PIN_CHANGED"), told("PIN_RESET_REQUEST")]);
        app.delivered(body.to_string()).await;
        let kept = numbers::any_tenant_pin(&engine.db, &engine.sealer, &own.number).await;
        assert!(kept.unwrap().is_none(), "somebody else has set another");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_a_connection_says_what_happened_and_shows_what_nobody_knows() {
    each_database(async |app| {
        let (own, other) = (account(app, 1).await, account(app, 2).await);
        tells(
            app,
            &own,
            10,
            "account_update",
            json!({ "event": "ACCOUNT_VIOLATION", "violation_info": { "violation_type": "SPAM" } }),
        )
        .await;
        tells(
            app,
            &own,
            11,
            "account_update",
            json!({ "event": "SOMETHING_NEW", "with": { "more": 3 } }),
        )
        .await;
        let path = |account: &crate::stage::Account| {
            format!("/api/v1/connections/{}/history", account.connection)
        };
        let told = own.shop.api.all(&path(&own)).await;
        let titles: Vec<_> = told
            .iter()
            .map(|event| event["title"].as_str().unwrap())
            .collect();
        assert_eq!(
            titles,
            [
                "Account update: SOMETHING_NEW",
                "WhatsApp found a violation of its rules"
            ]
        );
        assert_eq!(told[1]["detail"], "violation type: SPAM");
        assert_eq!(told[0]["raw"]["value"]["with"]["more"], 3);
        other
            .shop
            .api
            .get(&path(&own))
            .await
            .expect_problem(404, "not_found");
        assert_eq!(other.shop.api.all(&path(&other)).await, Vec::<Value>::new());
    })
    .await;
}
