//! A tenant's own switch.

use serde_json::{Value, json};
use testkit::{each_database, number};

use crate::{conversation, customer, sent_by, talk};

#[tokio::test(flavor = "multi_thread")]
async fn switched_off_nothing_is_sent_and_everything_is_received() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let boss = app.person(&shop, "Rosa", "owner").await;
        let agent = app.person(&shop, "Ana", "agent").await;
        let path = "/api/v1/settings";
        let seen = boss.api.get(path).await.expect(200);
        assert_eq!(
            (&seen["name"], &seen["language"]),
            (&json!("Shop 1"), &json!("en"))
        );
        assert_eq!(seen["support_contact"], Value::Null);
        let whatsapp = &seen["whatsapp"];
        assert_eq!(
            (&whatsapp["enabled"], &whatsapp["fallback"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(
            whatsapp["number"]["display_phone_number"],
            testkit::display(1)
        );
        assert!(
            !seen.to_string().contains(&number(1)),
            "ids of the shared account are the platform's: {seen}"
        );
        agent.api.get(path).await.expect_problem(403, "forbidden");

        shop.api
            .put("/api/v1/auto-replies", &json!({ "welcome": "Bienvenido" }))
            .await
            .expect(200);
        let mut stream = agent.api.listen(None).await;
        let off = json!({ "whatsapp_enabled": false, "language": "es" });
        let after = boss.api.patch(path, &off).await.expect(200);
        assert_eq!(
            (&after["whatsapp"]["enabled"], &after["language"]),
            (&json!(false), &json!("es"))
        );
        assert_eq!(stream.next().await.kind, "tenant.updated");
        boss.api
            .patch(
                path,
                &json!({ "language": "klingon", "whatsapp_enabled": true }),
            )
            .await
            .expect_problem(422, "invalid");
        agent
            .api
            .patch(path, &off)
            .await
            .expect_problem(403, "forbidden");

        let id = talk(app, &shop, &customer(1), "Hola").await;
        assert_eq!(conversation(&agent.api, &id).await["unread_count"], 1);
        let refused = agent
            .api
            .post("/api/v1/messages", &json!({ "to": id, "text": "x" }))
            .await;
        refused.expect_problem(409, "whatsapp_off");
        assert_eq!(
            sent_by(app, &shop.number).await,
            [] as [Value; 0],
            "not even the welcome"
        );

        boss.api
            .patch(path, &json!({ "whatsapp_enabled": true }))
            .await
            .expect(200);
        let sent = agent
            .api
            .send(&json!({ "to": id, "text": "Ya estamos" }))
            .await;
        app.status_of(&shop, &sent, "read").await;
        let sql =
            "SELECT before || after FROM audit_log WHERE action = 'settings.update' ORDER BY seq";
        let rows: Vec<(String,)> = app
            .engine
            .db
            .all(store::db::Sql::Both(sql), Vec::new())
            .await
            .unwrap();
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert!(
            rows[0].0.contains(r#""whatsapp_enabled":true"#)
                && rows[0].0.contains(r#""whatsapp_enabled":false"#),
            "{rows:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_number_the_settings_say_so() {
    each_database(async |app| {
        let shop = app.new_tenant("Sin número").await;
        let seen = shop.api.get("/api/v1/settings").await.expect(200);
        assert_eq!(
            (&seen["whatsapp"]["number"], &seen["whatsapp"]["fallback"]),
            (&Value::Null, &json!(false))
        );
        let lend = json!({ "phone_number_id": number(6) });
        app.admin()
            .put("/api/v1/admin/whatsapp/fallback", &lend)
            .await
            .expect(200);
        app.change_tenant(&shop, &json!({ "fallback_allowed": true }))
            .await;
        let seen = shop.api.get("/api/v1/settings").await.expect(200);
        assert_eq!(
            seen["whatsapp"]["number"]["display_phone_number"],
            testkit::display(6)
        );
        assert_eq!(seen["whatsapp"]["fallback"], true);
    })
    .await;
}
