//! What is checked here before Meta, against a judge that shares no line with it: a generated corpus of definitions and
//! of sends. Whatever the simulator refuses is refused here.

use std::collections::BTreeMap;

use domain::template::{self, Definition};
use futures::StreamExt as _;
use meta::graph::Template;
use meta::graph::outbound::definition::Definition as Sendable;
use meta::graph::outbound::{check, without_nulls};
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use sim::{LinkCheck, NumberSpec, Seed, Sim, SimConfig, TemplateSpec};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::stage::body;

const TOKEN: &str = "EAAAGREE";
const NUMBER: &str = "100000000000001";
/// One of Meta's library, and the kinds of its values.
const LIBRARY: (&str, [&str; 3]) = ("payment_confirmation_1", ["TEXT", "AMOUNT", "DATE"]);
/// Meta takes a hundred creations of an account within an hour.
const SENDS: usize = 5_000;

struct Judge {
    http: reqwest::Client,
    url: String,
}

fn account(n: usize) -> String {
    format!("2000000000{n:05}")
}

impl Judge {
    async fn start(accounts: usize, templates: &[Value]) -> Self {
        let mut seed = Seed::new();
        for n in 0..accounts {
            seed = seed.add_waba(&account(n), "Judge", &[TOKEN]);
        }
        seed = seed.add_number(NumberSpec {
            waba_id: account(0),
            phone_number_id: NUMBER.to_owned(),
            display_phone_number: "+34 612 000 001".to_owned(),
            mps: 1_000_000,
            messaging_limit: "TIER_UNLIMITED".to_owned(),
            ..NumberSpec::default()
        });
        for template in templates {
            let spec: TemplateSpec = serde_json::from_value(template.clone()).unwrap();
            seed = seed.add_template(&account(0), spec);
        }
        let config = SimConfig {
            pair_limit: false,
            quiet_phones: true,
            link_check: LinkCheck::Never,
            ..SimConfig::default()
        };
        let sim = Sim::new(config, seed);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(sim.serve(listener, CancellationToken::new()));
        Self {
            http: testkit::http_client(),
            url,
        }
    }

    /// The error of the refusal; none when it is accepted.
    async fn asked(&self, path: &str, body: &Value) -> Option<Value> {
        let request = self.http.post(format!("{}/v24.0/{path}", self.url));
        let answer = request.bearer_auth(TOKEN).json(body).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        answer.get("error").cloned()
    }

    /// A sample of each kind that a header can have.
    async fn samples(&self) -> [String; 3] {
        let mut handles = Vec::new();
        for (kind, bytes) in [
            ("image/png", b"\x89PNG".as_slice()),
            ("video/mp4", b"\0\0\0\x18ftyp"),
            ("application/pdf", b"%PDF-1.7"),
        ] {
            let app = SimConfig::default().app_id;
            let begin = format!(
                "{}/v24.0/{app}/uploads?file_name=a&file_length={}&file_type={kind}",
                self.url,
                bytes.len()
            );
            let begun: Value = self
                .http
                .post(begin)
                .bearer_auth(TOKEN)
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            let id = begun["id"].as_str().unwrap_or_else(|| panic!("{begun}"));
            let request = self.http.post(format!("{}/v24.0/{id}", self.url));
            let request = request
                .header("Authorization", format!("OAuth {TOKEN}"))
                .header("file_offset", "0");
            let done: Value = request
                .body(bytes.to_vec())
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            handles.push(
                done["h"]
                    .as_str()
                    .unwrap_or_else(|| panic!("{done}"))
                    .to_owned(),
            );
        }
        handles.try_into().unwrap()
    }
}

/// Definitions that Meta takes, of every kind.
fn definitions([image, video, pdf]: &[String; 3]) -> Vec<Value> {
    let ready = || body("Hola {{1}}, su pedido {{2}} está listo.", &["Ana", "OC-1"]);
    let plain = || body("Hola, su pedido está listo.", &[]);
    let whole = |category: &str, components: Value| json!({ "language": "es", "category": category, "components": components });
    let media = |format: &str, handle: &str| json!({ "type": "HEADER", "format": format, "example": { "header_handle": [handle] } });
    let card = |text: &str| {
        json!({ "components": [media("IMAGE", image), body(text, &[]), { "type": "BUTTONS", "buttons": [
            { "type": "QUICK_REPLY", "text": "Quiero" }, { "type": "URL", "text": "Ver", "url": "https://example.com/{{1}}", "example": ["https://example.com/1"] }] }] })
    };
    let mut named = whole(
        "UTILITY",
        json!([
        { "type": "HEADER", "format": "TEXT", "text": "Pedido de {{name}}", "example": { "header_text_named_params": [{ "param_name": "name", "example": "Ana" }] } },
        { "type": "BODY", "text": "Hola {{first_name}}, su pedido {{order}} está listo.", "example": { "body_text_named_params": [
            { "param_name": "first_name", "example": "Ana" }, { "param_name": "order", "example": "1" }] } }]),
    );
    named["parameter_format"] = json!("NAMED");
    let mut lasting = whole("UTILITY", json!([plain()]));
    lasting["message_send_ttl_seconds"] = json!(600);
    vec![
        whole(
            "UTILITY",
            json!([ready(), { "type": "FOOTER", "text": "Panadería San Juan" }]),
        ),
        whole(
            "MARKETING",
            json!([{ "type": "HEADER", "format": "TEXT", "text": "Hola {{1}} otra vez", "example": { "header_text": ["Ana"] } }, plain()]),
        ),
        named,
        lasting,
        whole("UTILITY", json!([media("DOCUMENT", pdf), ready()])),
        whole("MARKETING", json!([media("VIDEO", video), ready()])),
        whole(
            "UTILITY",
            json!([{ "type": "HEADER", "format": "LOCATION" }, plain()]),
        ),
        whole(
            "UTILITY",
            json!([plain(), { "type": "BUTTONS", "buttons": [
            { "type": "QUICK_REPLY", "text": "Sí" }, { "type": "QUICK_REPLY", "text": "No" },
            { "type": "URL", "text": "Ver", "url": "https://example.com/pedidos/{{1}}", "example": ["https://example.com/pedidos/1"] },
            { "type": "PHONE_NUMBER", "text": "Llamar", "phone_number": "+34612345678" }, { "type": "FLOW", "text": "Reservar", "flow_id": "1" }] }]),
        ),
        whole(
            "MARKETING",
            json!([plain(), { "type": "BUTTONS", "buttons": [{ "type": "COPY_CODE", "example": "PAN25" }] }]),
        ),
        whole(
            "MARKETING",
            json!([media("IMAGE", image), plain(), { "type": "LIMITED_TIME_OFFER", "limited_time_offer": { "text": "Solo hoy", "has_expiration": true } },
            { "type": "BUTTONS", "buttons": [{ "type": "COPY_CODE", "example": "PAN25" }, { "type": "URL", "text": "Ver", "url": "https://example.com/oferta" }] }]),
        ),
        whole(
            "MARKETING",
            json!([plain(), { "type": "CAROUSEL", "cards": [card("Pan de pueblo"), card("Bollos de leche"), card("Tarta de queso")] }]),
        ),
        whole(
            "UTILITY",
            json!([plain(), { "type": "call_permission_request" }]),
        ),
        whole(
            "AUTHENTICATION",
            json!([{ "type": "BODY", "add_security_recommendation": true }, { "type": "FOOTER", "code_expiration_minutes": 10 },
            { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE", "text": "Copiar" }] }]),
        ),
        whole(
            "AUTHENTICATION",
            json!([{ "type": "BODY" }, { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "ONE_TAP", "text": "Copiar", "autofill_text": "Poner",
            "supported_apps": [{ "package_name": "com.example.app", "signature_hash": "K8a/AINcGX7" }] }] }]),
        ),
    ]
}

/// What becomes of a value when it is changed, each change once.
fn changes(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => {
            let mut all: Vec<Value> = [
                0, 15, 16, 17, 20, 21, 25, 26, 60, 61, 160, 161, 600, 601, 1_024, 1_025, 2_001,
            ]
            .into_iter()
            .map(|length| json!("a".repeat(length)))
            .collect();
            let with = [
                format!("{{{{1}}}} {text}"),
                format!("{text} {{{{1}}}}"),
                format!("{text} {{{{1}}}} fin"),
                format!("{text} {{{{3}}}} y más"),
                format!("{text} {{{{Nombre}}}} y más"),
                "a {{1}}{{2}} b".to_owned(),
                "a {{1}} {{2}} b c d e".to_owned(),
                format!("{text} {{{{1"),
                "a {{1}} b {{2}} c {{3}} d".to_owned(),
                format!("*{text}*"),
                format!("{text}\nmás"),
                format!("{text} 🥖"),
                "🥖".repeat(11),
                format!("{text}}}}}"),
                "https://wa.me/1".to_owned(),
                "http://example.com".to_owned(),
                "https://{{1}}".to_owned(),
                "https://example.com/{{1}}/x".to_owned(),
                "https://www.bit.ly/x".to_owned(),
                "HEADER".to_owned(),
                "OTP".to_owned(),
                "URL".to_owned(),
                "QUICK_REPLY".to_owned(),
                "IMAGE".to_owned(),
                "TEXT".to_owned(),
                "ZERO_TAP".to_owned(),
                "NAMED".to_owned(),
                "MARKETING".to_owned(),
                "AUTHENTICATION".to_owned(),
                "UTILITY".to_owned(),
                "en_US".to_owned(),
                text.to_uppercase(),
                text.to_lowercase(),
            ];
            all.extend(with.into_iter().map(Value::String));
            all.extend([Value::Null, json!(7), json!([])]);
            all
        }
        Value::Number(_) => vec![
            json!(-2),
            json!(-1),
            json!(0),
            json!(1),
            json!(29),
            json!(30),
            json!(90),
            json!(91),
            json!(901),
            json!(43_200),
            json!(43_201),
            json!(2_592_001),
            Value::Null,
            json!("x"),
        ],
        Value::Bool(flag) => vec![json!(!flag), Value::Null, json!("x")],
        Value::Array(list) => {
            let mut all = vec![json!([]), Value::Null, json!({})];
            for place in 0..list.len() {
                let mut without = list.clone();
                without.remove(place);
                all.push(Value::Array(without));
                let mut twice = list.clone();
                twice.insert(place, list[place].clone());
                all.push(Value::Array(twice));
            }
            for times in [5_usize, 6, 11] {
                let repeated = list
                    .iter()
                    .cycle()
                    .take(if list.is_empty() { 0 } else { times });
                all.push(Value::Array(repeated.cloned().collect()));
            }
            let mut turned = list.clone();
            turned.reverse();
            all.push(Value::Array(turned));
            all
        }
        Value::Object(_) | Value::Null => vec![Value::Null, json!([]), json!({})],
    }
}

fn pointers(value: &Value, path: &str, all: &mut Vec<String>) {
    if !path.is_empty() {
        all.push(path.to_owned());
    }
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                pointers(inner, &format!("{path}/{key}"), all);
            }
        }
        Value::Array(list) => {
            for (place, inner) in list.iter().enumerate() {
                pointers(inner, &format!("{path}/{place}"), all);
            }
        }
        _ => {}
    }
}

fn ours(wanted: &Value) -> Vec<template::Problem> {
    let text = |key: &str| wanted[key].as_str().unwrap_or_default().to_owned();
    template::check(&Definition {
        name: text("name"),
        language: text("language"),
        category: text("category"),
        parameter_format: wanted["parameter_format"].as_str().map(str::to_owned),
        components: wanted["components"].clone(),
        ttl_seconds: wanted["message_send_ttl_seconds"].as_i64(),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn no_definition_passes_here_that_meta_refuses() {
    const ACCOUNTS: usize = 120;
    let judge = Judge::start(ACCOUNTS, &[]).await;
    let bases = definitions(&judge.samples().await);
    let mut cases: Vec<(String, Value)> = Vec::new();
    for (n, base) in bases.iter().enumerate() {
        assert_eq!(ours(&with_name(base, n)), [], "{base}");
        cases.push((format!("{n} as it is"), base.clone()));
        let mut paths = Vec::new();
        pointers(base, "", &mut paths);
        for path in paths {
            let here = base.pointer(&path).unwrap();
            for (m, change) in changes(here).into_iter().enumerate() {
                // A number that is none is no request of ours: it does not get as far.
                if path.ends_with("ttl_seconds") && !change.is_i64() {
                    continue;
                }
                let mut changed = base.clone();
                *changed.pointer_mut(&path).unwrap() = change;
                cases.push((format!("{n}{path}#{m}"), without_nulls(changed)));
            }
        }
    }
    let all = cases.len();
    let judge = &judge;
    let verdicts: Vec<_> = futures::stream::iter(cases.into_iter().enumerate())
        .map(|(n, (what, wanted))| async move {
            let wanted = with_name(&wanted, n);
            let here = ours(&wanted);
            // Of what is refused here only a sample is shown to Meta, whose hundred an hour are few.
            let waba = account(n * ACCOUNTS / all);
            let there = judge
                .asked(&format!("{waba}/message_templates"), &wanted)
                .await;
            (what, wanted, here, there)
        })
        .buffered(16)
        .collect()
        .await;
    let (mut refused, mut stricter, mut accepted) = (0, 0, 0);
    let mut wrong = Vec::new();
    let mut codes: BTreeMap<String, usize> = BTreeMap::new();
    for (what, wanted, here, there) in verdicts {
        let Some(error) = there else {
            accepted += 1;
            stricter += usize::from(!here.is_empty());
            continue;
        };
        // Which handles there are is known to Meta alone, and how fast it is asked is another rule.
        if error["error_user_title"] == "Invalid media handle" || error["code"] != 100 {
            continue;
        }
        refused += 1;
        *codes.entry(error["error_subcode"].to_string()).or_default() += 1;
        if here.is_empty() {
            let shown: String = wanted.to_string().chars().take(400).collect();
            wrong.push(format!(
                "{what}: {} / {}: {shown}",
                error["message"], error["error_user_msg"]
            ));
        }
    }
    println!(
        "{all} definitions: Meta refuses {refused} {codes:?}, takes {accepted}; {stricter} of those are refused here"
    );
    assert!(
        wrong.is_empty(),
        "{} pass here that Meta refuses:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(25)].join("\n")
    );
    assert!(
        refused > 500 && accepted > 500,
        "{refused} refused, {accepted} taken of {all}"
    );
}

fn with_name(wanted: &Value, n: usize) -> Value {
    let mut wanted = wanted.clone();
    wanted["name"] = json!(format!("template_{n}"));
    wanted
}

/// Templates that are sent, with a right send of each.
fn sendable() -> Vec<(Value, Value)> {
    let text = |text: &str| json!({ "type": "text", "text": text });
    let named = |name: &str| json!({ "type": "text", "parameter_name": name, "text": "Ana" });
    let of = |name: &str, components: Value| json!({ "name": name, "language": "es", "components": components });
    let sent = |name: &str, components: Value| json!({ "name": name, "language": { "code": "es" }, "components": components });
    let mut by_name = of(
        "by_name",
        json!([{ "type": "BODY", "text": "Hola {{name}}, su pedido {{order}} está listo." }]),
    );
    by_name["parameter_format"] = json!("NAMED");
    let mut paused = of("paused", json!([{ "type": "BODY", "text": "Hola" }]));
    paused["status"] = json!("PAUSED");
    // One of Meta's library, whose values have kinds.
    let mut paid = of(
        "paid",
        json!([{ "type": "BODY", "text": "Hola, {{1}}: recibimos {{2}} el {{3}}, gracias." }]),
    );
    paid["library_template_name"] = json!(LIBRARY.0);
    let values = ["Ana", "12,50 €", "13/03/2026"].map(text);
    vec![
        (
            paid,
            sent("paid", json!([{ "type": "body", "parameters": values }])),
        ),
        (
            of("plain", json!([{ "type": "BODY", "text": "Hola" }])),
            sent("plain", json!([])),
        ),
        (paused, sent("paused", json!([]))),
        (
            of(
                "two",
                json!([{ "type": "BODY", "text": "Hola {{1}}, su pedido {{2}} está listo." }]),
            ),
            sent(
                "two",
                json!([{ "type": "body", "parameters": [text("Ana"), text("OC-1")] }]),
            ),
        ),
        (
            by_name,
            sent(
                "by_name",
                json!([{ "type": "body", "parameters": [named("name"), named("order")] }]),
            ),
        ),
        (
            of(
                "invoice",
                json!([{ "type": "HEADER", "format": "DOCUMENT" }, { "type": "BODY", "text": "Hola {{1}}, aquí tiene su factura." }]),
            ),
            sent(
                "invoice",
                json!([{ "type": "header", "parameters": [{ "type": "document", "document": { "link": "https://example.com/f.pdf", "filename": "f.pdf" } }] },
                { "type": "body", "parameters": [text("Ana")] }]),
            ),
        ),
        (
            of(
                "buttons",
                json!([{ "type": "HEADER", "format": "TEXT", "text": "Hola {{1}}" }, { "type": "BODY", "text": "Su pedido está listo." }, { "type": "BUTTONS", "buttons": [
            { "type": "QUICK_REPLY", "text": "Sí" }, { "type": "URL", "text": "Ver", "url": "https://example.com/{{1}}" }] }]),
            ),
            sent(
                "buttons",
                json!([{ "type": "header", "parameters": [text("Ana")] }, { "type": "button", "sub_type": "url", "index": "1", "parameters": [text("7")] },
                { "type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{ "type": "payload", "payload": "si" }] }]),
            ),
        ),
    ]
}

/// A send with up to three things of it changed.
fn changed(rng: &mut ChaCha8Rng, base: &Value, others: &[(Value, Value)]) -> Value {
    let words = [
        "Ana",
        "",
        "a\nb",
        "a\tb",
        "a     b",
        "a    b",
        "ñ 🥖",
        "es",
        "en",
        "body",
        "header",
        "text",
        "image",
        "two",
        "plain",
        "PAUSED",
        "0",
        "1",
        "2",
        "url",
        "quick_reply",
    ];
    let mut sent = base.clone();
    for _ in 0..rng.random_range(0..=3) {
        let mut paths = Vec::new();
        pointers(&sent, "", &mut paths);
        let Some(path) = paths.choose(rng) else { break };
        let Some(here) = sent.pointer_mut(path) else {
            continue;
        };
        match here {
            Value::Array(list) if !list.is_empty() => {
                let place = rng.random_range(0..list.len());
                match rng.random_range(0..3) {
                    0 => drop(list.remove(place)),
                    1 => list.insert(place, list[place].clone()),
                    _ => list.reverse(),
                }
            }
            Value::String(text) => {
                *text = if rng.random_bool(0.1) {
                    "a".repeat(rng.random_range(900..1_100))
                } else {
                    (*words.choose(rng).unwrap()).to_owned()
                };
            }
            other => {
                let (_, donor) = others.choose(rng).unwrap();
                *other = donor["components"].get(0).cloned().unwrap_or(Value::Null);
            }
        }
    }
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn no_send_of_a_template_passes_here_that_meta_refuses() {
    let pairs = sendable();
    let templates: Vec<_> = pairs.iter().map(|(template, _)| template.clone()).collect();
    let judge = Judge::start(1, &templates).await;
    let known: Vec<Sendable> = templates
        .iter()
        .map(|template| {
            let mut whole = json!({ "status": "APPROVED", "category": "UTILITY" });
            for (key, value) in template.as_object().unwrap() {
                whole[key] = value.clone();
            }
            let kinds = match whole["library_template_name"].is_null() {
                true => Vec::new(),
                false => LIBRARY.1.map(str::to_owned).to_vec(),
            };
            let read = Sendable::read(&serde_json::from_value::<Template>(whole).unwrap());
            read.unwrap().with_types(kinds)
        })
        .collect();
    let mut rng = ChaCha8Rng::seed_from_u64(20_261_121);
    let sends: Vec<Value> = (0..SENDS)
        .map(|_| {
            let (_, base) = pairs.choose(&mut rng).unwrap();
            without_nulls(changed(&mut rng, base, &pairs))
        })
        .collect();
    let (judge, known) = (&judge, &known);
    let verdicts: Vec<_> = futures::stream::iter(sends)
        .map(|sent| async move {
            let mut problems = check("template", &sent);
            if problems.is_empty() {
                let found = known.iter().find(|one| {
                    sent["name"] == one.name.as_str() && sent["language"]["code"] == one.language.as_str()
                });
                problems = found.map_or_else(
                    || vec![meta::graph::outbound::definition::unknown("", "")],
                    |one| one.judge(&sent),
                );
            }
            let body = json!({ "messaging_product": "whatsapp", "to": "+34600000001", "type": "template", "template": sent });
            let there = judge.asked(&format!("{NUMBER}/messages"), &body).await;
            (sent, problems, there)
        })
        .buffered(16)
        .collect()
        .await;
    let mut codes: BTreeMap<i64, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (sent, here, there) in verdicts {
        let Some(code) = there.and_then(|error| error["code"].as_i64()) else {
            continue;
        };
        *codes.entry(code).or_default() += 1;
        if here.is_empty() {
            wrong.push(format!("{code}: {sent}"));
        }
    }
    println!("{SENDS} sends: Meta refuses {codes:?}");
    assert!(
        wrong.is_empty(),
        "{} pass here that Meta refuses:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(25)].join("\n")
    );
    for (code, few) in [(132_000, 50), (132_001, 50), (132_012, 50), (132_018, 10)] {
        assert!(
            codes.get(&code).copied().unwrap_or(0) > few,
            "{code}: {codes:?}"
        );
    }
}
