//! Written once, there everywhere.

use serde_json::{Value, json};
use testkit::{WABA, account, each_database_with, until};

use crate::stage::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_once_stands_in_every_tenants_account() {
    each_database_with(
        || accounts(3),
        async |app| {
            let mut tenants = Vec::new();
            for n in 1..=3 {
                tenants.push(owner(app, n).await);
            }
            let id = written(
                app,
                "pedido_listo",
                &json!({ "es": "Su pedido está listo.", "en": "Your order is ready." }),
            )
            .await;
            assert!(
                rows(app, &id).await.is_empty(),
                "nothing before it is rolled out"
            );
            roll_out(app, &id).await;
            let table = in_state(app, &id, "pending", 6).await;
            for (n, tenant) in tenants.iter().enumerate() {
                let waba = account(n + 1).0;
                let mine: Vec<_> = table
                    .iter()
                    .filter(|row| row["tenant_id"] == tenant.id.as_str())
                    .collect();
                assert_eq!(mine.len(), 2, "{mine:?}");
                let mut languages: Vec<_> = mine
                    .iter()
                    .map(|row| row["language"].as_str().unwrap())
                    .collect();
                languages.sort_unstable();
                assert_eq!(languages, ["en", "es"]);
                for row in mine {
                    assert_eq!(row["waba_id"], waba.as_str());
                    assert_eq!(
                        (&row["version"], &row["version_there"]),
                        (&json!(1), &json!(1)),
                        "{row}"
                    );
                    assert_eq!(row["attempts"], 1, "{row}");
                    assert!(
                        row["template_id"].as_str().unwrap().starts_with("tpl_"),
                        "{row}"
                    );
                }
                assert_eq!(at_meta(app, &waba, "pedido_listo").await.len(), 2);
                assert_eq!(creations(app, &waba).await.len(), 2);
                decided(app, &waba, "pedido_listo", &json!({ "status": "APPROVED" })).await;
            }
            in_state(app, &id, "approved", 6).await;
            // Nobody asked Meta for the platform's own account: no tenant works with it.
            assert!(at_meta(app, WABA, "pedido_listo").await.is_empty());
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_of_a_shared_account_get_one_and_see_it() {
    each_database_with(
        || accounts(0),
        async |app| {
            let (first, second) = (app.tenant(1).await, app.tenant(2).await);
            let id = written(app, "aviso", &json!({ "es": "Le avisamos de su cita." })).await;
            roll_out(app, &id).await;
            let table = in_state(app, &id, "pending", 2).await;
            let template = |row: &Value| row["template_id"].as_str().unwrap().to_owned();
            assert_eq!(
                template(&table[0]),
                template(&table[1]),
                "one template, a row for each tenant"
            );
            assert_eq!(creations(app, WABA).await.len(), 1);
            assert_eq!(at_meta(app, WABA, "aviso").await.len(), 1);
            decided(app, WABA, "aviso", &json!({ "status": "APPROVED" })).await;
            in_state(app, &id, "approved", 2).await;
            for tenant in [first, second] {
                let seen = until("the tenant sees it approved", async || {
                    let all = tenant.api.all("/api/v1/templates").await;
                    match all
                        .iter()
                        .find(|row| row["name"] == "aviso" && row["status"] == "APPROVED")
                    {
                        Some(row) => Ok(row.clone()),
                        None => Err(format!("{all:?}")),
                    }
                })
                .await;
                assert_eq!(seen["language"], "es");
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_chosen_gets_nothing_and_who_is_chosen_later_gets_it_then() {
    each_database_with(
        || accounts(2),
        async |app| {
            let (admin, chosen, other) = (app.admin(), owner(app, 1).await, owner(app, 2).await);
            let new =
                json!({ "name": "solo_para_uno", "category": "utility", "tenants": [chosen.id] });
            let made = admin.post(GLOBAL, &new).await.expect(201);
            assert_eq!(
                (&made["everyone"], &made["category"]),
                (&json!(false), &json!("UTILITY"))
            );
            assert_eq!(
                made["tenants"],
                json!([{ "id": chosen.id, "name": chosen.name }])
            );
            let id = made["id"].as_str().unwrap();
            add_version(app, id, &json!({ "es": "Solo para usted." })).await;
            roll_out(app, id).await;
            let table = in_state(app, id, "pending", 1).await;
            assert_eq!(table[0]["tenant_id"], chosen.id.as_str());
            assert!(
                at_meta(app, &account(2).0, "solo_para_uno")
                    .await
                    .is_empty()
            );
            let change = json!({ "tenants": [chosen.id, other.id] });
            let path = format!("{GLOBAL}/{id}");
            admin.patch(&path, &change).await.expect(200);
            in_state(app, id, "pending", 2).await;
            assert_eq!(
                creations(app, &account(1).0).await.len(),
                1,
                "it was there already"
            );
            admin.delete(&path).await.expect(204);
            admin.get(&path).await.expect_problem(404, "not_found");
            assert_eq!(
                at_meta(app, &account(1).0, "solo_para_uno").await.len(),
                1,
                "the account keeps it"
            );
            let again = json!({ "name": "solo_para_uno", "category": "UTILITY" });
            admin.post(GLOBAL, &again).await.expect(201);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_hears_of_it() {
    each_database_with(
        || accounts(1),
        async |app| {
            owner(app, 1).await;
            let mut stream = app.admin().listen_at("/api/v1/admin/stream", None).await;
            let id = written(app, "oido", &json!({ "es": "Se oye." })).await;
            roll_out(app, &id).await;
            in_state(app, &id, "pending", 1).await;
            // Made, a version, rolled out, and at least once by the account's job.
            for _ in 0..4 {
                let event = stream.next_of("global_template.changed").await;
                assert_eq!(event.data["global_id"], id.as_str());
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_deletes_its_own_in_all_languages_leaves_the_platforms_alone() {
    each_database_with(
        || accounts(1),
        async |app| {
            let owner = owner(app, 1).await;
            let id = written(app, "horario", &json!({ "es": "Abrimos a las nueve." })).await;
            roll_out(app, &id).await;
            in_state(app, &id, "pending", 1).await;
            let own = json!({ "name": "horario", "language": "en", "category": "UTILITY",
                "components": [{ "type": "BODY", "text": "We open at nine." }] });
            let made = owner.api.post("/api/v1/templates", &own).await.expect(201);
            let path = format!(
                "/api/v1/templates/{}?all_languages=true",
                made["id"].as_str().unwrap()
            );
            owner.api.delete(&path).await.expect(204);
            let left = at_meta(app, &account(1).0, "horario").await;
            let left: Vec<_> = left
                .iter()
                .filter(|one| one.status.as_deref() != Some("PENDING_DELETION"))
                .collect();
            assert_eq!(left.len(), 1, "{left:?}");
            assert_eq!(left[0].language.as_deref(), Some("es"));
        },
    )
    .await;
}
