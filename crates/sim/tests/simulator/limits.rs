//! Throughput, pair rate, and faults on command.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use sim::{Faults, SimConfig};

use crate::stage::{ANA, NUMBER, Stage, TOKEN, config, seed, template_to, text_to};

#[tokio::test]
async fn more_than_mps_in_one_second_is_refused() {
    let stage = Stage::new().await;
    stage
        .control("numbers", json!({"phone_number_id": NUMBER, "mps": 20}))
        .await;
    let sends = (0..60).map(|index| {
        let to = format!("346000020{index:02}");
        let stage = &stage;
        async move {
            stage
                .send(template_to(&to, "hello_world", "en_US", &[]))
                .await
        }
    });
    let answers = join_all(sends).await;
    let refused: Vec<_> = answers
        .iter()
        .filter(|(status, _)| *status != 200)
        .collect();
    assert!(
        refused.len() >= 20,
        "only {} of 60 were refused at 20 per second",
        refused.len()
    );
    assert!(
        refused
            .iter()
            .all(|(status, answer)| *status == 400 && answer["error"]["code"] == 130429),
        "{refused:?}"
    );
    assert!(60 - refused.len() >= 20, "fewer than 20 were accepted");
}

#[tokio::test]
async fn incoming_messages_count_for_throughput() {
    let stage = Stage::new().await;
    stage
        .control("numbers", json!({"phone_number_id": NUMBER, "mps": 3}))
        .await;
    for words in ["uno", "dos", "tres"] {
        stage.ana_writes(words).await;
    }
    let (_, answer) = stage.send(text_to(ANA, "x")).await;
    assert_eq!(answer["error"]["code"], 130429, "{answer}");
}

#[tokio::test]
async fn one_user_gets_a_burst_of_45_and_then_one_per_six_seconds() {
    let slow = SimConfig {
        speed: 1.0,
        ..config()
    };
    let stage = Stage::with(slow, seed()).await;
    for index in 0..45 {
        let (status, answer) = stage.send(text_to(ANA, "x")).await;
        assert_eq!(status, 200, "send {index}: {answer}");
    }
    let (status, answer) = stage.send(text_to(ANA, "x")).await;
    assert_eq!(
        (status, answer["error"]["code"].as_i64()),
        (400, Some(131056)),
        "{answer}"
    );
    stage.control("clock", json!({"advance_ms": 6_000})).await;
    stage.accepted(text_to(ANA, "x")).await;
    let (_, answer) = stage.send(text_to(ANA, "x")).await;
    assert_eq!(answer["error"]["code"], 131056, "{answer}");
    stage
        .accepted(text_to("34600000002", "another user is not concerned"))
        .await;
}

#[tokio::test]
async fn a_dropped_response_accepts_and_closes() {
    let stage = Stage::new().await;
    stage.sim.set_faults(Faults {
        drop_response_rate: 1.0,
        ..Faults::default()
    });
    let url = format!("{}/v24.0/{NUMBER}/messages", stage.url);
    let answer = stage
        .client
        .post(url)
        .bearer_auth(TOKEN)
        .json(&text_to(ANA, "x"))
        .send()
        .await;
    assert!(answer.is_err(), "there was an answer: {answer:?}");
    let outbound = stage.sim.outbound();
    assert_eq!(outbound.len(), 1, "the message was not accepted");
    assert_eq!(stage.sim.calls().last().expect("a call").status, 0);
}

#[tokio::test]
async fn a_reset_connection_accepts_nothing() {
    let stage = Stage::new().await;
    for faults in [
        Faults {
            connection_reset_rate: 1.0,
            ..Faults::default()
        },
        Faults {
            offline: true,
            ..Faults::default()
        },
    ] {
        stage.sim.set_faults(faults);
        let url = format!("{}/v24.0/{NUMBER}/messages", stage.url);
        let answer = stage
            .client
            .post(url)
            .bearer_auth(TOKEN)
            .json(&text_to(ANA, "x"))
            .send()
            .await;
        assert!(answer.is_err(), "there was an answer: {answer:?}");
    }
    assert!(stage.sim.outbound().is_empty());
}

#[tokio::test]
async fn errors_hit_the_asked_share_of_the_asked_calls() {
    let stage = Stage::new().await;
    stage
        .control(
            "faults",
            json!({"error_rate": 0.5, "error_code": 131016, "only_path": "/messages"}),
        )
        .await;
    let mut refused = 0;
    for index in 0..100 {
        let (status, answer) = stage
            .send(template_to(
                &format!("346000030{index:02}"),
                "hello_world",
                "en_US",
                &[],
            ))
            .await;
        if status != 200 {
            assert_eq!(
                (status, answer["error"]["code"].as_i64()),
                (500, Some(131016)),
                "{answer}"
            );
            refused += 1;
        }
        if index % 40 == 39 {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    assert!(
        (30..=70).contains(&refused),
        "{refused} of 100 were refused"
    );
    let (status, _) = stage.call("GET", &format!("/v24.0/{NUMBER}"), None).await;
    assert_eq!(status, 200, "a call that was not meant was hit");
}

#[tokio::test]
async fn a_hanging_call_outlasts_its_client_and_is_carried_out() {
    let stage = Stage::new().await;
    stage.sim.set_faults(Faults {
        timeout_rate: 1.0,
        hang_ms: 300,
        ..Faults::default()
    });
    let url = format!("{}/v24.0/{NUMBER}/messages", stage.url);
    let request = stage
        .client
        .post(url)
        .bearer_auth(TOKEN)
        .json(&text_to(ANA, "x"));
    let started = std::time::Instant::now();
    let answer = request.send().await.expect("an answer");
    assert!(answer.status().is_success());
    assert!(
        started.elapsed() >= Duration::from_millis(300),
        "it did not hang"
    );
}
