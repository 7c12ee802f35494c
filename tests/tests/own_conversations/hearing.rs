//! What somebody hears who sees only their own, while it changes what that is.

use serde_json::{Value, json};
use testkit::{EventStream, StreamEvent, each_database};

use crate::{customer, give, hide_unassigned, says, talk};

/// The last event of a story that everybody hears: what came before it can be compared.
async fn everything(stream: &mut EventStream, shop: &testkit::Tenant) -> Vec<StreamEvent> {
    let shortcut = format!("fin{:08x}", rand::random::<u32>());
    let end = json!({ "shortcut": shortcut, "text": "x" });
    let made = shop.api.post("/api/v1/quick-replies", &end).await;
    let made = made.expect(201);
    let mut events = Vec::new();
    loop {
        let event = stream.next().await;
        if event.data["quick_reply_id"] == made["id"] {
            return events;
        }
        // Those of other streams.
        if event.kind != "quick_reply.updated" {
            events.push(event);
        }
    }
}

fn told(events: &[StreamEvent]) -> Vec<(String, Value)> {
    let line = |event: &StreamEvent| (event.kind.clone(), event.data["conversation_id"].clone());
    events.iter().map(line).collect()
}

fn line(kind: &str, conversation: &str) -> (String, Value) {
    (kind.to_owned(), json!(conversation))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_hears_of_ones_own_when_it_comes_and_when_it_goes() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let (ana, luis) = (
            app.own_agent(&shop, "Ana").await,
            app.person(&shop, "Luis", "agent").await,
        );
        let (one, two) = (
            talk(app, &shop, &customer(1)).await,
            talk(app, &shop, &customer(2)).await,
        );
        give(&shop, &one, Some(&luis)).await;
        let mut stream = ana.api.listen(None).await;
        let mut whole = luis.api.listen(None).await;
        says(app, &shop, &customer(1), "¿Luis?").await;
        says(app, &shop, &customer(2), "¿Alguien?").await;
        let presence = json!({ "typing": true });
        let theirs = format!("/api/v1/conversations/{one}/presence");
        assert_eq!(luis.api.post(&theirs, &presence).await.status, 204);
        let note = json!({ "text": "Nota" });
        let notes = format!("/api/v1/conversations/{one}/notes");
        luis.api.post(&notes, &note).await.expect(201);
        let heard = everything(&mut stream, &shop).await;
        assert_eq!(told(&heard), [line("message.received", &two)]);
        let all = everything(&mut whole, &shop).await;
        assert_eq!(all.len(), 4, "{all:?}");

        // Given, answered, handed back to the colleague: it comes and goes.
        give(&shop, &one, Some(&ana)).await;
        says(app, &shop, &customer(1), "¿Ana?").await;
        give(&shop, &one, Some(&luis)).await;
        says(app, &shop, &customer(1), "¿Luis?").await;
        let heard = everything(&mut stream, &shop).await;
        let given = told(&heard);
        assert!(
            !given.contains(&line("conversation.hidden", &two)),
            "{given:?}"
        );
        assert_eq!(given.last(), Some(&line("conversation.hidden", &one)));
        assert_eq!(
            heard.last().unwrap().data,
            json!({ "conversation_id": one }),
            "who has it now is not told"
        );
        // A colleague takes what nobody had.
        give(&shop, &two, Some(&luis)).await;
        says(app, &shop, &customer(2), "¿Sí?").await;
        let heard = everything(&mut stream, &shop).await;
        assert_eq!(told(&heard), [line("conversation.hidden", &two)]);
        give(&shop, &two, None).await;
        let heard = everything(&mut stream, &shop).await;
        assert_eq!(told(&heard), [line("conversation.updated", &two)]);
        let all = everything(&mut whole, &shop).await;
        assert!(
            all.iter().all(|event| event.kind != "conversation.hidden"),
            "{all:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_away_learns_what_went_and_nothing_of_what_was_never_theirs() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let (ana, luis) = (
            app.own_agent(&shop, "Ana").await,
            app.person(&shop, "Luis", "agent").await,
        );
        let (mine, theirs) = (
            talk(app, &shop, &customer(1)).await,
            talk(app, &shop, &customer(2)).await,
        );
        give(&shop, &mine, Some(&ana)).await;
        give(&shop, &theirs, Some(&luis)).await;
        let mut stream = ana.api.listen(None).await;
        says(app, &shop, &customer(1), "Uno").await;
        let last = stream.next_of("message.received").await.id;
        drop(stream);
        for _ in 0..3 {
            says(app, &shop, &customer(2), "Luis").await;
        }
        says(app, &shop, &customer(1), "Dos").await;
        give(&shop, &mine, Some(&luis)).await;
        says(app, &shop, &customer(1), "Tres").await;
        let mut stream = ana.api.listen(Some(last)).await;
        let heard = everything(&mut stream, &shop).await;
        assert_eq!(told(&heard), [line("conversation.hidden", &mine)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_there_is_told_of_conversations_that_are_there() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let (ana, luis) = (
            app.own_agent(&shop, "Ana").await,
            app.person(&shop, "Luis", "agent").await,
        );
        let (mine, theirs) = (
            talk(app, &shop, &customer(1)).await,
            talk(app, &shop, &customer(2)).await,
        );
        give(&shop, &mine, Some(&ana)).await;
        give(&shop, &theirs, Some(&luis)).await;
        let mut early = ana.api.listen(None).await;
        for id in [&theirs, &mine] {
            let path = format!("/api/v1/conversations/{id}/presence");
            let typing = json!({ "typing": true });
            assert_eq!(luis.api.post(&path, &typing).await.status, 204);
        }
        let mut late = ana.api.listen(None).await;
        for stream in [&mut early, &mut late] {
            let first = stream.next_of("presence").await;
            assert_eq!(first.data["conversation_id"], mine.as_str(), "{first:?}");
        }
        let heard = everything(&mut early, &shop).await;
        assert!(heard.is_empty(), "{heard:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_narrowed_while_listening_hears_less_from_then_on() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let (ana, luis) = (
            app.person(&shop, "Ana", "agent").await,
            app.person(&shop, "Luis", "agent").await,
        );
        let (theirs, nobodys) = (
            talk(app, &shop, &customer(1)).await,
            talk(app, &shop, &customer(2)).await,
        );
        give(&shop, &theirs, Some(&luis)).await;
        let mut stream = ana.api.listen(None).await;
        says(app, &shop, &customer(1), "Uno").await;
        assert_eq!(
            told(&everything(&mut stream, &shop).await),
            [line("message.received", &theirs)]
        );
        app.narrow(&shop, &ana.user_id, "own").await;
        assert_eq!(stream.next().await.kind, "member.updated");
        says(app, &shop, &customer(1), "Dos").await;
        says(app, &shop, &customer(2), "Dos").await;
        assert_eq!(
            told(&everything(&mut stream, &shop).await),
            [line("message.received", &nobodys)]
        );
        hide_unassigned(&shop, false).await;
        assert_eq!(stream.next().await.kind, "tenant.updated");
        says(app, &shop, &customer(2), "Tres").await;
        assert_eq!(told(&everything(&mut stream, &shop).await), []);
        app.narrow(&shop, &ana.user_id, "all").await;
        assert_eq!(stream.next().await.kind, "member.updated");
        says(app, &shop, &customer(1), "Cuatro").await;
        assert_eq!(
            told(&everything(&mut stream, &shop).await),
            [line("message.received", &theirs)]
        );
    })
    .await;
}
