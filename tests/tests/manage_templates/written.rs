//! Writing, changing, copying and deleting.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use testkit::{each_database, each_database_with};

use crate::stage::{approved, becomes, body, calls, control, decide, show, written};

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_written_reviewed_and_listed_with_its_history() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let mut stream = shop.api.listen(None).await;
        let made = shop
            .api
            .post("/api/v1/templates", &written("pedido"))
            .await
            .expect(201);
        assert_eq!(
            (&made["status"], &made["category"], &made["owner"]),
            (&json!("PENDING"), &json!("UTILITY"), &json!("tenant")),
            "{made}"
        );
        let told = stream.next_of("template.changed").await;
        assert_eq!(told.data["template_id"], made["id"], "{told:?}");
        decide(app, &made, json!({ "decision": "approve" })).await;
        let now = becomes(&shop.api, &made, "status", "APPROVED").await;
        assert_eq!(now["editable"]["can"], true, "{now}");
        let all = shop.api.all("/api/v1/templates").await;
        let found = all.iter().find(|one| one["id"] == made["id"]).unwrap();
        assert_eq!(
            found["components"][0]["text"],
            "Hola {{1}}, su pedido {{2}} está listo."
        );
        assert!(
            all.iter()
                .any(|one| one["name"] == "hello_world" && one["owner"] == "account"),
            "{all:?}"
        );
        let narrow = shop
            .api
            .get("/api/v1/templates?status=approved&language=es&category=utility&q=LISTO")
            .await
            .expect(200);
        assert_eq!(narrow["data"].as_array().unwrap().len(), 1, "{narrow}");
        let first = shop.api.get("/api/v1/templates?limit=1").await.expect(200);
        let next = first["next"].as_str().unwrap();
        let second = shop
            .api
            .get(&format!("/api/v1/templates?limit=1&cursor={next}"))
            .await
            .expect(200);
        assert_ne!(first["data"][0]["id"], second["data"][0]["id"]);
        let history = shop
            .api
            .all(&format!(
                "/api/v1/templates/{}/history",
                made["id"].as_str().unwrap()
            ))
            .await;
        let kinds: Vec<_> = history
            .iter()
            .map(|step| {
                (
                    step["kind"].as_str().unwrap(),
                    step["source"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            kinds,
            [("status", "webhook"), ("created", "person")],
            "{history:?}"
        );
        let log = app.admin().all("/api/v1/admin/audit").await;
        assert!(
            log.iter().any(|row| row["action"] == "template.create"),
            "{log:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_meta_would_refuse_is_told_with_its_code_and_meta_is_not_asked() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        for (change, field, code) in [
            (json!({ "name": "Pedido Listo" }), "name", 100),
            (json!({ "language": "tlh" }), "language", 100),
            (json!({ "components": [body("{{1}}, su pedido está listo ya.", &["Ana"])] }), "components[0].text", 2_388_299),
            (json!({ "components": [body("Hola {{1}} {{2}}, su pedido está listo ya.", &["Ana", "Gil"])] }), "components[0].text", 2_388_072),
            (json!({ "components": [body("Hola {{1}}, su pedido está listo.", &[])] }), "components[0].example", 2_388_043),
        ] {
            let mut wanted = written("pedido");
            for (member, value) in change.as_object().unwrap() {
                wanted[member] = value.clone();
            }
            let before = calls(app, "POST", "message_templates").await;
            let refused = shop.api.post("/api/v1/templates", &wanted).await.expect_problem(422, "invalid");
            let found = refused["errors"].as_array().unwrap().iter().any(|error| error["field"] == field && error["meta_code"] == code);
            assert!(found, "{change}: {refused}");
            assert_eq!(calls(app, "POST", "message_templates").await, before, "{change}");
            let checked = shop.api.post("/api/v1/templates/check", &wanted).await.expect(200);
            assert!(checked["problems"].as_array().unwrap().iter().any(|problem| problem["field"] == field && problem["rule"].is_string()), "{checked}");
        }
        let checked = shop.api.post("/api/v1/templates/check", &written("pedido")).await.expect(200);
        assert_eq!(checked["problems"], json!([]), "{checked}");
        assert_eq!(checked["variables"][1], json!({ "component": "body", "name": "2", "example": "OC-1" }));
        let own = shop.api.all("/api/v1/templates").await;
        assert!(!own.iter().any(|one| one["owner"] == "tenant"), "nothing was kept: {own:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_whose_answer_was_lost_makes_one_template() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        shop.api.get("/api/v1/templates").await.expect(200);
        // Meta does it, and its answer does not come.
        app.faults(&json!({ "drop_response_rate": 1.0, "only_path": "message_templates" }))
            .await;
        let kept = shop
            .api
            .post("/api/v1/templates", &written("perdida"))
            .await
            .expect_problem(502, "meta_unreachable");
        app.faults(&json!({ "drop_response_rate": 0.0 })).await;
        let drafts = shop
            .api
            .get("/api/v1/templates?status=DRAFT")
            .await
            .expect(200);
        let draft = &drafts["data"][0];
        assert!(
            draft["name"].as_str().unwrap().starts_with("perdida"),
            "{kept} {drafts}"
        );
        let id = draft["id"].as_str().unwrap();
        let submitted = shop
            .api
            .post(&format!("/api/v1/templates/{id}/submit"), &json!({}))
            .await
            .expect(200);
        assert_eq!(submitted["status"], "PENDING", "{submitted}");
        let there = crate::stage::graph(app)
            .get(&format!(
                "/v24.0/{}/message_templates?name=perdida",
                testkit::WABA
            ))
            .await
            .expect(200);
        assert_eq!(there["data"].as_array().unwrap().len(), 1, "{there}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_metas_keeps_its_words_and_leaves_nothing() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let mut wanted = written("foto");
        wanted["components"].as_array_mut().unwrap().insert(0, json!({ "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["4::nobody"] } }));
        let refused = shop.api.post("/api/v1/templates", &wanted).await.expect_problem(422, "refused_by_meta");
        assert_eq!((&refused["meta_code"], &refused["meta_title"]), (&json!(100), &json!("Invalid media handle")), "{refused}");
        assert_eq!(shop.api.get("/api/v1/templates?status=DRAFT").await.expect(200)["data"], json!([]));
        let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &[7; 4_000]].concat();
        // The connection breaks half way, and the upload goes on where Meta stands.
        control(app, "/_sim/uploads", &json!({ "break_after_bytes": 1_500 })).await;
        let form = Form::new().part("file", Part::bytes(png).file_name("pan.png"));
        let request = shop.api.request(reqwest::Method::POST, "/api/v1/templates/header-media").multipart(form);
        let sample = testkit::Answer::of(request).await.expect(200);
        assert_eq!((&sample["kind"], &sample["bytes"]), (&json!("image"), &json!(4_008)), "{sample}");
        wanted["components"][0]["example"]["header_handle"] = json!([sample["handle"]]);
        shop.api.post("/api/v1/templates", &wanted).await.expect(201);
        let form = Form::new().part("file", Part::bytes(b"MZ\x90".to_vec()).file_name("pan.png"));
        let request = shop.api.request(reqwest::Method::POST, "/api/v1/templates/header-media").multipart(form);
        testkit::Answer::of(request).await.expect_problem(422, "invalid");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_template_is_changed_once_a_day_and_reviewed_again() {
    each_database_with(Default::default, async |app| {
        let shop = app.tenant(1).await;
        let made = approved(app, &shop.api, "pedido").await;
        let path = format!("/api/v1/templates/{}", made["id"].as_str().unwrap());
        shop.api
            .patch(&path, &json!({ "category": "MARKETING" }))
            .await
            .expect_problem(409, "category_fixed");
        shop.api
            .patch(&path, &json!({ "name": "otro" }))
            .await
            .expect_problem(409, "name_fixed");
        let components = json!([body(
            "Hola {{1}}, su pedido {{2}} le espera en la tienda.",
            &["Ana", "OC-1"]
        )]);
        let changed = shop
            .api
            .patch(&path, &json!({ "components": components }))
            .await
            .expect(200);
        assert_eq!(
            (&changed["status"], &changed["components"]),
            (&json!("PENDING"), &components),
            "{changed}"
        );
        shop.api
            .patch(&path, &json!({ "components": written("x")["components"] }))
            .await
            .expect_problem(409, "not_editable");
        decide(app, &made, json!({ "decision": "approve" })).await;
        let now = becomes(&shop.api, &made, "status", "APPROVED").await;
        assert_eq!(
            (&now["editable"]["can"], &now["editable"]["why"]),
            (&json!(false), &json!("too_often")),
            "{now}"
        );
        let refused = shop
            .api
            .patch(&path, &json!({ "components": written("x")["components"] }))
            .await
            .expect_problem(409, "too_often");
        assert_eq!(refused["next_at"], now["editable"]["next_at"], "{refused}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_a_draft_and_a_deleted_name_is_locked() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let made = approved(app, &shop.api, "pedido").await;
        let path = format!("/api/v1/templates/{}", made["id"].as_str().unwrap());
        let copy = shop
            .api
            .post(&format!("{path}/duplicate"), &json!({ "language": "en" }))
            .await
            .expect(201);
        assert_eq!(
            (&copy["name"], &copy["language"], &copy["status"]),
            (&made["name"], &json!("en"), &json!("DRAFT")),
            "{copy}"
        );
        shop.api
            .post(&format!("{path}/duplicate"), &json!({ "language": "en" }))
            .await
            .expect_problem(409, "template_exists");
        let draft = format!("/api/v1/templates/{}", copy["id"].as_str().unwrap());
        let english = json!([body(
            "Hello {{1}}, your order {{2}} is ready.",
            &["Ana", "1"]
        )]);
        shop.api
            .patch(&draft, &json!({ "components": english }))
            .await
            .expect(200);
        let submitted = shop
            .api
            .post(&format!("{draft}/submit"), &json!({}))
            .await
            .expect(200);
        assert_eq!(submitted["status"], "PENDING", "{submitted}");
        shop.api
            .post(&format!("{draft}/submit"), &json!({}))
            .await
            .expect_problem(409, "not_a_draft");
        shop.api
            .delete(&format!("{path}?all_languages=true"))
            .await
            .expect(204);
        shop.api
            .patch(&draft, &json!({}))
            .await
            .expect_problem(404, "not_found");
        let left = shop
            .api
            .get(&format!(
                "/api/v1/templates?name={}",
                made["name"].as_str().unwrap()
            ))
            .await
            .expect(200);
        assert_eq!(left["data"], json!([]), "{left}");
        assert!(show(&shop.api, &made).await["editable"]["why"] == "deleted");
        let again = shop
            .api
            .post("/api/v1/templates", &written("pedido"))
            .await
            .expect_problem(409, "name_locked");
        assert!(
            again["detail"].as_str().unwrap().contains("until"),
            "{again}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_tried_on_ones_own_phone() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let made = approved(app, &shop.api, "pedido").await;
        let path = format!(
            "/api/v1/templates/{}/test-send",
            made["id"].as_str().unwrap()
        );
        shop.api
            .post(
                &path,
                &json!({ "to": "+34600000099", "parameters": ["Ana"] }),
            )
            .await
            .expect_problem(422, "invalid");
        let tried = shop
            .api
            .post(
                &path,
                &json!({ "to": "+34600000099", "parameters": ["Ana", "OC-9"] }),
            )
            .await
            .expect(202);
        let id = tried["id"].as_str().unwrap();
        let message: Value = app.status_of(&shop, id, "delivered").await;
        assert_eq!(message["origin"], "test", "{message}");
    })
    .await;
}
