//! Texts that are typed often.

use serde_json::{Value, json};
use testkit::each_database;

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_writes_them_and_everybody_uses_them() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let boss = app.person(&shop, "Rosa", "manager").await;
        let agent = app.person(&shop, "Ana", "agent").await;
        let all = "/api/v1/quick-replies";
        let mut stream = agent.api.listen(None).await;
        let hours = boss.api.post(all, &json!({ "shortcut": "/Horario", "text": " De 9 a 14 h " })).await.expect(201);
        assert_eq!((&hours["shortcut"], &hours["text"]), (&json!("horario"), &json!("De 9 a 14 h")));
        assert_eq!(stream.next().await.data, json!({ "quick_reply_id": hours["id"] }));
        let bank = boss.api.post(all, &json!({ "shortcut": "cuenta", "text": "ES00" })).await.expect(201);
        boss.api.post(all, &json!({ "shortcut": "HORARIO", "text": "x" })).await.expect_problem(409, "shortcut_taken");
        // Another tenant's are another tenant's.
        other.api.post(all, &json!({ "shortcut": "horario", "text": "Siempre" })).await.expect(201);
        let names = |rows: Vec<Value>| rows.iter().map(|row| row["shortcut"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(names(agent.api.all(all).await), ["cuenta", "horario"]);

        let one = format!("{all}/{}", hours["id"].as_str().unwrap());
        let taken = json!({ "shortcut": "cuenta", "text": "x" });
        boss.api.put(&one, &taken).await.expect_problem(409, "shortcut_taken");
        other.api.put(&one, &taken).await.expect_problem(404, "not_found");
        agent.api.put(&one, &taken).await.expect_problem(403, "forbidden");
        let changed = boss.api.put(&one, &json!({ "shortcut": "horas", "text": "De 9 a 15 h" })).await.expect(200);
        assert_eq!(changed["shortcut"], "horas");
        for (wrong, field) in [
            (json!({ "shortcut": "dos palabras", "text": "x" }), "shortcut"),
            (json!({ "shortcut": "", "text": "x" }), "shortcut"),
            (json!({ "shortcut": "x".repeat(41), "text": "x" }), "shortcut"),
            (json!({ "shortcut": "vacio", "text": " " }), "text"),
            (json!({ "shortcut": "largo", "text": "x".repeat(4_097) }), "text"),
        ] {
            let problem = boss.api.post(all, &wrong).await.expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], field, "{wrong}");
        }
        other.api.delete(&one).await.expect_problem(404, "not_found");
        assert_eq!(boss.api.delete(&one).await.status, 204);
        boss.api.delete(&one).await.expect_problem(404, "not_found");
        let left = agent.api.all(all).await;
        assert_eq!(left[0]["id"], bank["id"]);
        assert_eq!(left.len(), 1);
        let sql = "SELECT action || ' ' || actor_name FROM audit_log WHERE action LIKE 'quick_reply.%' AND actor_kind = 'user' ORDER BY seq";
        let rows: Vec<(String,)> = app.engine.db.all(store::db::Sql::Both(sql), Vec::new()).await.unwrap();
        let acts: Vec<_> = rows.into_iter().map(|(row,)| row).collect();
        assert_eq!(
            acts,
            ["quick_reply.create Rosa", "quick_reply.create Rosa", "quick_reply.update Rosa", "quick_reply.delete Rosa"]
        );
    })
    .await;
}
