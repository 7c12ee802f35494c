//! Who belongs to a tenant, and what they lose when they do not any more.

use serde_json::{Value, json};
use testkit::{Client, each_database};

async fn id_of(person: &Client) -> String {
    let session = person.get("/api/v1/session").await.expect(200);
    session["user"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_member_loses_access_at_once_and_a_demoted_one_what_the_role_had() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let owner = app.member(&shop.id, "owner", "marta@example.com").await;
        let ines = app.member(&shop.id, "manager", "ines@example.com").await;
        let member = format!("/api/v1/members/{}", id_of(&ines).await);
        ines.get("/api/v1/auto-replies").await.expect(200);
        owner
            .patch(&member, &json!({ "role": "viewer" }))
            .await
            .expect(200);
        ines.get("/api/v1/auto-replies")
            .await
            .expect_problem(403, "forbidden");
        ines.get("/api/v1/conversations").await.expect(200);
        owner
            .patch(&member, &json!({ "role": "king" }))
            .await
            .expect_problem(422, "invalid");
        let mut stream = ines.listen(None).await;
        assert_eq!(owner.delete(&member).await.status, 204);
        ines.get("/api/v1/conversations")
            .await
            .expect_problem(403, "forbidden");
        tokio::time::timeout(std::time::Duration::from_secs(5), stream.ends())
            .await
            .expect("the stream of a removed member is still open after 5 s");
        owner.delete(&member).await.expect_problem(404, "not_found");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_always_keeps_an_owner_even_when_two_leave_at_once() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let marta = app.member(&shop.id, "owner", "marta@example.com").await;
        let own = format!("/api/v1/members/{}", id_of(&marta).await);
        marta.delete(&own).await.expect_problem(409, "last_owner");
        marta
            .patch(&own, &json!({ "role": "agent" }))
            .await
            .expect_problem(409, "last_owner");
        let rosa = app.member(&shop.id, "owner", "rosa@example.com").await;
        let other = format!("/api/v1/members/{}", id_of(&rosa).await);
        let (one, two) = tokio::join!(marta.delete(&other), rosa.delete(&own));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert!(
            statuses == [204, 409] || statuses == [204, 403],
            "{}\n{}",
            one.text,
            two.text
        );
        let left = shop.api.all("/api/v1/members").await;
        assert_eq!(left.len(), 1, "{left:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_invites_by_link_and_a_member_is_not_invited_twice() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let owner = app.member(&shop.id, "owner", "marta@example.com").await;
        let body = json!({ "email": " Ines@Example.com", "role": "agent" });
        let made = owner.post("/api/v1/invitations", &body).await.expect(201);
        assert_eq!(made["sent"], false, "there is no mail server");
        assert_eq!(made["email"], "ines@example.com");
        assert_eq!(owner.all("/api/v1/invitations").await.len(), 1);
        let ines = app.accept(made["url"].as_str().unwrap(), "Inés").await;
        let session = ines.get("/api/v1/session").await.expect(200);
        assert_eq!(session["tenants"][0]["role"], "agent");
        assert!(
            owner.all("/api/v1/invitations").await.is_empty(),
            "it is not open any more"
        );
        owner
            .post("/api/v1/invitations", &body)
            .await
            .expect_problem(409, "already_member");
        for (body, field) in [
            (json!({ "email": "ines", "role": "agent" }), "email"),
            (
                json!({ "email": "eva@example.com", "role": "boss" }),
                "role",
            ),
        ] {
            let problem = owner
                .post("/api/v1/invitations", &body)
                .await
                .expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], field);
        }
        let names: Vec<Value> = ines
            .all("/api/v1/members")
            .await
            .into_iter()
            .map(|member| member["name"].clone())
            .collect();
        assert_eq!(
            names,
            ["Inés", "owner marta@example.com"],
            "colleagues see each other"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_user_is_out_everywhere_and_the_last_administrator_stays() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let ines = app.member(&shop.id, "owner", "ines@example.com").await;
        let iker = app.administrator("iker@example.com").await;
        let path = format!("/api/v1/admin/users/{}", id_of(&ines).await);
        iker.patch(&path, &json!({ "status": "disabled" }))
            .await
            .expect(200);
        ines.get("/api/v1/session")
            .await
            .expect_problem(401, "unauthorized");
        app.try_sign_in("ines@example.com", testkit::PASSWORD, None)
            .await
            .expect_problem(401, "sign_in_failed");
        iker.patch(&path, &json!({ "status": "active" }))
            .await
            .expect(200);
        app.sign_in("ines@example.com").await;
        let own = format!("/api/v1/admin/users/{}", id_of(&iker).await);
        for change in [
            json!({ "status": "disabled" }),
            json!({ "platform_admin": false }),
        ] {
            iker.patch(&own, &change)
                .await
                .expect_problem(409, "last_admin");
        }
        iker.get("/api/v1/admin/users").await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_or_only_looks_from_now_on_leaves_their_conversations_to_the_others() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let owner = app.person(&shop, "Marta", "owner").await;
        app.customer_says(&shop.number, "34600000001", "Hola");
        testkit::until("the conversation is there", async || {
            let rows = shop.api.all("/api/v1/conversations").await;
            if rows.is_empty() {
                Err("none yet".to_owned())
            } else {
                Ok(())
            }
        })
        .await;
        let row = shop.api.all("/api/v1/conversations").await.remove(0);
        let conversation = format!("/api/v1/conversations/{}", row["id"].as_str().unwrap());
        for (n, leave) in ["viewer", "removed"].into_iter().enumerate() {
            let ines = app.person(&shop, &format!("Inés {n}"), "agent").await;
            let body = json!({ "assigned_to": ines.user_id });
            owner.api.patch(&conversation, &body).await.expect(200);
            let mut stream = owner.api.listen(None).await;
            let member = format!("/api/v1/members/{}", ines.user_id);
            if leave == "viewer" {
                owner
                    .api
                    .patch(&member, &json!({ "role": "viewer" }))
                    .await
                    .expect(200);
            } else {
                assert_eq!(owner.api.delete(&member).await.status, 204);
            }
            let now = owner.api.get(&conversation).await.expect(200);
            assert!(now["assigned_to"].is_null(), "{leave}: {now}");
            assert_eq!(stream.next().await.kind, "conversation.updated", "{leave}");
            let told = stream.next().await;
            assert_eq!(told.kind, "member.updated", "{leave}");
            assert_eq!(told.data["user_id"], ines.user_id.as_str());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_somebody_invited_before_they_had_to_leave_does_not_come_in() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let owner = app.person(&shop, "Marta", "owner").await;
        let other = app.person(&shop, "Rosa", "owner").await;
        let body = json!({ "email": "back@example.com", "role": "owner" });
        let made = other
            .api
            .post("/api/v1/invitations", &body)
            .await
            .expect(201);
        let member = format!("/api/v1/members/{}", other.user_id);
        assert_eq!(owner.api.delete(&member).await.status, 204);
        let path = made["url"]
            .as_str()
            .unwrap()
            .strip_prefix(&app.url)
            .unwrap();
        assert_eq!(app.anybody().get(path).await.status, 404);
    })
    .await;
}
