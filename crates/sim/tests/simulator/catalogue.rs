//! Reading numbers, accounts, templates and tokens; headers and paging.

use serde_json::{Value, json};
use sim::TemplateSpec;

use crate::stage::{ANA, NUMBER, Stage, TOKEN, WABA, config, seed, text, values};

#[tokio::test]
async fn a_number_has_its_default_and_its_asked_fields() {
    let stage = Stage::new().await;
    for prefix in ["/v24.0", "/v19.0", ""] {
        let (status, answer) = stage.call("GET", &format!("{prefix}/{NUMBER}"), None).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["display_phone_number"], "+34 612 345 678");
        assert_eq!(answer["quality_rating"], "GREEN");
    }
    let path =
        format!("/v24.0/{NUMBER}?fields=status,throughput,health_status{{can_send_message}}");
    let answer = stage.call("GET", &path, None).await.1;
    let keys: Vec<&String> = answer.as_object().expect("an object").keys().collect();
    assert_eq!(keys.len(), 4, "{answer}");
    assert_eq!(answer["throughput"], json!({"level": "STANDARD"}));
}

#[tokio::test]
async fn answers_carry_metas_headers() {
    let stage = Stage::new().await;
    let url = format!("{}/v24.0/{NUMBER}", stage.url);
    let answer = stage
        .client
        .get(&url)
        .bearer_auth(TOKEN)
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        answer.headers()["content-type"],
        "application/json; charset=UTF-8"
    );
    assert_eq!(answer.headers()["facebook-api-version"], "v24.0");
    for name in ["x-app-usage", "x-business-use-case-usage"] {
        let usage = answer.headers()[name].to_str().expect("text");
        assert!(
            serde_json::from_str::<Value>(usage).is_ok(),
            "{name}: {usage}"
        );
    }
    assert!(answer.headers().contains_key("x-fb-trace-id"));
    let refused = stage
        .client
        .get(&url)
        .bearer_auth("rubbish")
        .send()
        .await
        .expect("an answer");
    assert!(
        refused.headers()["www-authenticate"]
            .to_str()
            .expect("text")
            .contains("invalid_token")
    );
    let by_query = stage
        .client
        .get(format!("{url}?access_token={TOKEN}"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(by_query.status(), 200);
    assert!(
        stage
            .sim
            .calls()
            .iter()
            .all(|call| !call.path.contains(TOKEN)),
        "a token stands in the log"
    );
}

#[tokio::test]
async fn templates_are_listed_page_by_page_and_filtered() {
    let mut seed = seed();
    for index in 0..30 {
        let template = TemplateSpec {
            name: format!("offer_{index:02}"),
            language: "es".to_owned(),
            category: "MARKETING".to_owned(),
            components: json!([{"type": "BODY", "text": "Hola"}]),
            ..TemplateSpec::default()
        };
        seed = seed.add_template(WABA, template);
    }
    let stage = Stage::with(config(), seed).await;
    let mut names = Vec::new();
    let mut url = format!(
        "{}/v24.0/{WABA}/message_templates?limit=10&fields=name,status",
        stage.url
    );
    loop {
        let answer: Value = stage
            .client
            .get(&url)
            .bearer_auth(TOKEN)
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        names.extend(
            answer["data"]
                .as_array()
                .expect("data")
                .iter()
                .map(|template| text(&template["name"])),
        );
        match answer["paging"]["next"].as_str() {
            Some(next) => url = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(names.len(), 32, "{names:?}");
    let path = format!("/v24.0/{WABA}/message_templates?name=po_notification");
    let answer = stage.call("GET", &path, None).await.1;
    let po = &answer["data"][0];
    assert_eq!(
        (text(&po["language"]), text(&po["status"])),
        ("es".to_owned(), "APPROVED".to_owned())
    );
    let body = "Hola {{1}}, has recibido una nueva orden de compra {{2}} por un total de {{3}}.";
    assert_eq!(po["components"][0]["text"], body);
    let one = stage
        .call("GET", &format!("/v24.0/{}", text(&po["id"])), None)
        .await
        .1;
    assert_eq!(one["name"], "po_notification");
}

#[tokio::test]
async fn a_new_template_is_pending_until_it_is_decided() {
    let stage = Stage::new().await;
    let body = json!({"name": "greeting", "language": "es", "category": "utility", "components": [{"type": "BODY", "text": "Hola"}]});
    let path = format!("/v24.0/{WABA}/message_templates");
    let (status, answer) = stage.call("POST", &path, Some(body.clone())).await;
    assert_eq!(
        (status, &answer["status"]),
        (200, &json!("PENDING")),
        "{answer}"
    );
    let id = text(&answer["id"]);
    let (status, again) = stage.call("POST", &path, Some(body)).await;
    assert_eq!(
        (status, again["error"]["error_subcode"].as_i64()),
        (400, Some(2_388_024))
    );
    stage
        .control(
            &format!("templates/{id}/decide"),
            json!({"status": "APPROVED"}),
        )
        .await;
    let received = stage
        .receiver
        .until("the decision", |received| !received.is_empty())
        .await;
    let entry = received[0].json()["entry"][0].clone();
    assert_eq!(
        entry["changes"][0]["field"],
        "message_template_status_update"
    );
    assert_eq!(entry["changes"][0]["value"]["event"], "APPROVED");
    assert!(
        entry["changes"][0]["value"]["message_template_id"].is_u64(),
        "{entry}"
    );
    assert!(entry["time"].is_u64(), "{entry}");
}

#[tokio::test]
async fn a_token_tells_its_accounts() {
    let stage = Stage::new().await;
    let config = stage.sim.config().clone();
    let app_token = format!("{}|{}", config.app_id, config.app_secret);
    let answer = stage
        .call_as(
            &app_token,
            "GET",
            &format!("/v24.0/debug_token?input_token={TOKEN}"),
            None,
        )
        .await
        .1;
    assert_eq!(answer["data"]["is_valid"], true);
    assert_eq!(
        answer["data"]["granular_scopes"][0]["target_ids"],
        json!([WABA])
    );
    let answer = stage
        .call_as(
            &app_token,
            "GET",
            "/v24.0/debug_token?input_token=nothing",
            None,
        )
        .await
        .1;
    assert_eq!(answer["data"]["is_valid"], false);
}

#[tokio::test]
async fn a_profile_is_kept_and_its_limits_hold() {
    let stage = Stage::new().await;
    let path = format!("/v24.0/{NUMBER}/whatsapp_business_profile");
    let body = json!({"messaging_product": "whatsapp", "about": "Pan de verdad", "vertical": "RESTAURANT"});
    assert_eq!(
        stage.call("POST", &path, Some(body)).await.1,
        json!({"success": true})
    );
    let answer = stage
        .call("GET", &format!("{path}?fields=about,vertical,email"), None)
        .await
        .1;
    let expected = json!({"messaging_product": "whatsapp", "about": "Pan de verdad", "vertical": "RESTAURANT"});
    assert_eq!(answer["data"][0], expected);
    let body = json!({"messaging_product": "whatsapp", "about": "x".repeat(140)});
    assert_eq!(
        stage.call("POST", &path, Some(body)).await.1["error"]["code"],
        100
    );
}

#[tokio::test]
async fn a_blocked_user_is_not_heard() {
    let stage = Stage::new().await;
    let path = format!("/v24.0/{NUMBER}/block_users");
    let body = json!({"messaging_product": "whatsapp", "block_users": [{"user": ANA}]});
    let (status, answer) = stage.call("POST", &path, Some(body.clone())).await;
    assert_eq!(
        (status, answer["error"]["code"].as_i64()),
        (400, Some(139_100)),
        "{answer}"
    );
    stage.ana_writes("Hola").await;
    stage
        .receiver
        .until("the message", |received| received.len() == 1)
        .await;
    let (status, answer) = stage.call("POST", &path, Some(body.clone())).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["block_users"]["added_users"][0]["wa_id"], ANA);
    assert_eq!(
        stage.call("GET", &path, None).await.1["data"][0]["wa_id"],
        ANA
    );
    stage.ana_writes("Nobody hears this").await;
    assert_eq!(stage.call("DELETE", &path, Some(body)).await.0, 200);
    stage.ana_writes("¿Hola?").await;
    let received = stage
        .receiver
        .until("the next message", |received| received.len() == 2)
        .await;
    assert_eq!(
        values(&received)[1]["messages"][0]["text"]["body"],
        "¿Hola?"
    );
}
