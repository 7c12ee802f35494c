//! Who sees only their own: by invitation, and by whom it is said.

use serde_json::{Value, json};
use testkit::each_database;

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_says_whose_conversations_one_will_see() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let owner = app.person(&shop, "Rosa", "owner").await;
        let guest = json!({ "email": "ana@example.com", "role": "agent", "conversations": "own" });
        let made = owner
            .api
            .post("/api/v1/invitations", &guest)
            .await
            .expect(201);
        assert_eq!(made["conversations"], "own", "{made}");
        let ana = app.accept(made["url"].as_str().unwrap(), "Ana").await;
        let session = ana.get("/api/v1/session").await.expect(200);
        let place = &session["tenants"][0];
        assert_eq!(
            (&place["conversations"], &place["unassigned"]),
            (&json!("own"), &json!(true)),
            "{session}"
        );
        let members = owner.api.all("/api/v1/members").await;
        let of = |name: &str| {
            let row = members.iter().find(|row| row["name"] == name);
            row.unwrap()["conversations"].clone()
        };
        assert_eq!((of("Ana"), of("Rosa")), (json!("own"), json!("all")));
        let wrong = json!({ "email": "eva@example.com", "role": "agent", "conversations": "some" });
        let wrong = owner.api.post("/api/v1/invitations", &wrong).await;
        let wrong = wrong.expect_problem(422, "invalid");
        assert_eq!(wrong["errors"][0]["field"], "conversations", "{wrong}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_decides_about_members_narrows_them_and_it_is_written_down() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let (rosa, ana, luis) = (
            app.person(&shop, "Rosa", "owner").await,
            app.person(&shop, "Ana", "agent").await,
            app.person(&shop, "Luis", "manager").await,
        );
        let path = format!("/api/v1/members/{}", ana.user_id);
        let own = json!({ "conversations": "own" });
        for client in [&ana.api, &luis.api] {
            client
                .patch(&path, &own)
                .await
                .expect_problem(403, "forbidden");
        }
        let wrong = rosa
            .api
            .patch(&path, &json!({ "conversations": "few" }))
            .await;
        let wrong = wrong.expect_problem(422, "invalid");
        assert_eq!(wrong["errors"][0]["field"], "conversations", "{wrong}");
        let row = rosa.api.patch(&path, &own).await.expect(200);
        assert_eq!(
            (&row["role"], &row["conversations"]),
            (&json!("agent"), &json!("own"))
        );
        // A change of the role alone leaves it.
        let row = rosa.api.patch(&path, &json!({ "role": "viewer" })).await;
        let row = row.expect(200);
        assert_eq!(
            (&row["role"], &row["conversations"]),
            (&json!("viewer"), &json!("own"))
        );
        let acts = rosa.api.all("/api/v1/audit?action=member.update").await;
        assert_eq!(
            (&acts[1]["before"], &acts[1]["after"]),
            (
                &json!({ "role": "agent", "conversations": "all" }),
                &json!({ "role": "agent", "conversations": "own" })
            ),
            "{acts:?}"
        );
        let settings = "/api/v1/settings";
        let before = rosa.api.get(settings).await.expect(200);
        assert_eq!(before["agents_see_unassigned"], true, "{before}");
        let change = json!({ "agents_see_unassigned": false });
        ana.api
            .patch(settings, &change)
            .await
            .expect_problem(403, "forbidden");
        let after = luis.api.patch(settings, &change).await.expect(200);
        assert_eq!(after["agents_see_unassigned"], false, "{after}");
        let acts = rosa.api.all("/api/v1/audit?action=settings.update").await;
        assert_eq!(acts[0]["after"]["agents_see_unassigned"], false, "{acts:?}");
        assert_ne!(acts[0]["before"], Value::Null);
    })
    .await;
}
