//! What Meta refuses when a template is created, and what it makes of the rest.

use rstest::rstest;
use serde_json::{Value, json};

use crate::stage::{NUMBER, OTHER_TOKEN, Stage, TOKEN, WABA, template_to, text};

/// A utility template with these components.
pub(crate) fn utility(name: &str, components: Value) -> Value {
    json!({"name": name, "language": "es", "category": "UTILITY", "components": components})
}

pub(crate) fn body(words: &str) -> Value {
    json!({"type": "BODY", "text": words})
}

pub(crate) async fn create(stage: &Stage, template: Value) -> (u16, Value) {
    let path = format!("/v24.0/{WABA}/message_templates");
    stage.call("POST", &path, Some(template)).await
}

/// Creates and expects success; the id.
pub(crate) async fn created(stage: &Stage, template: Value) -> String {
    let (status, answer) = create(stage, template).await;
    assert_eq!(status, 200, "{answer}");
    text(&answer["id"])
}

/// A sample on Meta's side; its handle.
pub(crate) async fn sample(stage: &Stage, mime_type: &str, bytes: &[u8]) -> String {
    let app = stage.sim.config().app_id.clone();
    let path = format!(
        "/v24.0/{app}/uploads?file_name=a&file_length={}&file_type={mime_type}",
        bytes.len()
    );
    let (status, begun) = stage.call("POST", &path, None).await;
    assert_eq!(status, 200, "{begun}");
    let (status, done) = piece(stage, TOKEN, &text(&begun["id"]), 0, bytes).await;
    assert_eq!(status, 200, "{done}");
    text(&done["h"])
}

/// One piece of an upload.
async fn piece(stage: &Stage, token: &str, id: &str, offset: usize, bytes: &[u8]) -> (u16, Value) {
    let request = stage.client.post(format!("{}/v24.0/{id}", stage.url));
    let request = request
        .header("Authorization", format!("OAuth {token}"))
        .header("file_offset", offset.to_string())
        .body(bytes.to_vec());
    match request.send().await {
        Ok(answer) => {
            let status = answer.status().as_u16();
            (status, answer.json().await.unwrap_or_default())
        }
        Err(_) => (0, Value::Null),
    }
}

fn buttons(list: Value) -> Value {
    json!([body("Su pedido está listo."), {"type": "BUTTONS", "buttons": list}])
}

fn replies(count: usize) -> Value {
    let list: Vec<Value> = (0..count)
        .map(|index| json!({"type": "QUICK_REPLY", "text": format!("Opción {index}")}))
        .collect();
    json!(list)
}

fn named(text: &str, parameters: Value) -> Value {
    json!({"type": "BODY", "text": text, "example": {"body_text_named_params": parameters}})
}

fn url(url: &str) -> Value {
    buttons(json!([{"type": "URL", "text": "Ver", "url": url}]))
}

/// Each: the components, and the subcode of the refusal (0: none).
#[rstest]
#[case::no_body(json!([{"type": "FOOTER", "text": "x"}]), 2_388_043)]
#[case::nothing(json!([]), 0)]
#[case::unknown_component(json!([body("Hola"), {"type": "SIDEBAR"}]), 0)]
#[case::two_bodies(json!([body("Hola"), body("Hola")]), 0)]
#[case::long_body(json!([body(&"a".repeat(1_025))]), 2_388_040)]
#[case::long_footer(json!([body("Hola"), {"type": "FOOTER", "text": "a".repeat(61)}]), 2_388_040)]
#[case::footer_with_variable(json!([body("Hola"), {"type": "FOOTER", "text": "de {{1}} a"}]), 2_388_073)]
#[case::long_header(json!([body("Hola"), {"type": "HEADER", "format": "TEXT", "text": "a".repeat(61)}]), 2_388_040)]
#[case::header_with_emoji(json!([body("Hola"), {"type": "HEADER", "format": "TEXT", "text": "Hola 🥖"}]), 2_388_047)]
#[case::header_in_bold(json!([body("Hola"), {"type": "HEADER", "format": "TEXT", "text": "*Hola*"}]), 2_388_047)]
#[case::header_of_no_format(json!([body("Hola"), {"type": "HEADER", "format": "AUDIO"}]), 0)]
#[case::header_without_sample(json!([body("Hola"), {"type": "HEADER", "format": "IMAGE"}]), 2_388_043)]
#[case::header_with_foreign_handle(json!([body("Hola"), {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::abc"]}}]), 0)]
#[case::variable_first(json!([{"type": "BODY", "text": "{{1}}, su pedido está listo.", "example": {"body_text": [["Ana"]]}}]), 2_388_299)]
#[case::variable_last(json!([{"type": "BODY", "text": "Su pedido está listo, {{1}}", "example": {"body_text": [["Ana"]]}}]), 2_388_299)]
#[case::too_many_variables(json!([{"type": "BODY", "text": "a {{1}} b {{2}} c {{3}}.", "example": {"body_text": [["a", "b", "c"]]}}]), 2_388_293)]
#[case::without_example(json!([body("Hola {{1}}, su pedido está listo.")]), 2_388_043)]
#[case::too_few_examples(json!([{"type": "BODY", "text": "Hola {{1}}, su pedido {{2}} está listo ya.", "example": {"body_text": [["Ana"]]}}]), 2_388_043)]
#[case::a_number_is_missing(json!([{"type": "BODY", "text": "Hola {{1}}, su pedido {{3}} está listo ya.", "example": {"body_text": [["Ana", "1"]]}}]), 2_388_072)]
#[case::a_name_among_numbers(json!([{"type": "BODY", "text": "Hola {{name}}, su pedido está listo.", "example": {"body_text": [["Ana"]]}}]), 2_388_072)]
#[case::not_closed(json!([body("Hola {{1, su pedido está listo.")]), 2_388_072)]
#[case::eleven_buttons(buttons(replies(11)), 0)]
#[case::long_label(buttons(json!([{"type": "QUICK_REPLY", "text": "a".repeat(26)}])), 2_388_040)]
#[case::no_label(buttons(json!([{"type": "QUICK_REPLY"}])), 2_388_043)]
#[case::three_links(buttons(json!([{"type": "URL", "text": "a", "url": "https://a.es"}, {"type": "URL", "text": "b", "url": "https://b.es"}, {"type": "URL", "text": "c", "url": "https://c.es"}])), 0)]
#[case::two_phones(buttons(json!([{"type": "PHONE_NUMBER", "text": "a", "phone_number": "34600000001"}, {"type": "PHONE_NUMBER", "text": "b", "phone_number": "34600000002"}])), 0)]
#[case::replies_apart(buttons(json!([{"type": "QUICK_REPLY", "text": "a"}, {"type": "URL", "text": "b", "url": "https://b.es"}, {"type": "QUICK_REPLY", "text": "c"}])), 0)]
#[case::not_https(url("http://a.es/x"), 0)]
#[case::no_host(url("https://{{1}}"), 0)]
#[case::variable_in_the_middle(url("https://a.es/{{1}}/x"), 0)]
#[case::link_without_example(url("https://a.es/{{1}}"), 2_388_043)]
#[case::unknown_button(buttons(json!([{"type": "SHAKE", "text": "a"}])), 0)]
#[case::one_card(json!([body("Hola"), {"type": "CAROUSEL", "cards": [{"components": []}]}]), 0)]
#[case::offer_is_marketing(json!([body("Hola"), {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Hoy"}}]), 0)]
#[tokio::test]
async fn a_wrong_definition_is_refused(#[case] components: Value, #[case] subcode: i64) {
    let stage = Stage::new().await;
    let (status, answer) = create(&stage, utility("wrong", components)).await;
    let error = &answer["error"];
    assert_eq!((status, &error["code"]), (400, &json!(100)), "{answer}");
    assert_eq!(
        error["error_subcode"].as_i64().unwrap_or_default(),
        subcode,
        "{answer}"
    );
    if subcode > 0 {
        assert!(error["error_user_title"].is_string(), "{answer}");
        assert!(error["error_user_msg"].is_string(), "{answer}");
    }
    let path = format!("/v24.0/{WABA}/message_templates?name=wrong");
    let (_, list) = stage.call("GET", &path, None).await;
    assert_eq!(list["data"], json!([]), "it was kept all the same");
}

#[tokio::test]
async fn right_definitions_of_every_kind_are_kept() {
    let stage = Stage::new().await;
    let image = sample(&stage, "image/png", b"\x89PNG\r\n").await;
    let document = sample(&stage, "application/pdf", b"%PDF-1.4").await;
    let example = |handle: &str| json!({"header_handle": [handle]});
    let card = |words: &str| {
        json!({"components": [{"type": "header", "format": "image", "example": example(&image)}, body(words),
               {"type": "buttons", "buttons": [{"type": "quick_reply", "text": "Ver"}]}]})
    };
    let marketing = |name: &str, components: Value| json!({"name": name, "language": "en_US", "category": "marketing", "components": components});
    let cases = [
        utility("plain", json!([body("Su pedido está listo.")])),
        utility("replies", buttons(replies(10))),
        utility(
            "full",
            json!([
                {"type": "HEADER", "format": "TEXT", "text": "Pedido {{1}}", "example": {"header_text": ["7"]}},
                {"type": "BODY", "text": "Hola {{1}}, su pedido {{2}} está listo.", "example": {"body_text": [["Ana", "7"]]}},
                {"type": "FOOTER", "text": "Panadería San Juan"},
                {"type": "BUTTONS", "buttons": [
                    {"type": "URL", "text": "Ver", "url": "https://panaderia.example/p/{{1}}", "example": ["7"]},
                    {"type": "PHONE_NUMBER", "text": "Llamar", "phone_number": "+34600000001"},
                    {"type": "QUICK_REPLY", "text": "Gracias"}]},
            ]),
        ),
        utility(
            "invoice",
            json!([{"type": "HEADER", "format": "DOCUMENT", "example": example(&document)}, body("Su factura.")]),
        ),
        utility(
            "place",
            json!([{"type": "HEADER", "format": "LOCATION"}, body("Aquí estamos.")]),
        ),
        json!({"name": "by_name", "language": "es", "category": "UTILITY", "parameter_format": "named",
               "components": [named("Hola {{first_name}}, su pedido está listo.", json!([{"param_name": "first_name", "example": "Ana"}]))],
               "message_send_ttl_seconds": 43_200}),
        marketing(
            "carousel",
            json!([body("Our news"), {"type": "carousel", "cards": [card("Bread"), card("Cake")]}]),
        ),
        marketing(
            "offer",
            json!([body("Only today"), {"type": "limited_time_offer", "limited_time_offer": {"text": "Ends soon", "has_expiration": true}},
                   {"type": "buttons", "buttons": [{"type": "copy_code", "example": "PAN25"}, {"type": "url", "text": "Go", "url": "https://a.es"}]}]),
        ),
        marketing(
            "call_me",
            json!([body("May we call you?"), {"type": "call_permission_request"}]),
        ),
        json!({"name": "code", "language": "es", "category": "AUTHENTICATION", "message_send_ttl_seconds": 600, "components": [
            {"type": "BODY", "add_security_recommendation": true}, {"type": "FOOTER", "code_expiration_minutes": 10},
            {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "ONE_TAP", "supported_apps": [
                {"package_name": "com.example.shop", "signature_hash": "K8a/AINcGX7"}]}]}]}),
    ];
    for template in cases {
        let (status, answer) = create(&stage, template.clone()).await;
        assert_eq!(
            (status, &answer["status"]),
            (200, &json!("PENDING")),
            "{template}: {answer}"
        );
        let node = stage
            .call("GET", &format!("/v24.0/{}", text(&answer["id"])), None)
            .await
            .1;
        assert_eq!(node["name"], template["name"]);
        let kinds: Vec<String> = node["components"]
            .as_array()
            .expect("components")
            .iter()
            .map(|component| text(&component["type"]))
            .collect();
        assert!(
            kinds.iter().all(|kind| *kind == kind.to_uppercase()),
            "{kinds:?}"
        );
        if template["name"] == "code" {
            let body = "Tu código de verificación es *{{1}}*. Por tu seguridad, no lo compartas.";
            assert_eq!(node["components"][0]["text"], body);
        }
    }
}

#[rstest]
#[case::name("Greeting", "es", "UTILITY", json!({}))]
#[case::language("greeting", "es_XX", "UTILITY", json!({}))]
#[case::category("greeting", "es", "TRANSACTIONAL", json!({}))]
#[case::format("greeting", "es", "UTILITY", json!({"parameter_format": "ORDERED"}))]
#[case::short_life("greeting", "es", "UTILITY", json!({"message_send_ttl_seconds": 29}))]
#[case::long_life("greeting", "es", "UTILITY", json!({"message_send_ttl_seconds": 43_201}))]
#[case::no_month_for_marketing("greeting", "es", "MARKETING", json!({"message_send_ttl_seconds": -1}))]
#[case::text_of_a_code("greeting", "es", "AUTHENTICATION", json!({}))]
#[tokio::test]
async fn wrong_words_are_refused(
    #[case] name: &str,
    #[case] language: &str,
    #[case] category: &str,
    #[case] more: Value,
) {
    let stage = Stage::new().await;
    let mut template = json!({"name": name, "language": language, "category": category, "components": [body("Hola")]});
    for (key, value) in more.as_object().expect("an object") {
        template[key] = value.clone();
    }
    let (status, answer) = create(&stage, template).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (400, &json!(100)),
        "{answer}"
    );
}

#[tokio::test]
async fn variables_side_by_side_and_short_links_are_rejected_at_once() {
    let stage = Stage::new().await;
    let beside = json!([{"type": "BODY", "text": "Hola {{1}} {{2}}, su pedido está ya listo.", "example": {"body_text": [["Ana", "M"]]}}]);
    for (name, components) in [
        ("beside", beside),
        ("short", url("https://bit.ly/pan")),
        ("chat", url("https://wa.me/34600000001")),
    ] {
        let (status, answer) = create(&stage, utility(name, components)).await;
        assert_eq!(
            (status, &answer["status"]),
            (200, &json!("REJECTED")),
            "{answer}"
        );
        let path = format!("/v24.0/{}?fields=rejected_reason", text(&answer["id"]));
        assert_eq!(
            stage.call("GET", &path, None).await.1["rejected_reason"],
            "INVALID_FORMAT"
        );
    }
}

#[tokio::test]
async fn a_file_goes_up_in_pieces_and_goes_on_where_it_broke() {
    let stage = Stage::new().await;
    let app = stage.sim.config().app_id.clone();
    let begin = async |query: &str| {
        let path = format!("/v24.0/{app}/uploads?{query}");
        stage.call("POST", &path, None).await
    };
    let file = vec![7_u8; 5_000];
    for wrong in [
        "file_type=image/png",
        "file_length=5000",
        "file_length=5000&file_type=image/webp",
        "file_length=6000000&file_type=image/png",
        "file_length=0&file_type=image/png",
    ] {
        let (status, answer) = begin(wrong).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (400, &json!(100)),
            "{wrong}: {answer}"
        );
    }
    let (_, begun) = begin("file_name=a.png&file_length=5000&file_type=image/png").await;
    let id = text(&begun["id"]);
    assert!(id.starts_with("upload:") && id.contains("?sig="), "{id}");
    let (status, answer) = piece(&stage, TOKEN, &id, 1_000, &file).await;
    assert_eq!(status, 400, "a piece that begins elsewhere: {answer}");
    let (status, answer) = piece(&stage, OTHER_TOKEN, &id, 0, &file).await;
    assert_eq!(
        (status, &answer["error"]["error_subcode"]),
        (400, &json!(33)),
        "somebody else's session: {answer}"
    );
    stage
        .control("uploads", json!({"break_after_bytes": 2_000}))
        .await;
    assert_eq!(piece(&stage, TOKEN, &id, 0, &file).await.0, 0);
    let (_, state) = stage.call("GET", &format!("/v24.0/{id}"), None).await;
    assert_eq!(state["file_offset"], 2_000);
    let (status, answer) = piece(&stage, TOKEN, &id, 2_000, &file[2_000..]).await;
    assert_eq!(status, 200, "{answer}");
    let handle = text(&answer["h"]);
    assert!(handle.starts_with("4::"), "{handle}");
    let header = |format: &str| json!([{"type": "HEADER", "format": format, "example": {"header_handle": [handle]}}, body("Hola")]);
    let (status, answer) = create(&stage, utility("video", header("VIDEO"))).await;
    assert_eq!(status, 400, "a picture is no video: {answer}");
    created(&stage, utility("picture", header("IMAGE"))).await;
}

#[tokio::test]
async fn an_account_is_full_at_its_limit_and_makes_a_hundred_an_hour() {
    let mut slow = crate::stage::config();
    slow.speed = 1.0;
    let stage = Stage::with(slow, crate::stage::seed()).await;
    let path = format!("/v24.0/{WABA}/message_templates?summary=true&limit=1");
    let summary = stage.call("GET", &path, None).await.1["summary"].clone();
    assert_eq!(
        (
            &summary["message_template_count"],
            &summary["message_template_limit"]
        ),
        (&json!(2), &json!(6_000))
    );
    for index in 0..100 {
        created(
            &stage,
            utility(&format!("t{index}"), json!([body("Hola a todos")])),
        )
        .await;
    }
    let more = utility("more", json!([body("Hola a todos")]));
    let (status, answer) = create(&stage, more.clone()).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (400, &json!(80_007)),
        "{answer}"
    );
    stage
        .control("clock", json!({"advance_ms": 3_600_000}))
        .await;
    stage
        .control("wabas", json!({"waba_id": WABA, "template_limit": 103}))
        .await;
    created(&stage, more).await;
    let (status, answer) = create(&stage, utility("last", json!([body("Hola")]))).await;
    assert_eq!(
        (status, &answer["error"]["error_subcode"]),
        (400, &json!(2_388_019)),
        "{answer}"
    );
    let (_, sent) = stage
        .send(template_to("34600000009", "more", "es", &[]))
        .await;
    assert_eq!(
        sent["error"]["code"], 132_001,
        "{NUMBER} cannot send what waits for review"
    );
}
