//! Every rule of the table refuses something, and alone: a template that breaks one rule is told of that one.

use std::collections::BTreeSet;

use domain::template::{Definition, RULES, check, variables, warnings};
use serde_json::{Value, json};

fn of(category: &str, components: Value) -> Definition {
    Definition {
        name: "pedido".to_owned(),
        language: "es".to_owned(),
        category: category.to_owned(),
        components,
        ..Definition::default()
    }
}

fn body(text: &str) -> Value {
    json!({ "type": "BODY", "text": text })
}

fn with(part: Value) -> Value {
    json!([body("Hola, su pedido está listo."), part])
}

fn buttons(list: Value) -> Value {
    with(json!({ "type": "BUTTONS", "buttons": list }))
}

fn header(text: &str) -> Value {
    with(json!({ "type": "HEADER", "format": "TEXT", "text": text }))
}

fn named(text: &str, example: Value) -> Value {
    json!([{ "type": "BODY", "text": text, "example": { "body_text": [example] } }])
}

fn card(buttons: Value) -> Value {
    json!({ "components": [{ "type": "HEADER", "format": "PRODUCT" }, { "type": "BUTTONS", "buttons": buttons }] })
}

fn offer(text: &str, button: Value) -> Value {
    json!([body("Hola, hoy hay pan."), { "type": "LIMITED_TIME_OFFER", "limited_time_offer": { "text": text } },
        { "type": "BUTTONS", "buttons": [button] }])
}

/// A template that breaks a rule, for each rule.
fn broken() -> Vec<(&'static str, Definition)> {
    let plain = || json!([body("Hola, su pedido está listo.")]);
    let good = || of("UTILITY", plain());
    let reply = |text: &str| json!({ "type": "QUICK_REPLY", "text": text });
    let link = |url: &str| json!({ "type": "URL", "text": "Ver", "url": url });
    let otp =
        |button: Value| json!([{ "type": "BODY" }, { "type": "BUTTONS", "buttons": [button] }]);
    vec![
        (
            "name.characters",
            Definition {
                name: "Pedido".to_owned(),
                ..good()
            },
        ),
        (
            "name.length",
            Definition {
                name: "a".repeat(513),
                ..good()
            },
        ),
        (
            "language.known",
            Definition {
                language: "es_XX".to_owned(),
                ..good()
            },
        ),
        (
            "category.known",
            Definition {
                category: "NEWS".to_owned(),
                ..good()
            },
        ),
        (
            "parameter_format.known",
            Definition {
                parameter_format: Some("MIXED".to_owned()),
                ..good()
            },
        ),
        (
            "ttl.range",
            Definition {
                ttl_seconds: Some(29),
                ..good()
            },
        ),
        ("components.list", of("UTILITY", json!([]))),
        (
            "components.list",
            of("UTILITY", json!([body("Hola\u{0}, su pedido está listo.")])),
        ),
        (
            "components.known",
            of("UTILITY", with(json!({ "type": "SIDEBAR" }))),
        ),
        (
            "components.once",
            of("UTILITY", with(body("Hola otra vez, le esperamos."))),
        ),
        (
            "components.together",
            of(
                "UTILITY",
                json!([body("Hola, le llamamos."), { "type": "FOOTER", "text": "x" }, { "type": "call_permission_request" }]),
            ),
        ),
        (
            "category.fits",
            of("UTILITY", offer("Hoy", link("https://example.com/a"))),
        ),
        (
            "body.present",
            of("UTILITY", json!([{ "type": "FOOTER", "text": "x" }])),
        ),
        (
            "body.length",
            of("UTILITY", json!([body(&"a".repeat(1_025))])),
        ),
        (
            "body.emoji",
            of(
                "UTILITY",
                json!([body(&format!("Hola {}", "🥖".repeat(11)))]),
            ),
        ),
        (
            "header.format",
            of(
                "UTILITY",
                with(json!({ "type": "HEADER", "format": "AUDIO" })),
            ),
        ),
        ("header.text", of("UTILITY", header("*Hola*"))),
        ("header.length", of("UTILITY", header(&"a".repeat(61)))),
        (
            "header.sample",
            of(
                "UTILITY",
                with(json!({ "type": "HEADER", "format": "IMAGE" })),
            ),
        ),
        (
            "header.sample",
            of(
                "UTILITY",
                with(
                    json!({ "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["https://scontent.example/1"] } }),
                ),
            ),
        ),
        (
            "footer.text",
            of(
                "UTILITY",
                with(json!({ "type": "FOOTER", "text": "de {{1}} a" })),
            ),
        ),
        (
            "footer.length",
            of(
                "UTILITY",
                with(json!({ "type": "FOOTER", "text": "a".repeat(61) })),
            ),
        ),
        (
            "variable.form",
            of(
                "UTILITY",
                named("Hola {{name}}, su pedido está listo.", json!(["Ana"])),
            ),
        ),
        (
            "variable.order",
            of(
                "UTILITY",
                named(
                    "Hola {{1}}, su pedido {{3}} está listo ya.",
                    json!(["Ana", "1"]),
                ),
            ),
        ),
        (
            "variable.once",
            of(
                "UTILITY",
                named(
                    "Hola {{1}}, su pedido {{1}} está listo ya.",
                    json!(["Ana", "1"]),
                ),
            ),
        ),
        (
            "variable.edge",
            of(
                "UTILITY",
                named("{{1}}, su pedido está listo.", json!(["Ana"])),
            ),
        ),
        (
            "variable.adjacent",
            of(
                "UTILITY",
                named(
                    "Hola {{1}} {{2}}, su pedido está listo ya.",
                    json!(["Ana", "Gil"]),
                ),
            ),
        ),
        (
            "variable.many",
            of(
                "UTILITY",
                named("a {{1}} b {{2}} c {{3}} .", json!(["a", "b", "c"])),
            ),
        ),
        (
            "variable.example",
            of(
                "UTILITY",
                named("Hola {{1}}, su pedido está listo.", json!([])),
            ),
        ),
        // Meta takes sets of examples, not the examples themselves.
        (
            "variable.example",
            of(
                "UTILITY",
                named("Hola {{1}}, su pedido está listo.", json!("Ana")),
            ),
        ),
        (
            "buttons.count",
            of(
                "UTILITY",
                buttons(json!([
                    link("https://a.es"),
                    link("https://b.es"),
                    link("https://c.es")
                ])),
            ),
        ),
        (
            "buttons.order",
            of(
                "UTILITY",
                buttons(json!([reply("a"), link("https://b.es"), reply("c")])),
            ),
        ),
        (
            "button.known",
            of(
                "UTILITY",
                buttons(json!([{ "type": "SHAKE", "text": "a" }])),
            ),
        ),
        (
            "button.text",
            of("UTILITY", buttons(json!([reply("Hola {{1}}")]))),
        ),
        (
            "button.length",
            of("UTILITY", buttons(json!([reply(&"a".repeat(26))]))),
        ),
        (
            "button.url",
            of(
                "UTILITY",
                buttons(json!([link("https://wa.me/34600000001")])),
            ),
        ),
        (
            "button.url_example",
            of(
                "UTILITY",
                buttons(json!([link("https://example.com/{{1}}")])),
            ),
        ),
        (
            "button.phone",
            of(
                "UTILITY",
                buttons(
                    json!([{ "type": "PHONE_NUMBER", "text": "Llamar", "phone_number": "call me" }]),
                ),
            ),
        ),
        (
            "button.code",
            of(
                "MARKETING",
                buttons(json!([{ "type": "COPY_CODE", "example": "25 % OFF" }])),
            ),
        ),
        (
            "button.flow",
            of(
                "UTILITY",
                buttons(json!([{ "type": "FLOW", "text": "Reservar" }])),
            ),
        ),
        (
            "button.otp",
            of(
                "AUTHENTICATION",
                otp(
                    json!({ "type": "OTP", "otp_type": "ZERO_TAP", "supported_apps": [{ "package_name": "com.example.app", "signature_hash": "K8a/AINcGX7" }] }),
                ),
            ),
        ),
        (
            "authentication.parts",
            of(
                "AUTHENTICATION",
                json!([{ "type": "BODY" }, { "type": "FOOTER", "code_expiration_minutes": 91 },
            { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE" }] }]),
            ),
        ),
        (
            "offer.text",
            of(
                "MARKETING",
                offer(&"a".repeat(17), link("https://example.com/a")),
            ),
        ),
        (
            "carousel.count",
            of(
                "MARKETING",
                with(json!({ "type": "CAROUSEL", "cards": [card(json!([reply("a")]))] })),
            ),
        ),
        (
            "carousel.alike",
            of(
                "MARKETING",
                with(
                    json!({ "type": "CAROUSEL", "cards": [card(json!([reply("a")])), card(json!([link("https://a.es")]))] }),
                ),
            ),
        ),
    ]
}

#[test]
fn every_rule_refuses_something_and_alone() {
    let mut seen = BTreeSet::new();
    for (rule, template) in broken() {
        let problems = check(&template);
        let rules: Vec<_> = problems.iter().map(|problem| problem.rule).collect();
        assert_eq!(rules, [rule], "{problems:?}");
        let known = RULES.iter().find(|known| known.name == rule);
        assert_eq!(
            known.map(|known| known.code),
            Some(problems[0].code),
            "{rule}"
        );
        assert!(!problems[0].problem.is_empty() && !problems[0].field.is_empty());
        seen.insert(rule);
    }
    let all: BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(seen, all, "a rule that nothing breaks may be none");
}

#[test]
fn variables_are_found_where_they_stand() {
    let template = of(
        "UTILITY",
        json!([
            { "type": "HEADER", "format": "TEXT", "text": "Pedido {{1}}", "example": { "header_text": ["OC-1"] } },
            { "type": "BODY", "text": "Hola {{1}}, su pedido {{2}} está listo.", "example": { "body_text": [["Ana", "OC-1"]] } },
            { "type": "BUTTONS", "buttons": [{ "type": "URL", "text": "Ver", "url": "https://example.com/{{1}}", "example": ["https://example.com/7"] }] },
        ]),
    );
    assert_eq!(check(&template), []);
    let found = variables(&template);
    let shown: Vec<_> = found
        .iter()
        .map(|one| {
            (
                one.component.as_str(),
                one.name.as_str(),
                one.example.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("header", "1", Some("OC-1")),
            ("body", "1", Some("Ana")),
            ("body", "2", Some("OC-1")),
            ("buttons[0]", "1", Some("https://example.com/7")),
        ]
    );
}

#[test]
fn what_reads_like_an_offer_is_said_beforehand() {
    let cheap = of(
        "UTILITY",
        json!([body("Hola, esta semana hay un descuento para usted.")]),
    );
    assert_eq!(check(&cheap), []);
    let said = warnings(&cheap);
    assert!(
        said.len() == 1 && said[0].warning.contains("MARKETING"),
        "{said:?}"
    );
    assert_eq!(warnings(&of("MARKETING", cheap.components)), []);
}
