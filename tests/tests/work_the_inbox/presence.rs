//! Seeing who else is there.

use serde_json::json;
use testkit::each_database;

use crate::{customer, note, talk};

#[tokio::test(flavor = "multi_thread")]
async fn colleagues_see_who_is_there_and_types_and_other_tenants_do_not() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let ana = app.person(&shop, "Ana", "agent").await;
        let luis = app.person(&shop, "Luis", "viewer").await;
        let id = talk(app, &shop, &customer(1), "Hola").await;
        let theirs = talk(app, &other, &customer(1), "Hola").await;
        let (mut here, mut there) = (luis.api.listen(None).await, other.api.listen(None).await);
        let place = format!("/api/v1/conversations/{id}/presence");
        let mut seen = Vec::new();
        for told in [
            json!({ "typing": false }),
            json!({ "typing": true }),
            json!({ "typing": true }),
            json!({ "gone": true }),
        ] {
            assert_eq!(ana.api.post(&place, &told).await.status, 204);
        }
        for _ in 0..3 {
            let event = here.next().await;
            assert_eq!(
                (event.kind.as_str(), event.id),
                ("presence", 0),
                "{event:?}"
            );
            assert_eq!(
                (
                    &event.data["conversation_id"],
                    &event.data["user_id"],
                    &event.data["name"]
                ),
                (&json!(id), &json!(ana.user_id), &json!("Ana"))
            );
            seen.push((event.data["typing"] == true, event.data["gone"] == true));
        }
        assert_eq!(seen, [(false, false), (true, false), (false, true)]);
        // Who comes later is told who is there.
        ana.api.post(&place, &json!({ "typing": true })).await;
        let mut late = luis.api.listen(None).await;
        assert_eq!(late.next().await.data["typing"], true);
        // The other tenant hears what happens there, and nothing of this.
        other
            .api
            .post(&format!("/api/v1/conversations/{theirs}/notes"), &note("x"))
            .await
            .expect(201);
        assert_eq!(there.next().await.kind, "message.noted");
        other
            .api
            .post(&place, &json!({ "typing": true }))
            .await
            .expect_problem(404, "not_found");
        shop.api
            .post(&place, &json!({ "typing": true }))
            .await
            .expect_problem(403, "forbidden");
    })
    .await;
}
