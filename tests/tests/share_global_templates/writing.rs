//! What is wrong is told while it is written, and nothing of it is kept.

use serde_json::{Value, json};
use testkit::{Setup, TestApp, each_database_with};

use crate::stage::*;

/// One of Meta's library, without buttons.
const LIBRARY: &str = "order_pick_up_1";

fn fields(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect()
}

async fn refused(app: &TestApp, id: &str, body: &Value) -> Value {
    let path = format!("{GLOBAL}/{id}/versions");
    app.admin()
        .post(&path, body)
        .await
        .expect_problem(422, "invalid")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_with_a_mistake_in_one_language_is_refused_as_a_whole() {
    each_database_with(|| accounts(0), async |app| {
        let admin = app.admin();
        for (wrong, field) in [
            (json!({ "name": "Con Mayúsculas", "category": "UTILITY" }), "name"),
            (json!({ "name": "bien", "category": "NEWS" }), "category"),
            (json!({ "name": "bien", "category": "UTILITY", "tenants": ["ten_0193a5c47d1e7c3f8a2b4c5d6e7f8091"] }), "tenants"),
            (json!({ "name": "bien", "category": "UTILITY", "tenants": ["nobody"] }), "tenants"),
        ] {
            let problem = admin.post(GLOBAL, &wrong).await.expect_problem(422, "invalid");
            assert_eq!(fields(&problem), [field], "{problem}");
        }
        assert!(admin.all(GLOBAL).await.is_empty(), "nothing was made");
        let new = json!({ "name": "bien", "category": "UTILITY", "everyone": true });
        let made = admin.post(GLOBAL, &new).await.expect(201);
        let id = made["id"].as_str().unwrap();
        admin.post(GLOBAL, &new).await.expect_problem(409, "name_taken");
        admin.post(&format!("{GLOBAL}/{id}/roll-out"), &json!({})).await.expect_problem(409, "no_version");

        let problem = refused(app, id, &json!({ "languages": {} })).await;
        assert_eq!(fields(&problem), ["languages"]);
        let good = json!({ "components": says("Todo en orden.") });
        for (bad, field) in [
            (json!({ "components": says("{{1}} empieza con una variable.") }), "languages.en.components[0]"),
            (json!({ "components": says("Hola {{1}}{{2}}, buenas tardes.") }), "languages.en.components[0]"),
            (json!({ "components": [] }), "languages.en.components"),
        ] {
            let problem = refused(app, id, &json!({ "languages": { "es": good, "en": bad } })).await;
            assert!(fields(&problem).iter().all(|told| told.starts_with(field)), "{problem}");
        }
        let problem = refused(app, id, &json!({ "languages": { "klingon": good } })).await;
        assert_eq!(fields(&problem), ["languages.klingon"]);
        let shown = admin.get(&format!("{GLOBAL}/{id}")).await.expect(200);
        assert_eq!((&shown["version"], &shown["versions"]), (&json!(0), &json!([])));

        add_version(app, id, &json!({ "es": "Todo en orden." })).await;
        let shown = admin.get(&format!("{GLOBAL}/{id}")).await.expect(200);
        assert_eq!(shown["versions"][0]["languages"]["es"]["components"], says("Todo en orden."));
        assert_eq!(shown["languages"], json!(["es"]));
        let later = json!({ "version": 2 });
        admin.post(&format!("{GLOBAL}/{id}/roll-out"), &later).await.expect_problem(422, "invalid");
        roll_out(app, id).await;
        let other = json!({ "category": "MARKETING", "languages": { "es": good } });
        let problem = refused(app, id, &other).await;
        assert_eq!(fields(&problem), ["category"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_of_metas_library_is_found_taken_in_and_approved_at_once() {
    each_database_with(|| accounts(1), async |app| {
        let admin = app.admin();
        let library = "/api/v1/admin/template-library";
        let found = admin.all(&format!("{library}?search=pick%20up&language=es")).await;
        let names: Vec<_> = found.iter().map(|row| row["name"].as_str().unwrap()).collect();
        assert!(names.contains(&LIBRARY), "{names:?}");
        assert!(found.iter().all(|row| row["language"] == "es"), "{found:?}");
        let import = format!("{GLOBAL}/import");
        let ask = |name: &str, languages: Value| json!({ "library_template_name": name, "name": "recogida", "languages": languages, "everyone": true });
        for (wrong, field) in [
            (ask("no_such_template", json!(["es"])), "library_template_name"),
            (ask(LIBRARY, json!(["es", "sw"])), "languages"),
            (ask(LIBRARY, json!([])), "languages"),
        ] {
            let problem = admin.post(&import, &wrong).await.expect_problem(422, "invalid");
            assert_eq!(fields(&problem), [field], "{problem}");
        }
        let made = admin.post(&import, &ask(LIBRARY, json!(["es", "en_US"]))).await.expect(201);
        assert_eq!((&made["name"], &made["library_name"], &made["version"]), (&json!("recogida"), &json!(LIBRARY), &json!(1)));
        let id = made["id"].as_str().unwrap();
        let shop = owner(app, 1).await;
        roll_out(app, id).await;
        in_state(app, id, "approved", 2).await;
        // Its values have kinds, by which Meta refuses (132018): TEXT, NUMBER, ADDRESS.
        let send = |values: [&str; 3]| {
            let values = values.map(|text| json!({ "type": "text", "text": text }));
            json!({ "to": "+34600000801", "template": { "name": "recogida", "language": "es", "components": [{ "type": "body", "parameters": values }] } })
        };
        let wrong = send(["Ana", "el de ayer", "Calle Mayor 1"]);
        let refused = shop.api.post("/api/v1/messages", &wrong).await.expect_problem(422, "invalid");
        let said = &refused["errors"][0];
        assert_eq!((&said["meta_code"], &said["field"]), (&json!(132_018), &json!("template.components[0].parameters[1].text")), "{refused}");
        shop.api.send(&send(["Ana", "4711", "Calle Mayor 1"])).await;
        // What a rule always says is held against them when it is written; what an event says, when it comes.
        let rule = |number: Value| {
            json!({ "name": "Recogida", "event_type": "pick_up.ready", "recipient": { "path": "data.phone" }, "template": { "name": "recogida", "language": { "is": "es" } },
                "parameters": { "body": [{ "path": "data.name" }, number, { "path": "data.street" }] } })
        };
        for (number, member) in [
            (json!({ "text": "el de ayer" }), "text"),
            (json!({ "path": "data.number", "if_missing": "el de ayer" }), "if_missing"),
        ] {
            let problem = shop.api.post("/api/v1/notification-rules", &rule(number)).await.expect_problem(422, "invalid");
            assert_eq!(fields(&problem), [format!("parameters.body[1].{member}")], "{problem}");
        }
        for number in [json!({ "text": "4711" }), json!({ "path": "data.number" })] {
            shop.api.post("/api/v1/notification-rules", &rule(number)).await.expect(201);
        }
        // Where the event says it, nobody knows yet whether it is a telephone number.
        let call = json!({ "library_template_name": "customer_contact_1", "name": "llamada", "languages": ["es"], "everyone": true });
        let made = admin.post(&import, &call).await.expect(201);
        roll_out(app, made["id"].as_str().unwrap()).await;
        in_state(app, made["id"].as_str().unwrap(), "approved", 1).await;
        let body = ["name", "phone", "day"].map(|path| json!({ "path": format!("data.{path}") }));
        let calls = json!({ "name": "Llamada", "event_type": "call.wanted", "recipient": { "path": "data.phone" },
            "template": { "name": "llamada", "language": { "is": "es" } }, "parameters": { "body": body } });
        shop.api.post("/api/v1/notification-rules", &calls).await.expect(201);
        let there = at_meta(app, &testkit::account(1).0, "recogida").await;
        assert_eq!(there.len(), 2);
        assert!(there.iter().all(|template| template.library_template_name.as_deref() == Some(LIBRARY)));
    })
    .await;
}

/// What Meta's library shows on a button is a sample, which nobody is to open or call.
#[tokio::test(flavor = "multi_thread")]
async fn a_button_of_metas_library_needs_its_own_address_or_number() {
    each_database_with(Setup::default, async |app| {
        app.tenant(1).await;
        let import = format!("{GLOBAL}/import");
        let ask = |inputs: Value| json!({ "library_template_name": "low_balance_warning_1", "languages": ["es"], "library_template_button_inputs": inputs });
        let url = json!({ "type": "URL", "url": { "base_url": "https://example.com/saldo" } });
        let phone = json!({ "type": "PHONE_NUMBER", "phone_number": "+34612345678" });
        for (inputs, kind) in [
            (json!(null), "URL"),
            (json!([phone]), "URL"),
            (json!([url]), "PHONE_NUMBER"),
            (json!([url, { "type": "PHONE_NUMBER" }]), "PHONE_NUMBER"),
        ] {
            let problem = app.admin().post(&import, &ask(inputs)).await.expect_problem(422, "invalid");
            assert_eq!(fields(&problem), ["library_template_button_inputs"], "{problem}");
            assert!(problem.to_string().contains(kind), "{problem}");
        }
        let script = json!({ "type": "URL", "url": { "base_url": "javascript:alert(1)" } });
        let problem = app.admin().post(&import, &ask(json!([script, phone]))).await.expect_problem(422, "invalid");
        assert!(problem.to_string().contains("https://"), "{problem}");
        let made = app.admin().post(&import, &ask(json!([url, phone]))).await.expect(201);
        let shown = made["versions"][0]["languages"]["es"]["components"].to_string();
        assert!(shown.contains("https://example.com/saldo") && shown.contains("+34612345678"), "{shown}");
    })
    .await;
}
