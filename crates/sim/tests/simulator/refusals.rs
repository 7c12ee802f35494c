//! Every refusal with its code and HTTP status, one row each.

use rstest::rstest;
use serde_json::{Value, json};
use sim::TemplateSpec;

use crate::stage::{
    ANA, NUMBER, OTHER_NUMBER, Stage, TOKEN, WABA, config, seed, template_to, text_to,
};

fn with(kind: &str, content: Value) -> Value {
    let mut body = json!({"messaging_product": "whatsapp", "to": ANA, "type": kind});
    body[kind] = content;
    body
}

fn interactive(kind: &str, action: Value) -> Value {
    with(
        "interactive",
        json!({"type": kind, "body": {"text": "Hi"}, "action": action}),
    )
}

fn buttons(count: usize, title: &str) -> Value {
    let one = |index: usize| json!({"type": "reply", "reply": {"id": format!("b{index}"), "title": format!("{title}{index}")}});
    interactive(
        "button",
        json!({"buttons": (0..count).map(one).collect::<Vec<_>>()}),
    )
}

fn list(rows: usize) -> Value {
    let row = |index: usize| json!({"id": format!("r{index}"), "title": format!("Row {index}")});
    let rows: Vec<Value> = (0..rows).map(row).collect();
    interactive(
        "list",
        json!({"button": "Choose", "sections": [{"title": "One", "rows": rows}]}),
    )
}

fn long(length: usize) -> String {
    "x".repeat(length)
}

#[rstest]
#[case::no_product(json!({"to": ANA, "type": "text", "text": {"body": "x"}}), 400, 100)]
#[case::other_product(json!({"messaging_product": "sms", "to": ANA, "text": {"body": "x"}}), 400, 100)]
#[case::no_recipient(json!({"messaging_product": "whatsapp", "type": "text", "text": {"body": "x"}}), 400, 100)]
#[case::words_for_a_phone(text_to("not a phone", "x"), 400, 131009)]
#[case::a_bad_user_id(json!({"messaging_product": "whatsapp", "recipient": "US-1", "text": {"body": "x"}}), 400, 131009)]
#[case::unknown_type(with("hologram", json!({})), 400, 100)]
#[case::unknown_recipient_type(json!({"messaging_product": "whatsapp", "recipient_type": "herd", "to": ANA, "text": {"body": "x"}}), 400, 100)]
#[case::content_missing(json!({"messaging_product": "whatsapp", "to": ANA, "type": "image"}), 400, 131008)]
#[case::empty_text(text_to(ANA, ""), 400, 100)]
#[case::text_of_4097(text_to(ANA, &long(4_097)), 400, 100)]
#[case::unknown_key(with("text", json!({"body": "x", "colour": "red"})), 400, 100)]
#[case::preview_no_bool(with("text", json!({"body": "x", "preview_url": "yes"})), 400, 100)]
#[case::callback_of_513(json!({"messaging_product": "whatsapp", "to": ANA, "text": {"body": "x"}, "biz_opaque_callback_data": long(513)}), 400, 100)]
#[case::quote_without_id(json!({"messaging_product": "whatsapp", "to": ANA, "text": {"body": "x"}, "context": {}}), 400, 100)]
#[case::to_itself(text_to("34612345678", "x"), 400, 131021)]
#[case::media_without_source(with("image", json!({"caption": "x"})), 400, 131008)]
#[case::media_with_both(with("image", json!({"id": "1", "link": "https://example.com/a.png"})), 400, 100)]
#[case::media_unknown(with("image", json!({"id": "999"})), 400, 100)]
#[case::media_link_no_uri(with("image", json!({"link": "not a link"})), 400, 100)]
#[case::caption_of_1025(with("image", json!({"link": "https://example.com/a.png", "caption": long(1_025)})), 400, 100)]
#[case::audio_with_caption(with("audio", json!({"link": "https://example.com/a.ogg", "caption": "x"})), 400, 100)]
#[case::latitude_91(with("location", json!({"latitude": 91, "longitude": 0})), 400, 131009)]
#[case::no_longitude(with("location", json!({"latitude": 1})), 400, 131008)]
#[case::reaction_without_target(with("reaction", json!({"emoji": "👍"})), 400, 131008)]
#[case::reaction_in_words(with("reaction", json!({"message_id": "wamid.x", "emoji": "yes"})), 400, 131009)]
#[case::contacts_empty(with("contacts", json!([])), 400, 100)]
#[case::contact_without_name(with("contacts", json!([{"phones": []}])), 400, 131008)]
#[case::contact_with_formatted_name_only(with("contacts", json!([{"name": {"formatted_name": "Ana"}}])), 400, 131009)]
#[case::contact_birthday(with("contacts", json!([{"name": {"formatted_name": "Ana", "first_name": "Ana"}, "birthday": "1/2/90"}])), 400, 131009)]
#[case::interactive_unknown(interactive("dance", json!({})), 400, 100)]
#[case::no_buttons(buttons(0, "Yes"), 400, 131009)]
#[case::four_buttons(buttons(4, "Yes"), 400, 131009)]
#[case::button_title_of_21(buttons(1, &long(20)), 400, 131009)]
#[case::same_button_ids(interactive("button", json!({"buttons": [
    {"type": "reply", "reply": {"id": "a", "title": "A"}}, {"type": "reply", "reply": {"id": "a", "title": "B"}}]})), 400, 131009)]
#[case::eleven_rows(list(11), 400, 131009)]
#[case::no_rows(list(0), 400, 131009)]
#[case::sections_without_titles(interactive("list", json!({"button": "Go", "sections": [
    {"rows": [{"id": "a", "title": "A"}]}, {"rows": [{"id": "b", "title": "B"}]}]})), 400, 131008)]
#[case::list_button_of_21(interactive("list", json!({"button": long(21), "sections": [{"rows": [{"id": "a", "title": "A"}]}]})), 400, 131009)]
#[case::list_with_image_header(with("interactive", json!({"type": "list", "header": {"type": "image", "image": {"link": "https://example.com/a.png"}},
    "body": {"text": "x"}, "action": {"button": "Go", "sections": [{"rows": [{"id": "a", "title": "A"}]}]}})), 400, 131009)]
#[case::footer_of_61(with("interactive", json!({"type": "button", "body": {"text": "x"}, "footer": {"text": long(61)},
    "action": {"buttons": [{"type": "reply", "reply": {"id": "a", "title": "A"}}]}})), 400, 131009)]
#[case::body_of_1025(with("interactive", json!({"type": "button", "body": {"text": long(1_025)},
    "action": {"buttons": [{"type": "reply", "reply": {"id": "a", "title": "A"}}]}})), 400, 131009)]
#[case::no_body(with("interactive", json!({"type": "button", "action": {"buttons": []}})), 400, 131008)]
#[case::cta_without_url(interactive("cta_url", json!({"name": "cta_url", "parameters": {"display_text": "Go"}})), 400, 131008)]
#[case::cta_with_a_bad_url(interactive("cta_url", json!({"name": "cta_url", "parameters": {"display_text": "Go", "url": "ftp:x"}})), 400, 131009)]
#[case::location_request_misnamed(interactive("location_request_message", json!({"name": "x"})), 400, 131009)]
#[case::flow_without_id(interactive("flow", json!({"name": "flow", "parameters": {"flow_message_version": "3", "flow_cta": "Go"}})), 400, 131008)]
#[case::flow_version(interactive("flow", json!({"name": "flow", "parameters": {"flow_message_version": "2", "flow_id": "1", "flow_cta": "Go"}})), 400, 131009)]
#[case::product_list_without_header(interactive("product_list", json!({"catalog_id": "1", "sections": []})), 400, 131008)]
#[case::carousel_of_one(interactive("carousel", json!({"cards": [{}]})), 400, 131009)]
#[case::group(json!({"messaging_product": "whatsapp", "recipient_type": "group", "to": "123456", "type": "text", "text": {"body": "x"}}), 400, 131009)]
#[case::template_unknown(template_to(ANA, "nowhere", "en_US", &[]), 404, 132001)]
#[case::template_in_another_language(template_to(ANA, "po_notification", "en_US", &["a", "b", "c"]), 404, 132001)]
#[case::template_not_approved(template_to(ANA, "in_review", "es", &[]), 404, 132001)]
#[case::template_too_few(template_to(ANA, "po_notification", "es", &["a", "b"]), 400, 132000)]
#[case::template_too_many(template_to(ANA, "hello_world", "en_US", &["a"]), 400, 132000)]
#[case::template_line_break(template_to(ANA, "po_notification", "es", &["a\nb", "b", "c"]), 400, 132012)]
#[case::template_five_spaces(template_to(ANA, "po_notification", "es", &["a     b", "b", "c"]), 400, 132012)]
#[case::template_too_long(template_to(ANA, "po_notification", "es", &[&long(1_020), "b", "c"]), 400, 132005)]
#[case::template_header_missing(template_to(ANA, "with_image", "es", &[]), 400, 132012)]
#[case::template_button_missing(template_to(ANA, "with_link", "es", &[]), 400, 131008)]
#[case::template_paused(template_to(ANA, "paused", "es", &[]), 400, 132015)]
#[case::template_disabled(template_to(ANA, "disabled", "es", &[]), 400, 132016)]
#[case::template_without_language(with("template", json!({"name": "hello_world"})), 400, 131008)]
#[case::read_without_id(json!({"messaging_product": "whatsapp", "status": "read"}), 400, 100)]
#[case::read_of_nothing(json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x"}), 400, 131009)]
#[case::delivered_cannot_be_set(json!({"messaging_product": "whatsapp", "status": "delivered", "message_id": "wamid.x"}), 400, 100)]
#[tokio::test]
async fn a_send_is_refused(#[case] body: Value, #[case] http: u16, #[case] code: i64) {
    let stage = Stage::with(config(), templates(seed())).await;
    let (status, answer) = stage.send(body.clone()).await;
    assert_eq!(
        (status, answer["error"]["code"].as_i64()),
        (http, Some(code)),
        "{body} was answered {answer}"
    );
    assert!(
        answer["error"]["fbtrace_id"].is_string(),
        "no trace in {answer}"
    );
    assert!(answer["error"]["type"].is_string(), "no type in {answer}");
    assert_eq!(
        stage.sim.outbound().len(),
        0,
        "a refused message was accepted"
    );
}

fn templates(mut seed: sim::Seed) -> sim::Seed {
    let body = json!({"type": "BODY", "text": "Hola"});
    let kinds = [
        ("in_review", "PENDING", json!([body])),
        ("paused", "PAUSED", json!([body])),
        ("disabled", "DISABLED", json!([body])),
        (
            "with_image",
            "APPROVED",
            json!([{"type": "HEADER", "format": "IMAGE"}, body]),
        ),
        (
            "with_link",
            "APPROVED",
            json!([body, {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Go", "url": "https://example.com/{{1}}"}]}]),
        ),
    ];
    for (name, status, components) in kinds {
        let template = TemplateSpec {
            name: name.to_owned(),
            language: "es".to_owned(),
            status: status.to_owned(),
            components,
            ..TemplateSpec::default()
        };
        seed = seed.add_template(WABA, template);
    }
    seed
}

#[rstest]
#[case::garbage("rubbish", "GET", format!("/v24.0/{NUMBER}"), 401, 190, None)]
#[case::revoked("EAAgone", "GET", format!("/v24.0/{NUMBER}"), 401, 190, None)]
#[case::not_its_number(TOKEN, "GET", format!("/v24.0/{OTHER_NUMBER}"), 400, 100, Some(33))]
#[case::not_its_number_for_sending(TOKEN, "POST", format!("/v24.0/{OTHER_NUMBER}/messages"), 400, 100, Some(33))]
#[case::nothing_there(TOKEN, "GET", "/v24.0/1".to_owned(), 400, 100, Some(33))]
#[case::unknown_edge(TOKEN, "GET", format!("/v24.0/{NUMBER}/dances"), 400, 2500, None)]
#[case::too_deep(TOKEN, "GET", format!("/v24.0/{NUMBER}/a/b"), 400, 2500, None)]
#[case::wrong_method(TOKEN, "DELETE", format!("/v24.0/{NUMBER}/messages"), 400, 100, None)]
#[case::unknown_field(TOKEN, "GET", format!("/v24.0/{NUMBER}?fields=id,dances"), 400, 100, None)]
#[case::app_token_needed(TOKEN, "GET", "/v24.0/670843887433847/subscriptions".to_owned(), 400, 15, None)]
#[case::foreign_cursor(TOKEN, "GET", format!("/v24.0/{WABA}/message_templates?after=abc"), 400, 131059, None)]
#[tokio::test]
async fn a_call_is_refused(
    #[case] token: &str,
    #[case] method: &str,
    #[case] path: String,
    #[case] http: u16,
    #[case] code: i64,
    #[case] subcode: Option<i64>,
) {
    let stage = Stage::new().await;
    let (status, answer) = stage.call_as(token, method, &path, None).await;
    assert_eq!(
        (status, answer["error"]["code"].as_i64()),
        (http, Some(code)),
        "{path} was answered {answer}"
    );
    assert_eq!(
        answer["error"]["error_subcode"].as_i64(),
        subcode,
        "{answer}"
    );
}

#[tokio::test]
async fn a_call_without_a_token_is_refused() {
    let stage = Stage::new().await;
    let url = format!("{}/v24.0/{NUMBER}", stage.url);
    let answer = stage.client.get(url).send().await.expect("an answer");
    assert_eq!(answer.status(), 400);
    let answer: Value = answer.json().await.expect("JSON");
    assert_eq!(answer["error"]["code"], 104);
}

#[rstest]
#[case("DISCONNECTED", 400, 133010)]
#[case("BANNED", 403, 131031)]
#[case("RATE_LIMITED", 400, 131048)]
#[tokio::test]
async fn a_number_that_may_not_send_is_refused(
    #[case] status: &str,
    #[case] http: u16,
    #[case] code: i64,
) {
    let stage = Stage::new().await;
    stage
        .control(
            "numbers",
            json!({"phone_number_id": NUMBER, "status": status}),
        )
        .await;
    let (given, answer) = stage.send(text_to(ANA, "x")).await;
    assert_eq!(
        (given, answer["error"]["code"].as_i64()),
        (http, Some(code)),
        "{answer}"
    );
}

#[tokio::test]
async fn a_test_number_reaches_its_allow_list_only() {
    let stage = Stage::new().await;
    stage
        .control(
            "numbers",
            json!({"phone_number_id": NUMBER, "allowed_recipients": [ANA]}),
        )
        .await;
    let (status, answer) = stage.send(text_to("34600000099", "x")).await;
    assert_eq!(
        (status, answer["error"]["code"].as_i64()),
        (400, Some(131030)),
        "{answer}"
    );
    stage.accepted(text_to(ANA, "x")).await;
}

#[rstest]
#[case(buttons(3, "Yes"))]
#[case(list(10))]
#[case(interactive("cta_url", json!({"name": "cta_url", "parameters": {"display_text": "Go", "url": "https://example.com"}})))]
#[case(interactive("location_request_message", json!({"name": "send_location"})))]
#[case(interactive("flow", json!({"name": "flow", "parameters": {"flow_message_version": "3", "flow_id": "1", "flow_cta": "Go"}})))]
#[case(with("location", json!({"latitude": 40.4, "longitude": -3.7, "name": "Madrid"})))]
#[case(with("contacts", json!([{"name": {"formatted_name": "Ana M", "first_name": "Ana"}, "phones": [{"phone": "+34600000001", "type": "CELL"}]}])))]
#[case(with("image", json!({"link": "https://example.com/a.png", "caption": "x"})))]
#[case(with("document", json!({"link": "https://example.com/a.pdf", "filename": "a.pdf"})))]
#[case(text_to("+34 600-000-001", &long(4_096)))]
#[case(template_to(ANA, "hello_world", "en_US", &[]))]
#[case(template_to(ANA, "po_notification", "es", &["Ana", "OC-1", "10 €"]))]
#[tokio::test]
async fn a_send_of_right_form_is_accepted(#[case] body: Value) {
    let stage = Stage::new().await;
    let (status, answer) = stage.send(body).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["contacts"][0]["wa_id"], ANA);
}
