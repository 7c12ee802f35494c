//! Meta refuses, rejects, stays silent, or the process dies.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{TestApp, account, each_database_with, until};

use crate::stage::*;

async fn script(app: &TestApp, rule: Value) {
    app.faults(&json!({ "script": [rule] })).await;
}

fn on_creation(answer: Value) -> Value {
    json!({ "match": { "method": "POST", "path": "/message_templates" }, "times": 1, "answer": answer })
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_rejected_is_shown_with_its_reason_and_goes_to_review_again_when_asked() {
    each_database_with(
        || accounts(2),
        async |app| {
            owner(app, 1).await;
            owner(app, 2).await;
            let id = written(app, "oferta", &json!({ "es": "Tenemos algo para usted." })).await;
            roll_out(app, &id).await;
            in_state(app, &id, "pending", 2).await;
            let waba = account(1).0;
            decided(
                app,
                &waba,
                "oferta",
                &json!({ "status": "REJECTED", "reason": "PROMOTIONAL" }),
            )
            .await;
            decided(
                app,
                &account(2).0,
                "oferta",
                &json!({ "status": "APPROVED" }),
            )
            .await;
            // The other one is pending no more: below, only the one that is tried again is.
            in_state(app, &id, "approved", 1).await;
            let table = in_state(app, &id, "rejected", 1).await;
            let row = table.iter().find(|row| row["state"] == "rejected").unwrap();
            assert_eq!(row["waba_id"], waba.as_str());
            assert!(
                row["error"]["what"]
                    .as_str()
                    .unwrap()
                    .contains("PROMOTIONAL"),
                "{row}"
            );
            let only = app
                .admin()
                .all(&format!("{GLOBAL}/{id}/rollout?state=rejected"))
                .await;
            assert_eq!(only.len(), 1);
            let retry = json!({ "rows": [{ "waba_id": waba, "language": "es" }] });
            let path = format!("{GLOBAL}/{id}/rollout/retry");
            let done = app.admin().post(&path, &retry).await.expect(202);
            assert_eq!(done["count"], 1);
            in_state(app, &id, "pending", 1).await;
            assert_eq!(
                at_meta(app, &waba, "oferta").await[0].status.as_deref(),
                Some("PENDING")
            );
            assert_eq!(
                creations(app, &waba).await.len(),
                1,
                "it was edited, not made again"
            );
            decided(app, &waba, "oferta", &json!({ "status": "APPROVED" })).await;
            in_state(app, &id, "approved", 2).await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_meta_refuses_says_why_and_is_tried_again_when_asked() {
    each_database_with(
        || accounts(2),
        async |app| {
            owner(app, 1).await;
            let refusal = on_creation(json!({ "code": 100, "subcode": 2_388_019 }));
            script(app, refusal).await;
            let id = written(app, "llena", &json!({ "es": "Su cuenta está llena." })).await;
            roll_out(app, &id).await;
            let table = in_state(app, &id, "failed", 1).await;
            let row = &table[0];
            assert_eq!(row["error"]["code"], 2_388_019, "{row}");
            assert!(
                row["error"]["what"]
                    .as_str()
                    .unwrap()
                    .contains("Delete some"),
                "{row}"
            );
            assert_eq!(
                row["next_attempt_at"],
                Value::Null,
                "nothing happens by itself"
            );
            let path = format!("{GLOBAL}/{id}/rollout/retry");
            for wrong in [
                json!({}),
                json!({ "rows": [] }),
                json!({ "failed": true, "rows": [] }),
            ] {
                app.admin()
                    .post(&path, &wrong)
                    .await
                    .expect_problem(422, "invalid");
            }
            let done = app
                .admin()
                .post(&path, &json!({ "failed": true }))
                .await
                .expect(202);
            assert_eq!(done["count"], 1);
            in_state(app, &id, "pending", 1).await;
            let none = app
                .admin()
                .post(&path, &json!({ "failed": true }))
                .await
                .expect(202);
            assert_eq!(none["count"], 0, "what is well is not touched");
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_whose_answer_is_lost_is_found_and_not_done_again() {
    each_database_with(
        || accounts(1),
        async |app| {
            owner(app, 1).await;
            let waba = account(1).0;
            let lost = on_creation(json!({ "connection": "reset_after" }));
            script(app, lost).await;
            let id = written(app, "una_vez", &json!({ "es": "Una sola vez." })).await;
            roll_out(app, &id).await;
            let row = until("the creation is in doubt", async || {
                let table = rows(app, &id).await;
                if table[0]["waits_for"] == "trouble" {
                    Ok(table[0].clone())
                } else {
                    Err(table[0].to_string())
                }
            })
            .await;
            assert_eq!(row["state"], "creating", "{row}");
            assert!(row["next_attempt_at"].is_string(), "{row}");
            assert_eq!(at_meta(app, &waba, "una_vez").await.len(), 1, "Meta did it");
            pass(app, Duration::from_secs(120)).await;
            in_state(app, &id, "pending", 1).await;
            assert_eq!(creations(app, &waba).await.len(), 1);
            assert_eq!(at_meta(app, &waba, "una_vez").await.len(), 1);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_of_the_tenants_own_is_not_overwritten() {
    each_database_with(|| accounts(1), async |app| {
        owner(app, 1).await;
        let waba = account(1).0;
        let own = json!({ "waba_id": waba, "name": "aviso", "language": "es", "category": "UTILITY", "status": "APPROVED", "components": says("Lo nuestro.") });
        app.meta().post("/_sim/templates", &own).await.expect(200);
        let id = written(app, "aviso", &json!({ "es": "Lo de la plataforma." })).await;
        roll_out(app, &id).await;
        let table = in_state(app, &id, "failed", 1).await;
        assert_eq!(table[0]["error"]["title"], "name_taken", "{table:?}");
        let there = at_meta(app, &waba, "aviso").await;
        assert!(there[0].components.as_ref().unwrap().get().contains("Lo nuestro."));
        assert!(creations(app, &waba).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_of_metas_lets_the_account_rest_as_long_as_meta_says() {
    each_database_with(
        || accounts(1),
        async |app| {
            owner(app, 1).await;
            let limit = on_creation(json!({ "code": 80_007, "regain_minutes": 20 }));
            script(app, limit).await;
            let id = written(app, "luego", &json!({ "es": "Más tarde." })).await;
            roll_out(app, &id).await;
            let row = until("the account rests", async || {
                let table = rows(app, &id).await;
                if table[0]["waits_for"] == "rate" {
                    Ok(table[0].clone())
                } else {
                    Err(table[0].to_string())
                }
            })
            .await;
            let next = domain::Timestamp::parse(row["next_attempt_at"].as_str().unwrap()).unwrap();
            let wait = next.since(app.engine.clock.now());
            assert!(wait > Duration::from_secs(60), "{row}");
            pass(app, Duration::from_secs(30)).await;
            assert_eq!(creations(app, &account(1).0).await.len(), 1, "not yet");
            pass(app, Duration::from_secs(20 * 60)).await;
            in_state(app, &id, "pending", 1).await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_cannot_be_reached_is_passed_over_until_it_can() {
    each_database_with(
        || accounts(2),
        async |app| {
            let gone = owner(app, 1).await;
            owner(app, 2).await;
            let id = written(app, "alcance", &json!({ "es": "A su alcance." })).await;
            let script = json!({ "match": { "path": account(1).0 }, "answer": { "code": 190 } });
            app.faults(&json!({ "script": [script] })).await;
            roll_out(app, &id).await;
            in_state(app, &id, "pending", 1).await;
            let row = until("the refused account waits", async || {
                let table = rows(app, &id).await;
                let row = table
                    .iter()
                    .find(|row| row["tenant_id"] == gone.id.as_str())
                    .unwrap();
                if row["waits_for"] == "access" {
                    Ok(row.clone())
                } else {
                    Err(row.to_string())
                }
            })
            .await;
            assert_eq!(row["error"]["code"], 190, "{row}");
            app.faults(&json!({ "script": [] })).await;
            pass(app, Duration::from_secs(2 * 3_600)).await;
            in_state(app, &id, "pending", 2).await;
        },
    )
    .await;
}

/// On an account of one's own nobody else waits with a global template: its tenant lets it go.
#[tokio::test(flavor = "multi_thread")]
async fn on_its_own_account_a_tenant_decides_about_a_global_template() {
    each_database_with(
        || accounts(1),
        async |app| {
            let tenant = owner(app, 1).await;
            let id = written(app, "aviso", &json!({ "es": "Hay novedades." })).await;
            roll_out(app, &id).await;
            let (waba, _) = testkit::account(1);
            in_state(app, &id, "pending", 1).await;
            decided(app, &waba, "aviso", &json!({ "decision": "approve" })).await;
            in_state(app, &id, "approved", 1).await;
            decided(app, &waba, "aviso", &json!({ "decision": "pause" })).await;
            let rows = in_state(app, &id, "paused", 1).await;
            assert_eq!(
                (&rows[0]["error"]["title"], &rows[0]["paused_until"]),
                (&json!("paused"), &json!(null)),
                "{rows:?}"
            );
            let here = rows[0]["template_id"].as_str().unwrap();
            let platform = format!("/api/v1/admin/templates/{here}/unpause");
            let no = app.admin().post(&platform, &json!({})).await;
            no.expect_problem(409, "not_yours");
            let path = format!("/api/v1/templates/{here}/unpause");
            let free = tenant.api.post(&path, &json!({})).await.expect(200);
            assert_eq!(free["status"], "APPROVED", "{free}");
            let edit = tenant
                .api
                .patch(
                    &format!("/api/v1/templates/{here}"),
                    &json!({ "components": [] }),
                )
                .await;
            edit.expect_problem(409, "not_yours");
        },
    )
    .await;
}

/// The connection ends before Meta has the edit: a moment later it is asked again, not a day later.
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_meta_never_had_does_not_count_as_the_edit_of_the_day() {
    each_database_with(|| accounts(1), async |app| {
        owner(app, 1).await;
        let (waba, _) = account(1);
        let id = written(app, "horario", &json!({ "es": "Abrimos a las nueve." })).await;
        roll_out(app, &id).await;
        in_state(app, &id, "pending", 1).await;
        decided(app, &waba, "horario", &json!({ "decision": "approve" })).await;
        in_state(app, &id, "approved", 1).await;
        let meta_id = at_meta(app, &waba, "horario").await[0].id.clone().unwrap();
        script(app, json!({ "match": { "method": "POST", "path": meta_id }, "times": 1, "answer": { "connection": "reset_before" } })).await;
        add_version(app, &id, &json!({ "es": "Abrimos a las diez." })).await;
        roll_out(app, &id).await;
        until("the answer is lost", async || {
            let row = rows(app, &id).await.remove(0);
            match row["waits_for"] == "trouble" {
                true => Ok(()),
                false => Err(row.to_string()),
            }
        })
        .await;
        // The second one after the pause of the tries, and after Meta's list is believed.
        for _ in 0..4 {
            pass(app, Duration::from_secs(40)).await;
        }
        until("the new text is there", async || {
            let there = at_meta(app, &waba, "horario").await.remove(0);
            let text = there.components.map(|parts| parts.get().to_owned()).unwrap_or_default();
            match text.contains("diez") {
                true => Ok(()),
                false => {
                    pass(app, Duration::from_secs(40)).await;
                    Err(text)
                }
            }
        })
        .await;
        const EDITS: store::db::Sql = store::db::Sql::Both("SELECT COUNT(*) FROM template_acts WHERE kind = 'edit'");
        let edits: Option<(i64,)> = app.engine.db.first(EDITS, Vec::new()).await.unwrap();
        assert_eq!(edits, Some((1,)), "what Meta never had is struck");
    })
    .await;
}
