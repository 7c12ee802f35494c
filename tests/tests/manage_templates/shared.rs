//! Several businesses on one account: nobody sees, sends, changes or deletes what is another's.

use serde_json::json;
use testkit::each_database;

use crate::stage::{approved, send, written};

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_template_is_not_there() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let made = approved(app, &shop.api, "pedido").await;
        let end = &shop.id[shop.id.len() - 8..];
        assert_eq!(made["name"], format!("pedido_{end}"), "{made}");
        let id = made["id"].as_str().unwrap();
        let theirs = other.api.all("/api/v1/templates").await;
        assert!(
            !theirs.iter().any(|one| one["id"] == made["id"]),
            "{theirs:?}"
        );
        let path = format!("/api/v1/templates/{id}");
        other.api.get(&path).await.expect_problem(404, "not_found");
        other
            .api
            .get(&format!("{path}/history"))
            .await
            .expect_problem(404, "not_found");
        other
            .api
            .patch(&path, &json!({ "components": [] }))
            .await
            .expect_problem(404, "not_found");
        other
            .api
            .delete(&path)
            .await
            .expect_problem(404, "not_found");
        for act in ["submit", "unpause", "duplicate"] {
            other
                .api
                .post(&format!("{path}/{act}"), &json!({}))
                .await
                .expect_problem(404, "not_found");
        }
        other
            .api
            .post(&format!("{path}/release"), &json!({ "action": "send" }))
            .await
            .expect_problem(404, "not_found");
        other
            .api
            .post(
                &format!("{path}/test-send"),
                &json!({ "to": "+34600000001" }),
            )
            .await
            .expect_problem(404, "not_found");
        let refused = other
            .api
            .post("/api/v1/messages", &send(&made, "+34600000041"))
            .await
            .expect_problem(422, "invalid");
        assert_eq!(refused["errors"][0]["meta_code"], 132_001, "{refused}");
        shop.api.send(&send(&made, "+34600000042")).await;
        // The same name is the other's to use as well.
        let same = other
            .api
            .post("/api/v1/templates", &written("pedido"))
            .await
            .expect(201);
        assert_ne!(same["name"], made["name"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_a_template_is_survives_that_its_row_is_read_anew() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let end = &shop.id[shop.id.len() - 8..];
        let spec = json!({ "waba_id": testkit::WABA, "name": format!("oferta_{end}"), "language": "es", "components": [{ "type": "BODY", "text": "Hola" }] });
        crate::stage::control(app, "/_sim/templates", &spec).await;
        engine::templates::sync(&app.engine, testkit::WABA).await.unwrap();
        let path = format!("/api/v1/templates?name=oferta_{end}");
        assert_eq!(shop.api.get(&path).await.expect(200)["data"][0]["owner"], "tenant");
        assert_eq!(other.api.get(&path).await.expect(200)["data"], json!([]));
    })
    .await;
}

/// Meta takes a hundred new templates of an account within an hour, whoever of those who share it makes them.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_uses_up_what_a_shared_account_may_make_in_an_hour() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let make = |n: usize| {
            let api = shop.api.clone();
            async move {
                let body = written(&format!("oferta_{n}"));
                api.post("/api/v1/templates", &body).await
            }
        };
        // All at once: who counts waits for who has counted.
        let made = futures::future::join_all((0..55).map(make)).await;
        let made = made.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(made, 50, "one tenant has half");
        let late = make(55).await.expect_problem(409, "too_often");
        assert!(late["next_at"].is_string(), "{late}");
        let theirs = other
            .api
            .post("/api/v1/templates", &written("pedido"))
            .await;
        theirs.expect(201);
    })
    .await;
}

/// WhatsApp rejects a second template with the same body and footer.
#[tokio::test(flavor = "multi_thread")]
async fn who_writes_what_another_template_says_is_warned_and_learns_no_name_of_others() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let made = approved(app, &shop.api, "pedido").await;
        let warned = async |tenant: &testkit::Tenant, body: &serde_json::Value| {
            let checked = tenant
                .api
                .post("/api/v1/templates/check", body)
                .await
                .expect(200);
            let warnings = checked["warnings"].to_string();
            warnings
                .contains("same body and footer")
                .then_some(warnings)
        };
        let again = written("otro_nombre");
        let name = made["name"].as_str().unwrap();
        assert!(warned(&shop, &again).await.unwrap().contains(name));
        assert!(!warned(&other, &again).await.unwrap().contains(name));
        // Itself is none other.
        assert_eq!(warned(&shop, &written("pedido")).await, None);
        let mut own = written("otro_nombre");
        own["components"][0]["text"] = json!("Hola {{1}}, su pedido {{2}} le espera en la tienda.");
        assert_eq!(warned(&shop, &own).await, None);
    })
    .await;
}
