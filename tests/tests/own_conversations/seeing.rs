//! What is there for somebody who sees only their own.

use serde_json::{Value, json};
use testkit::each_database;

use crate::{customer, give, hide_unassigned, ids, says, sorted, talk, text_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_colleagues_conversation_is_nowhere_to_be_found() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let (ana, luis) = (
            app.own_agent(&shop, "Ana").await,
            app.person(&shop, "Luis", "agent").await,
        );
        let (mine, theirs, nobodys) = (
            talk(app, &shop, &customer(1)).await,
            talk(app, &shop, &customer(2)).await,
            talk(app, &shop, &customer(3)).await,
        );
        give(&shop, &mine, Some(&ana)).await;
        give(&shop, &theirs, Some(&luis)).await;
        let secret = says(app, &shop, &customer(2), "Pedido secreto").await;
        let (message, contact) = (text_of(&secret["id"]), text_of(&secret["contact_id"]));
        app.indexed().await;
        let list = "/api/v1/conversations";
        for filter in [
            "",
            "?status=open",
            "?q=3460000",
            "?q=Ana",
            "?unread=true&q=%C3%A1",
        ] {
            let seen = ids(&ana.api, &format!("{list}{filter}"), "id").await;
            assert!(!seen.contains(&theirs), "{filter}: {seen:?}");
        }
        assert_eq!(ids(&ana.api, list, "id").await, sorted([&mine, &nobodys]));
        assert_eq!(
            ids(&ana.api, &format!("{list}?status=open"), "id").await,
            sorted([&mine, &nobodys])
        );
        assert_eq!(
            ids(&ana.api, &format!("{list}?q=3460000"), "id").await,
            sorted([&mine, &nobodys])
        );
        assert_eq!(
            ids(&ana.api, &format!("{list}?q=secreto"), "id").await,
            Vec::<String>::new()
        );
        assert_eq!(
            ids(&ana.api, &format!("{list}?view=mine"), "id").await,
            sorted([&mine])
        );
        assert_eq!(
            ids(&ana.api, &format!("{list}?view=unassigned"), "id").await,
            sorted([&nobodys])
        );
        assert_eq!(
            ids(&luis.api, list, "id").await,
            sorted([&mine, &theirs, &nobodys])
        );
        let counts = ana
            .api
            .get("/api/v1/conversations/counts")
            .await
            .expect(200);
        assert_eq!(
            counts,
            json!({ "mine": 1, "unassigned": 1, "all": 2, "unread": 2 })
        );

        let of_others = "/api/v1/messages";
        assert_eq!(
            ids(&ana.api, of_others, "conversation_id").await,
            sorted([&mine, &nobodys])
        );
        let narrowed = [
            format!("conversation_id={theirs}"),
            format!("conversation_id={theirs}&internal=true"),
            format!("wamid={}", text_of(&secret["wamid"])),
        ];
        for narrow in narrowed {
            let path = format!("/api/v1/messages?{narrow}");
            assert_eq!(ana.api.all(&path).await, Vec::<Value>::new(), "{narrow}");
            assert!(!luis.api.all(&path).await.is_empty(), "{narrow}");
        }
        let contacts = ids(&ana.api, "/api/v1/contacts", "id").await;
        assert_eq!(contacts.len(), 2, "{contacts:?}");
        assert!(!contacts.contains(&contact), "{contacts:?}");
        for path in [
            format!("/api/v1/conversations/{theirs}"),
            format!("/api/v1/messages/{message}"),
            format!("/api/v1/messages/{message}/media"),
            format!("/api/v1/contacts/{contact}"),
        ] {
            ana.api.get(&path).await.expect_problem(404, "not_found");
        }
        for path in [
            format!("/api/v1/conversations/{mine}"),
            format!("/api/v1/conversations/{nobodys}"),
        ] {
            ana.api.get(&path).await.expect(200);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_has_is_there_for_agents_as_long_as_the_business_wants_it() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let (ana, eva) = (
            app.own_agent(&shop, "Ana").await,
            app.person(&shop, "Eva", "viewer").await,
        );
        app.narrow(&shop, &eva.user_id, "own").await;
        let (mine, nobodys) = (
            talk(app, &shop, &customer(1)).await,
            talk(app, &shop, &customer(2)).await,
        );
        give(&shop, &mine, Some(&ana)).await;
        assert_eq!(
            ids(&eva.api, "/api/v1/conversations", "id").await,
            Vec::<String>::new(),
            "a viewer could not take it"
        );
        hide_unassigned(&shop, false).await;
        app.indexed().await;
        let list = "/api/v1/conversations";
        for path in [
            list.to_owned(),
            format!("{list}?status=open"),
            format!("{list}?q=3460000"),
        ] {
            assert_eq!(ids(&ana.api, &path, "id").await, sorted([&mine]), "{path}");
        }
        assert_eq!(
            ids(&ana.api, &format!("{list}?view=unassigned"), "id").await,
            Vec::<String>::new()
        );
        let counts = ana
            .api
            .get("/api/v1/conversations/counts")
            .await
            .expect(200);
        assert_eq!(
            counts,
            json!({ "mine": 1, "unassigned": 0, "all": 1, "unread": 1 })
        );
        let path = format!("{list}/{nobodys}");
        ana.api.get(&path).await.expect_problem(404, "not_found");
        let take = json!({ "assigned_to": ana.user_id });
        ana.api
            .patch(&path, &take)
            .await
            .expect_problem(404, "not_found");
        assert_eq!(ids(&ana.api, "/api/v1/contacts", "id").await.len(), 1);
        hide_unassigned(&shop, true).await;
        ana.api.get(&path).await.expect(200);
        // A manager sees all, whatever was written down when they were an agent.
        let promoted = json!({ "role": "manager" });
        let member = format!("/api/v1/members/{}", ana.user_id);
        let member = shop.api.patch(&member, &promoted).await.expect(200);
        assert_eq!(member["conversations"], "own", "{member}");
        give(&shop, &mine, None).await;
        hide_unassigned(&shop, false).await;
        assert_eq!(ids(&ana.api, list, "id").await, sorted([&mine, &nobodys]));
    })
    .await;
}
