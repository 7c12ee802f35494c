//! What becomes of a message.

use serde_json::{Value, json};
use sim::Faults;

use crate::stage::{ANA, NUMBER, Receiver, Stage, template_to, text, text_to, values};

fn statuses_of(wamid: &str, received: &[crate::stage::Received]) -> Vec<Value> {
    values(received)
        .iter()
        .flat_map(|value| value["statuses"].as_array().cloned().unwrap_or_default())
        .filter(|status| status["id"] == wamid)
        .collect()
}

#[tokio::test]
async fn a_message_in_an_open_window_is_sent_delivered_and_read() {
    let stage = Stage::new().await;
    stage.ana_writes("Hola").await;
    let mut body = text_to(ANA, "¡Buenos días!");
    body["biz_opaque_callback_data"] = json!("order-7");
    let wamid = stage.accepted(body).await;
    let received = stage
        .receiver
        .until("sent, delivered and read", |received| {
            statuses_of(&wamid, received).len() == 3
        })
        .await;
    let mut statuses = statuses_of(&wamid, &received);
    statuses.sort_by_key(|status| text(&status["timestamp"]));
    for (status, name) in statuses.iter().zip(["sent", "delivered", "read"]) {
        assert_eq!(status["status"], name, "{statuses:#?}");
        assert_eq!(status["biz_opaque_callback_data"], "order-7");
        assert_eq!(status["recipient_id"], ANA);
        assert!(
            text(&status["recipient_user_id"]).starts_with("ES."),
            "{status}"
        );
        assert_eq!(status.get("pricing").is_some(), name != "read", "{status}");
    }
    assert_eq!(statuses[0]["pricing"]["type"], "free_customer_service");
    let with_status = values(&received)
        .into_iter()
        .find(|value| value.get("statuses").is_some());
    let contact = with_status.expect("a status")["contacts"][0].clone();
    assert_eq!(contact["wa_id"], ANA);
    assert!(contact["user_id"].is_string());
}

#[tokio::test]
async fn free_form_outside_the_window_is_accepted_and_fails_later() {
    let stage = Stage::new().await;
    let wamid = stage.accepted(text_to(ANA, "Hola")).await;
    let received = stage
        .receiver
        .until("a failure", |received| {
            !statuses_of(&wamid, received).is_empty()
        })
        .await;
    let status = &statuses_of(&wamid, &received)[0];
    assert_eq!(status["status"], "failed");
    assert_eq!(status["errors"][0]["code"], 131047);
    assert!(
        status.get("pricing").is_none() && status.get("recipient_user_id").is_none(),
        "{status}"
    );
}

#[tokio::test]
async fn the_window_closes_24_hours_after_the_last_message() {
    let stage = Stage::new().await;
    stage.ana_writes("Hola").await;
    stage
        .control("clock", json!({"advance_ms": 24 * 3_600 * 1_000}))
        .await;
    let wamid = stage.accepted(text_to(ANA, "¿Sigues ahí?")).await;
    let received = stage
        .receiver
        .until("a failure", |received| {
            !statuses_of(&wamid, received).is_empty()
        })
        .await;
    assert_eq!(
        statuses_of(&wamid, &received)[0]["errors"][0]["code"],
        131047
    );
}

#[tokio::test]
async fn a_template_is_accepted_outside_the_window_and_costs() {
    let stage = Stage::new().await;
    let (status, answer) = stage
        .send(template_to(
            ANA,
            "po_notification",
            "es",
            &["Ana", "OC-1", "10 €"],
        ))
        .await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["messages"][0]["message_status"], "accepted");
    let wamid = text(&answer["messages"][0]["id"]);
    let received = stage
        .receiver
        .until("sent", |received| !statuses_of(&wamid, received).is_empty())
        .await;
    let pricing = &statuses_of(&wamid, &received)[0]["pricing"];
    assert_eq!(
        *pricing,
        json!({"billable": true, "pricing_model": "PMP", "type": "regular", "category": "utility"})
    );
}

#[tokio::test]
async fn a_user_without_whatsapp_makes_the_message_fail() {
    let stage = Stage::new().await;
    stage
        .control(
            "customers",
            json!({"phone": "34600000050", "on_whatsapp": false}),
        )
        .await;
    let wamid = stage
        .accepted(template_to("34600000050", "hello_world", "en_US", &[]))
        .await;
    let received = stage
        .receiver
        .until("a failure", |received| {
            !statuses_of(&wamid, received).is_empty()
        })
        .await;
    assert_eq!(
        statuses_of(&wamid, &received)[0]["errors"][0]["code"],
        131026
    );
}

#[tokio::test]
async fn an_open_chat_reads_without_delivered_and_carries_the_price() {
    let stage = Stage::new().await;
    stage
        .control("customers", json!({"phone": ANA, "chat_open": true}))
        .await;
    let wamid = stage
        .accepted(template_to(ANA, "hello_world", "en_US", &[]))
        .await;
    let received = stage
        .receiver
        .until("sent and read", |received| {
            statuses_of(&wamid, received).len() == 2
        })
        .await;
    let statuses = statuses_of(&wamid, &received);
    let read = statuses
        .iter()
        .find(|status| status["status"] == "read")
        .expect("read");
    assert!(read.get("pricing").is_some(), "{read}");
}

#[tokio::test]
async fn an_offline_phone_receives_when_it_is_back() {
    let stage = Stage::new().await;
    stage
        .control("customers", json!({"phone": ANA, "online": false}))
        .await;
    let wamid = stage
        .accepted(template_to(ANA, "hello_world", "en_US", &[]))
        .await;
    stage
        .receiver
        .until("sent", |received| statuses_of(&wamid, received).len() == 1)
        .await;
    stage.control("clock", json!({"advance_ms": 60_000})).await;
    assert_eq!(
        stage.sim.outbound()[0].status,
        "sent",
        "an offline phone received"
    );
    stage
        .control("customers", json!({"phone": ANA, "online": true}))
        .await;
    stage
        .receiver
        .until("delivered", |received| {
            statuses_of(&wamid, received).len() == 2
        })
        .await;
}

#[tokio::test]
async fn a_dead_link_and_a_reaction_to_nothing_fail_later() {
    let stage = Stage::new().await;
    stage.ana_writes("Hola").await;
    let image = json!({"messaging_product": "whatsapp", "to": ANA, "type": "image", "image": {"link": "https://nowhere.invalid/a.png"}});
    let image = stage.accepted(image).await;
    let reaction = json!({"messaging_product": "whatsapp", "to": ANA, "type": "reaction", "reaction": {"message_id": "wamid.zzz", "emoji": "👍"}});
    let reaction = stage.accepted(reaction).await;
    for (wamid, code) in [(image, 131053), (reaction, 131009)] {
        let received = stage
            .receiver
            .until("a failure", |received| {
                !statuses_of(&wamid, received).is_empty()
            })
            .await;
        assert_eq!(statuses_of(&wamid, &received)[0]["errors"][0]["code"], code);
    }
}

#[tokio::test]
async fn a_reaction_to_a_received_message_is_delivered() {
    let stage = Stage::new().await;
    let target = stage.ana_writes("Hola").await;
    let body = json!({"messaging_product": "whatsapp", "to": ANA, "type": "reaction", "reaction": {"message_id": target, "emoji": "👍"}});
    let wamid = stage.accepted(body).await;
    let received = stage
        .receiver
        .until("sent", |received| !statuses_of(&wamid, received).is_empty())
        .await;
    assert_eq!(statuses_of(&wamid, &received)[0]["status"], "sent");
}

#[tokio::test]
async fn a_user_id_reaches_the_same_person_without_showing_the_phone() {
    let stage = Stage::new().await;
    stage.ana_writes("Hola").await;
    let received = stage
        .receiver
        .until("Ana's message", |received| !received.is_empty())
        .await;
    let user_id = text(&values(&received)[0]["contacts"][0]["user_id"]);
    let body = json!({"messaging_product": "whatsapp", "recipient": user_id, "type": "text", "text": {"body": "Hola"}});
    let (status, answer) = stage.send(body).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        answer["contacts"][0],
        json!({"input": user_id, "user_id": user_id})
    );
    let wamid = text(&answer["messages"][0]["id"]);
    let received = stage
        .receiver
        .until("sent", |received| !statuses_of(&wamid, received).is_empty())
        .await;
    let status = &statuses_of(&wamid, &received)[0];
    assert_eq!(status["recipient_user_id"], user_id.as_str());
    assert!(status.get("recipient_id").is_none(), "{status}");
}

#[tokio::test]
async fn a_status_can_come_before_its_send_is_answered() {
    let stage = Stage::new().await;
    stage.sim.set_faults(Faults {
        status_before_answer: true,
        ..Faults::default()
    });
    let wamid = stage
        .accepted(template_to(ANA, "hello_world", "en_US", &[]))
        .await;
    // The next one may have come as well by now.
    let received = stage.receiver.so_far();
    assert_eq!(
        Receiver::statuses(&received).first(),
        Some(&(wamid.clone(), "sent".to_owned()))
    );
    let received = stage
        .receiver
        .until("delivered", |received| {
            statuses_of(&wamid, received)
                .iter()
                .any(|status| status["status"] == "delivered")
        })
        .await;
    let sent = Receiver::statuses(&received)
        .iter()
        .filter(|(_, status)| status == "sent")
        .count();
    assert_eq!(sent, 1, "sent was told twice");
}

#[tokio::test]
async fn the_same_seed_draws_the_same_ids_and_fates() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let stage = Stage::new().await;
        let mut wamids = vec![stage.ana_writes("Hola").await];
        for index in 0..5 {
            wamids.push(stage.accepted(text_to(ANA, &format!("{index}"))).await);
        }
        let last = wamids[5].clone();
        stage
            .receiver
            .until("delivered", |received| {
                statuses_of(&last, received).len() >= 2
            })
            .await;
        runs.push(wamids);
    }
    assert_eq!(runs[0], runs[1]);
    let mut config = crate::stage::config();
    config.seed = 43;
    let stage = Stage::with(config, crate::stage::seed()).await;
    assert_ne!(
        stage.ana_writes("Hola").await,
        runs[0][0],
        "another seed drew the same id"
    );
}

#[tokio::test]
async fn reading_marks_all_earlier_messages_and_typing_ends_by_itself() {
    let stage = Stage::new().await;
    stage.ana_writes("Uno").await;
    let second = stage.ana_writes("Dos").await;
    let body = json!({"messaging_product": "whatsapp", "status": "read", "message_id": second, "typing_indicator": {"type": "text"}});
    let (status, answer) = stage.send(body).await;
    assert_eq!((status, &answer), (200, &json!({"success": true})));
    let path = format!("thread?phone_number_id={NUMBER}&customer={ANA}");
    let thread = stage.look(&path).await;
    let read = thread["data"]
        .as_array()
        .expect("messages")
        .iter()
        .all(|message| message["status"] == "read");
    assert!(read, "{thread}");
    stage.control("clock", json!({"advance_ms": 26_000})).await;
    assert_eq!(stage.look(&path).await["typing"], false);
}
