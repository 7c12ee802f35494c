//! An event that is reported twice is sent once; tenants do not hear of each other.

use serde_json::json;
use testkit::each_database;

use crate::stage::{event_is, example, order, order_with, report, rule, taken};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_is_the_same_event() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        rule(&shop, &example("purchase_order.created")).await;
        let first = shop
            .api
            .post("/api/v1/events", &order("po-1"))
            .await
            .expect(202);
        assert_eq!(
            (&first["repeated"], &first["event_id"]),
            (&json!(false), &json!("po-1"))
        );
        let again = shop
            .api
            .post("/api/v1/events", &order("po-1"))
            .await
            .expect(202);
        assert_eq!(
            (&again["id"], &again["repeated"]),
            (&first["id"], &json!(true))
        );
        let other = order_with("po-1", "/order/total", json!(9));
        shop.api
            .post("/api/v1/events", &other)
            .await
            .expect_problem(409, "event_differs");
        let list = json!([order("po-2"), order("po-1"), order("po-2")]);
        let many = shop.api.post("/api/v1/events", &list).await.expect(202);
        let repeated: Vec<_> = many["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["repeated"].as_bool().unwrap())
            .collect();
        assert_eq!(repeated, [false, true, true], "{many}");
        let half = json!([order("po-3"), other]);
        shop.api
            .post("/api/v1/events", &half)
            .await
            .expect_problem(409, "event_differs");
        assert_eq!(
            shop.api.all("/api/v1/events").await.len(),
            2,
            "of a list that is refused nothing is kept"
        );
        event_is(&shop, first["id"].as_str().unwrap(), "sent").await;
        taken(app, 2).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_report_the_same_at_once_are_one_event() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        rule(&shop, &example("purchase_order.created")).await;
        let event = order("po-1");
        let answers =
            futures::future::join_all((0..20).map(|_| shop.api.post("/api/v1/events", &event)))
                .await;
        let fresh = answers
            .into_iter()
            .map(|answer| answer.expect(202))
            .filter(|answer| answer["repeated"] == false);
        assert_eq!(fresh.count(), 1);
        taken(app, 1).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_may_use_the_same_ids_and_never_see_each_others() {
    each_database(async |app| {
        let (one, two) = (app.tenant(1).await, app.tenant(2).await);
        let own = rule(&one, &example("purchase_order.created")).await;
        let first = report(&one, &order("po-1")).await;
        let second = report(&two, &order_with("po-1", "/order/number", json!("X-9"))).await;
        event_is(&one, &first, "sent").await;
        event_is(&two, &second, "ignored").await;
        assert_eq!(
            taken(app, 1).await[0]["template"]["name"],
            "po_notification"
        );
        for path in [
            format!("/api/v1/events/{first}"),
            format!("/api/v1/notification-rules/{own}"),
        ] {
            two.api.get(&path).await.expect_problem(404, "not_found");
        }
        let rule = format!("/api/v1/notification-rules/{own}");
        two.api
            .patch(&rule, &json!({ "enabled": false }))
            .await
            .expect_problem(404, "not_found");
        two.api.delete(&rule).await.expect_problem(404, "not_found");
        two.api
            .post(&format!("{rule}/dry-run"), &json!({ "data": {} }))
            .await
            .expect_problem(404, "not_found");
        two.api
            .post(&format!("/api/v1/events/{first}/retry"), &json!({}))
            .await
            .expect_problem(404, "not_found");
        assert!(two.api.all("/api/v1/notification-rules").await.is_empty());
        assert_eq!(two.api.all("/api/v1/events").await.len(), 1);
    })
    .await;
}
