//! `POST /_sim/faults` with a script: every code of the fact sheet on demand.

use std::path::PathBuf;

use rstest::rstest;
use serde_json::{Value, json};
use sim::SimConfig;

use crate::stage::{
    ANA, NUMBER, Received, Stage, config, seed, template_to, text, text_to, values,
};

/// No limits of its own, so that only the script refuses.
async fn patient() -> Stage {
    let config = SimConfig {
        pair_limit: false,
        ..config()
    };
    let stage = Stage::with(config, seed()).await;
    stage
        .control("numbers", json!({"phone_number_id": NUMBER, "mps": 10_000}))
        .await;
    stage.ana_writes("Hola").await;
    stage
}

async fn scripted(stage: &Stage, rules: Value) {
    stage.control("faults", json!({"script": rules})).await;
}

async fn refused(stage: &Stage, body: Value) -> String {
    let url = format!("{}/_sim/faults", stage.url);
    let answer = stage
        .client
        .post(url)
        .json(&body)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 400, "{body} was taken");
    let answer: Value = answer.json().await.expect("JSON");
    text(&answer["error"])
}

fn failure_of(wamid: &str, received: &[Received]) -> Option<Value> {
    let statuses = values(received)
        .into_iter()
        .flat_map(|value| value["statuses"].as_array().cloned().unwrap_or_default());
    let mut failures =
        statuses.filter(|status| status["id"] == wamid && status["status"] == "failed");
    failures.next()
}

/// A code, its HTTP status where it has one, and where it is seen.
type Row = (i64, Option<u16>, String);

/// The rows of section 9, and the codes of subcodes.
#[expect(clippy::print_stdout, reason = "a skipped test says so aloud")]
fn sheet() -> Option<(Vec<Row>, Vec<i64>)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/meta/PLATFORM.md");
    let Ok(sheet) = std::fs::read_to_string(&path) else {
        println!("SKIPPED: the fact sheet is not there ({})", path.display());
        return None;
    };
    let section = |from: &str, to: &str| {
        let from = sheet.find(from).expect("the section begins");
        let to = sheet.find(to).expect("the section ends");
        sheet[from..to].to_owned()
    };
    let first_cells = |section: &str| -> Vec<Vec<String>> {
        let rows = section
            .lines()
            .filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit());
        rows.map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .collect()
    };
    let mut codes = Vec::new();
    for cells in first_cells(&section("\n### 9.1", "\n### 9.2")) {
        let common: String = cells[2].chars().take_while(char::is_ascii_digit).collect();
        for code in expand(&cells[0]) {
            codes.push((
                code,
                own_http(&cells[1], code).or(common.parse().ok()),
                cells[3].clone(),
            ));
        }
    }
    let subcodes = first_cells(&section("\n### 9.2", "\n## 10."));
    Some((
        codes,
        subcodes
            .iter()
            .flat_map(|cells| expand(&cells[0]))
            .collect(),
    ))
}

/// `17, 32, 613` · `200–299` · `132068 / 132069` · `141000-range`
fn expand(cell: &str) -> Vec<i64> {
    let number = |text: &str| {
        text.trim()
            .trim_end_matches("-range")
            .parse::<i64>()
            .expect("a code")
    };
    let parts = cell.split([',', '/']).map(str::trim);
    parts
        .flat_map(|part| match part.split_once('–') {
            // Ranges of subcodes name their ends only.
            Some((first, last)) if number(first) > 1_000_000 => vec![number(first), number(last)],
            Some((first, last)) => (number(first)..=number(last)).collect(),
            None => vec![number(part)],
        })
        .collect()
}

/// `131207 suspended (403)` says more than its column, and so does `134100 / … template unavailable (500)`.
fn own_http(meaning: &str, code: i64) -> Option<u16> {
    if code == 134_102 {
        return Some(500);
    }
    let at = meaning.find(&code.to_string())?;
    let piece = meaning[at..].split(',').next()?;
    piece.split_once('(')?.1.get(..3)?.parse().ok()
}

#[tokio::test]
async fn every_code_of_the_fact_sheet_can_be_asked_for_and_comes_as_the_sheet_says() {
    let Some((codes, subcodes)) = sheet() else {
        return;
    };
    assert!(codes.len() > 200, "only {} codes were read", codes.len());
    let stage = patient().await;
    let mut wrong = Vec::new();
    for (code, http, seen) in &codes {
        // Neither an answer nor a status has them: told by health_status and by unsupported messages.
        if !seen.contains(['S', 'A']) {
            let why = refused(&stage, json!({"script": [{"answer": {"code": code}}]})).await;
            assert!(why.contains("is seen in"), "{code}: {why}");
            continue;
        }
        if seen.contains('S') {
            scripted(
                &stage,
                json!([{"answer": {"code": code, "mode": "sync"}, "times": 1}]),
            )
            .await;
            let (status, answer) = stage.send(text_to(ANA, "x")).await;
            let error = &answer["error"];
            if error["code"] != *code
                || http.is_some_and(|http| http != status)
                || !error["fbtrace_id"].is_string()
            {
                wrong.push(format!(
                    "{code}: HTTP {status} (the sheet: {http:?}), {answer}"
                ));
            }
            let details = error["error_data"]["details"].as_str();
            if *code > 1_000_000
                || *code < 1_000
                || *code == 2500
                || (80_000..90_000).contains(code)
            {
                continue;
            }
            if details.is_none_or(str::is_empty) || error["type"] != "OAuthException" {
                wrong.push(format!("{code} has no details or another type: {answer}"));
            }
        }
    }
    for subcode in subcodes {
        scripted(
            &stage,
            json!([{"answer": {"code": 100, "subcode": subcode}, "times": 1}]),
        )
        .await;
        let (status, answer) = stage.send(text_to(ANA, "x")).await;
        let told = answer["error"]["error_user_msg"]
            .as_str()
            .is_some_and(|words| !words.is_empty());
        if (status, answer["error"]["error_subcode"].as_i64()) != (400, Some(subcode)) || !told {
            wrong.push(format!("subcode {subcode}: HTTP {status} {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_code_that_comes_later_comes_as_a_failed_status_with_its_words() {
    let stage = patient().await;
    let table = stage.look("codes").await;
    let of_status = table["data"]
        .as_array()
        .expect("codes")
        .iter()
        .filter(|row| text(&row["seen"]).contains("status"));
    let codes: Vec<i64> = of_status
        .filter(|row| !row["mode"].is_null())
        .filter_map(|row| row["code"].as_i64())
        .collect();
    assert!(codes.len() > 40, "only {codes:?}");
    let mut asked = Vec::new();
    for code in codes {
        scripted(
            &stage,
            json!([{"match": {"to": ANA}, "answer": {"code": code, "mode": "status"}}]),
        )
        .await;
        asked.push((code, stage.accepted(text_to(ANA, &code.to_string())).await));
    }
    let all = asked.clone();
    let received = stage
        .receiver
        .until("a failure for each", |received| {
            all.iter()
                .all(|(_, wamid)| failure_of(wamid, received).is_some())
        })
        .await;
    for (code, wamid) in asked {
        let status = failure_of(&wamid, &received).expect("a failure");
        let error = &status["errors"][0];
        assert_eq!(error["code"], code, "{status}");
        assert!(
            error["title"].is_string()
                && error["error_data"]["details"].is_string()
                && error["href"].is_string(),
            "{status}"
        );
        assert!(status.get("pricing").is_none(), "{status}");
    }
}

#[tokio::test]
async fn a_rule_is_for_the_calls_it_names_and_as_often_as_it_says() {
    let stage = patient().await;
    scripted(
        &stage,
        json!([
            {"match": {"template": "hello_world", "to": "+34 600 000 001"}, "times": 2, "answer": {"code": 131016}},
            {"match": {"type": "text", "path": "/messages", "phone_number_id": NUMBER, "method": "post"}, "answer": {"code": 131042}},
        ]),
    )
    .await;
    for _ in 0..2 {
        let (status, answer) = stage
            .send(template_to(ANA, "hello_world", "en_US", &[]))
            .await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (500, &json!(131016)),
            "{answer}"
        );
        assert_eq!(answer["error"]["is_transient"], true);
    }
    stage
        .accepted(template_to(ANA, "hello_world", "en_US", &[]))
        .await;
    stage
        .accepted(template_to("34600000002", "hello_world", "en_US", &[]))
        .await;
    let failing = stage.accepted(text_to(ANA, "later")).await;
    let received = stage
        .receiver
        .until("a failure", |received| {
            failure_of(&failing, received).is_some()
        })
        .await;
    assert_eq!(
        failure_of(&failing, &received).expect("it")["errors"][0]["code"],
        131042
    );
    let (status, _) = stage.call("GET", &format!("/v24.0/{NUMBER}"), None).await;
    assert_eq!(
        status, 200,
        "a failed status cannot hit a call that sends nothing"
    );
    let faults = stage.control("faults", json!({"latency_ms": 0})).await;
    assert_eq!(
        faults["script"][0]["used"], 2,
        "another key must not forget the counts: {faults}"
    );
    let read = stage.ana_writes("x").await;
    let (status, answer) = stage
        .send(json!({"messaging_product": "whatsapp", "status": "read", "message_id": read}))
        .await;
    assert_eq!(status, 200, "a read receipt is no message: {answer}");
}

#[tokio::test]
async fn a_share_of_the_calls_is_a_share() {
    let stage = patient().await;
    scripted(&stage, json!([{"rate": 0.5, "answer": {"code": 131000}}])).await;
    let mut refused = 0;
    for _ in 0..100 {
        refused += usize::from(stage.send(text_to(ANA, "x")).await.0 == 500);
    }
    assert!(
        (30..=70).contains(&refused),
        "{refused} of 100 were refused"
    );
}

#[rstest]
#[case::html(json!({"body": "html"}), 502, false)]
#[case::html_with_503_after_acceptance(json!({"body": "html", "http": 503, "accepted": true}), 503, true)]
#[case::empty(json!({"body": "empty"}), 500, false)]
#[case::empty_200(json!({"body": "empty", "http": 200}), 200, true)]
#[case::not_json(json!({"body": "not_json"}), 200, true)]
#[tokio::test]
async fn a_body_that_is_none(#[case] answer: Value, #[case] http: u16, #[case] accepted: bool) {
    let stage = patient().await;
    scripted(
        &stage,
        json!([{"match": {"path": "/messages"}, "answer": answer, "times": 1}]),
    )
    .await;
    let (status, body) = stage.send(text_to(ANA, "x")).await;
    assert_eq!((status, body), (http, Value::Null), "the body can be read");
    assert_eq!(stage.sim.outbound().len(), usize::from(accepted));
    stage.accepted(text_to(ANA, "the rule is used up")).await;
}

#[rstest]
#[case::truncated(json!({"body": "truncated"}), true)]
#[case::before(json!({"connection": "reset_before"}), false)]
#[case::after(json!({"connection": "reset_after"}), true)]
#[tokio::test]
async fn a_connection_that_ends_early(#[case] answer: Value, #[case] accepted: bool) {
    let stage = patient().await;
    scripted(
        &stage,
        json!([{"match": {"path": "/messages"}, "answer": answer}]),
    )
    .await;
    let url = format!("{}/v24.0/{NUMBER}/messages", stage.url);
    let call = stage
        .client
        .post(url)
        .bearer_auth(crate::stage::TOKEN)
        .json(&text_to(ANA, "x"));
    let whole = match call.send().await {
        Ok(answer) => answer.bytes().await,
        Err(error) => Err(error),
    };
    assert!(whole.is_err(), "there was a whole answer: {whole:?}");
    assert_eq!(stage.sim.outbound().len(), usize::from(accepted));
}

#[tokio::test]
async fn a_late_answer_is_late_and_right() {
    let stage = patient().await;
    scripted(&stage, json!([{"answer": {"delay_ms": 300}}])).await;
    let started = std::time::Instant::now();
    stage.accepted(text_to(ANA, "x")).await;
    assert!(
        started.elapsed().as_millis() >= 300,
        "it came after {:?}",
        started.elapsed()
    );
}

#[rstest]
#[case::unknown_key(json!({"script": [{"answer": {"code": 131000, "mod": "sync"}}]}), "mod")]
#[case::unknown_match(json!({"script": [{"match": {"phone": "1"}, "answer": {"code": 131000}}]}), "phone")]
#[case::counts_are_ours(json!({"script": [{"answer": {"code": 131000}, "used": 0}]}), "used")]
#[case::no_answer(json!({"script": [{"match": {}}]}), "answer")]
#[case::empty_answer(json!({"script": [{"answer": {}}]}), "needs code")]
#[case::two_ways(json!({"script": [{"answer": {"code": 1, "body": "html"}}]}), "one of code")]
#[case::unknown_code(json!({"script": [{"answer": {"code": 999_999}}]}), "not in Meta's table")]
#[case::health(json!({"script": [{"answer": {"code": 141_006}}]}), "health_status")]
#[case::mode_without_code(json!({"script": [{"answer": {"mode": "sync", "body": "html"}}]}), "go with code")]
#[case::http_of_a_status(json!({"script": [{"answer": {"code": 131_026, "http": 500}}]}), "failed status")]
#[case::no_http(json!({"script": [{"answer": {"code": 131_000, "http": 99}}]}), "http")]
#[case::rate(json!({"script": [{"rate": 1.5, "answer": {"code": 131_000}}]}), "rate")]
#[case::negative_times(json!({"script": [{"times": -1, "answer": {"code": 131_000}}]}), "script")]
#[case::eternity(json!({"script": [{"answer": {"delay_ms": 999_999_999}}]}), "delay_ms")]
#[case::old_rate(json!({"error_rate": 7}), "error_rate")]
#[case::no_object(json!([1]), "object")]
#[tokio::test]
async fn a_script_that_cannot_be_is_refused_and_changes_nothing(
    #[case] body: Value,
    #[case] reason: &str,
) {
    let stage = Stage::new().await;
    let before = stage
        .control(
            "faults",
            json!({"script": [{"answer": {"code": 131_016}, "times": 3}]}),
        )
        .await;
    let why = refused(&stage, body).await;
    assert!(why.contains(reason), "{why}");
    assert_eq!(stage.look("faults").await, before);
}

#[tokio::test]
async fn a_limit_reached_says_when_it_ends() {
    let stage = patient().await;
    scripted(
        &stage,
        json!([{"answer": {"code": 80007, "regain_minutes": 7}}, ]),
    )
    .await;
    let call = || {
        stage
            .client
            .get(format!("{}/v24.0/{NUMBER}", stage.url))
            .bearer_auth(crate::stage::TOKEN)
    };
    let header = |answer: &reqwest::Response, name: &str| -> Value {
        let value = answer.headers()[name].to_str().expect("text");
        serde_json::from_str(value).expect("JSON")
    };
    let answer = call().send().await.expect("an answer");
    let usage = header(&answer, "x-business-use-case-usage");
    let usage = &usage[crate::stage::WABA][0];
    assert_eq!(
        (
            &usage["call_count"],
            &usage["estimated_time_to_regain_access"]
        ),
        (&json!(100), &json!(7)),
        "{usage}"
    );
    scripted(&stage, json!([{"answer": {"code": 4}}])).await;
    let answer = call().send().await.expect("an answer");
    assert_eq!(header(&answer, "x-app-usage")["call_count"], 100);
    scripted(&stage, Value::Null).await;
    let answer = call().send().await.expect("an answer");
    assert!(answer.status().is_success());
    let usage = header(&answer, "x-business-use-case-usage")[crate::stage::WABA][0].clone();
    assert_eq!(usage["estimated_time_to_regain_access"], 0, "{usage}");
    assert!(
        usage["call_count"]
            .as_u64()
            .is_some_and(|percent| percent < 5),
        "{usage}"
    );
}
