//! A new version changes what is there, as often as Meta allows.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{TestApp, account, each_database_with, until};

use crate::stage::*;

const DAY: Duration = Duration::from_secs(24 * 3_600);

async fn text_at_meta(app: &TestApp, name: &str) -> String {
    let there = at_meta(app, &account(1).0, name).await;
    assert_eq!(there.len(), 1);
    there[0].components.as_ref().unwrap().get().to_owned()
}

async fn waits_for(app: &TestApp, id: &str, what: &str) -> Value {
    until(&format!("it waits for {what}"), async || {
        let table = rows(app, id).await;
        if table[0]["waits_for"] == what {
            Ok(table[0].clone())
        } else {
            Err(table[0].to_string())
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_edits_what_is_approved_once_a_day_and_says_until_when_it_waits() {
    each_database_with(
        || accounts(1),
        async |app| {
            owner(app, 1).await;
            let id = written(app, "horario", &json!({ "es": "Abrimos a las nueve." })).await;
            roll_out(app, &id).await;
            in_state(app, &id, "pending", 1).await;
            // Meta has not decided yet: nothing can be edited.
            add_version(app, &id, &json!({ "es": "Abrimos a las diez." })).await;
            assert!(
                text_at_meta(app, "horario").await.contains("nueve"),
                "written is not rolled out"
            );
            roll_out(app, &id).await;
            let row = waits_for(app, &id, "review").await;
            assert_eq!(
                (&row["version"], &row["version_there"]),
                (&json!(2), &json!(1)),
                "{row}"
            );
            decided(
                app,
                &account(1).0,
                "horario",
                &json!({ "status": "APPROVED" }),
            )
            .await;
            until("the second version is there", async || {
                let text = text_at_meta(app, "horario").await;
                if text.contains("diez") {
                    Ok(())
                } else {
                    Err(text)
                }
            })
            .await;
            decided(
                app,
                &account(1).0,
                "horario",
                &json!({ "status": "APPROVED" }),
            )
            .await;
            // Meta's word may have come before its answer to the edit: what it lists, a moment later, counts.
            until("the edit is on file", async || {
                let path = format!("{GLOBAL}/{id}/rollout");
                let page = app.admin().get(&path).await.expect(200);
                if page["data"][0]["version_there"] == 2 {
                    Ok(())
                } else {
                    Err(format!("{page:#}"))
                }
            })
            .await;
            pass(app, Duration::from_secs(3)).await;
            in_state(app, &id, "approved", 1).await;
            assert_eq!(creations(app, &account(1).0).await.len(), 1);

            // The third comes a day after the second.
            add_version(app, &id, &json!({ "es": "Abrimos a las once." })).await;
            roll_out(app, &id).await;
            let row = waits_for(app, &id, "edit_limit").await;
            assert_eq!(row["state"], "queued", "{row}");
            let next = domain::Timestamp::parse(row["next_attempt_at"].as_str().unwrap()).unwrap();
            let wait = next.since(app.engine.clock.now());
            assert!(
                wait > DAY - Duration::from_secs(600) && wait <= DAY + Duration::from_secs(60),
                "{row}"
            );
            pass(app, DAY / 2).await;
            assert!(
                text_at_meta(app, "horario").await.contains("diez"),
                "not yet"
            );
            pass(app, DAY / 2 + Duration::from_secs(60)).await;
            until("the third version is there", async || {
                let text = text_at_meta(app, "horario").await;
                if text.contains("once") {
                    Ok(())
                } else {
                    Err(text)
                }
            })
            .await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_language_is_made_and_what_stays_the_same_is_not_touched() {
    each_database_with(
        || accounts(1),
        async |app| {
            owner(app, 1).await;
            let id = written(app, "idiomas", &json!({ "es": "Hasta luego." })).await;
            roll_out(app, &id).await;
            in_state(app, &id, "pending", 1).await;
            decided(
                app,
                &account(1).0,
                "idiomas",
                &json!({ "status": "APPROVED" }),
            )
            .await;
            in_state(app, &id, "approved", 1).await;
            add_version(app, &id, &json!({ "es": "Hasta luego.", "en": "See you." })).await;
            roll_out(app, &id).await;
            let table = in_state(app, &id, "pending", 1).await;
            let es = table.iter().find(|row| row["language"] == "es").unwrap();
            assert_eq!(
                (&es["state"], &es["version_there"]),
                (&json!("approved"), &json!(2)),
                "{es}"
            );
            assert_eq!(creations(app, &account(1).0).await.len(), 2);
            let calls = app.meta().get("/_sim/calls").await.expect(200);
            let edits = calls["data"].as_array().unwrap().iter().filter(|call| {
                let path = call["path"].as_str().unwrap();
                call["method"] == "POST" && !path.contains("/message_templates")
            });
            assert_eq!(edits.count(), 0, "an edit counts with Meta");
        },
    )
    .await;
}
