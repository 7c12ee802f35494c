//! A browser that listens hears what happens as it happens, and misses nothing while it was away.

use serde_json::json;
use testkit::{EventStream, StreamEvent, TestApp, each_database, until, webhook};

const CUSTOMER: &str = "34600000001";
/// A moment of 2026, in seconds since 1970.
const AT: i64 = 1_780_000_000;

async fn says(app: &TestApp, number: &str, n: usize) {
    let value = webhook::text(
        number,
        CUSTOMER,
        &format!("wamid.S{n}"),
        AT + n as i64,
        "Hola",
    );
    app.deliver(webhook::post([value]).to_string())
        .await
        .expect(200);
}

/// What is heard of a message until it is read.
async fn until_read(stream: &mut EventStream, id: &str) -> Vec<String> {
    let mut heard = Vec::new();
    loop {
        let event = stream.next().await;
        // What happens by itself now and then, such as a look at Meta's templates.
        if !event.kind.starts_with("message.") {
            continue;
        }
        assert_eq!(event.data["message_id"], id, "{event:?}");
        let word = event.data["status"].as_str().unwrap_or(&event.kind);
        heard.push(word.to_owned());
        if word == "read" {
            return heard;
        }
    }
}

/// Steps that became known together are told once, so some may be missing; none comes twice or runs backwards.
fn go_up(heard: &[String]) {
    let steps = [
        "message.queued",
        "uncertain",
        "accepted",
        "sent",
        "delivered",
        "read",
    ];
    let places: Vec<_> = heard
        .iter()
        .map(|word| steps.iter().position(|step| step == word).expect(word))
        .collect();
    assert!(places.is_sorted_by(|one, next| one < next), "{heard:?}");
}

async fn take(stream: &mut EventStream, count: usize) -> Vec<StreamEvent> {
    let mut events = Vec::new();
    while events.len() < count {
        events.push(stream.next().await);
    }
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_heard_the_moment_it_arrives() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let mut stream = shop.api.listen(None).await;
        let wamid = app.customer_says(&shop.number, CUSTOMER, "¿Hay alguien?");
        let event = stream.next().await;
        assert_eq!(event.kind, "message.received");
        let message = shop
            .api
            .message(event.data["message_id"].as_str().unwrap())
            .await;
        assert_eq!(
            message["wamid"],
            wamid.as_str(),
            "the event leads to the message"
        );
        assert_eq!(message["conversation_id"], event.data["conversation_id"]);

        let id = shop
            .api
            .send(&json!({ "to": CUSTOMER, "text": "Sí" }))
            .await;
        let heard = until_read(&mut stream, &id).await;
        assert_eq!(heard[0], "message.queued", "{heard:?}");
        go_up(&heard);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_after_the_status_tells_nothing_twice() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        app.faults(&json!({ "status_before_answer": true })).await;
        let mut stream = shop.api.listen(None).await;
        app.customer_says(&shop.number, CUSTOMER, "¿Hay alguien?");
        stream.next_of("message.received").await;
        for _ in 0..5 {
            let send = json!({ "to": CUSTOMER, "text": "Sí" });
            let id = shop.api.send(&send).await;
            go_up(&until_read(&mut stream, &id).await);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_after_the_status_leaves_no_doubt() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        // The connection ends long after the statuses of the send were told.
        app.faults(&json!({ "status_before_answer": true, "script": [
            { "match": { "path": "/messages" }, "answer": { "connection": "reset_after", "delay_ms": 1_500 }, "times": 1 }
        ] }))
        .await;
        let mut stream = shop.api.listen(None).await;
        app.customer_says(&shop.number, CUSTOMER, "¿Hay alguien?");
        stream.next_of("message.received").await;
        let send = async || shop.api.send(&json!({ "to": CUSTOMER, "text": "Sí" })).await;
        let lost = send().await;
        go_up(&until_read(&mut stream, &lost).await);
        until("the connection has ended", async || {
            let calls = app.meta().get("/_sim/calls").await.expect(200);
            let all = calls["data"].as_array().cloned().unwrap_or_default();
            let mut sends = all.iter().filter(|call| call["path"].as_str().is_some_and(|path| path.contains("/messages")));
            sends.any(|call| call["status"] == 0).then_some(()).ok_or(format!("{calls}"))
        })
        .await;
        // By the time that others have come, it is written down that its answer was lost.
        for _ in 0..3 {
            let next = send().await;
            go_up(&until_read(&mut stream, &next).await);
        }
        let life = shop.api.get(&format!("/api/v1/messages/{lost}/life")).await;
        let life = life.expect(200).to_string();
        assert!(!life.contains("uncertain"), "{life}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_away_resumes_without_loss_and_without_repetition() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let mut whole = shop.api.listen(None).await;
        let mut stream = shop.api.listen(None).await;
        let mut heard = Vec::new();
        let mut said = 0;
        // Connections break at every sort of moment while others write as well.
        for round in 0..6 {
            for _ in 0..10 {
                says(app, &shop.number, said).await;
                says(app, &other.number, said).await;
                said += 1;
            }
            heard.extend(take(&mut stream, 3 + round).await);
            drop(stream);
            stream = shop
                .api
                .listen(heard.last().map(|event: &StreamEvent| event.id))
                .await;
        }
        while heard.len() < said {
            heard.push(stream.next().await);
        }
        let all = take(&mut whole, said).await;
        assert_eq!(heard, all, "who came and went heard what who stayed heard");
        assert!(
            all.windows(2).all(|pair| pair[0].id < pair[1].id),
            "ids go up: {all:?}"
        );
        let mine = shop.api.all("/api/v1/messages").await;
        assert_eq!(mine.len(), said);
        for event in &all {
            let message = mine
                .iter()
                .find(|message| message["id"] == event.data["message_id"]);
            assert!(message.is_some(), "an event of another tenant: {event:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_hears_what_happened_between_its_session_and_its_stream() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let mine = async || shop.api.all("/api/v1/messages").await.len();
        let there = async |count| match mine().await {
            found if found == count => Ok(()),
            other => Err(format!("{other} messages")),
        };
        says(app, &shop.number, 0).await;
        until("the first is there", async || there(1).await).await;
        let person = app.person(&shop, "Iker", "owner").await;
        let session = person.api.get("/api/v1/session").await.expect(200);
        let last = session["last_event_id"].as_str().unwrap().parse().unwrap();
        says(app, &shop.number, 1).await;
        until("both are there", async || there(2).await).await;
        let mut stream = person.api.listen(Some(last)).await;
        let event = stream.next_of("message.received").await;
        let path = event.data["message_id"].as_str().unwrap();
        let message = shop.api.message(path).await;
        assert_eq!(message["wamid"], "wamid.S1", "{event:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_hears_what_the_first_one_did() {
    let Some(database) = testkit::TestDatabase::postgres().await else {
        return;
    };
    let first = TestApp::start(database.clone(), testkit::Setup::default()).await;
    let second = first.beside().await;
    let shop = first.tenant(1).await;
    let there = second.client(Some(&shop.key));
    let (mut here, mut beside) = (shop.api.listen(None).await, there.listen(None).await);
    for n in 0..10 {
        says(if n % 2 == 0 { &first } else { &second }, &shop.number, n).await;
    }
    assert_eq!(take(&mut here, 10).await, take(&mut beside, 10).await);
    drop((here, beside));
    second.close().await;
    first.close().await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_do_not_keep_the_server_from_ending() {
    let app = TestApp::start(testkit::TestDatabase::sqlite(), testkit::Setup::default()).await;
    let shop = app.tenant(1).await;
    let mut stream = shop.api.listen(None).await;
    says(&app, &shop.number, 1).await;
    stream.next().await;
    let closing = tokio::spawn(app.close());
    assert!(
        stream.ends().await,
        "the stream is still open though the server ends"
    );
    until("the server has ended", async || {
        if closing.is_finished() {
            Ok(())
        } else {
            Err("it still runs".to_owned())
        }
    })
    .await;
}
