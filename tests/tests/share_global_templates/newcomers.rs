//! Who comes later gets what is for everyone, without anybody doing anything.

use serde_json::json;
use testkit::{Setup, TestApp, WABA, account, each_database_with, number, until};

use crate::stage::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_gets_a_number_or_an_account_gets_what_is_for_everyone() {
    each_database_with(
        || accounts(1),
        async |app| {
            let id = written(app, "bienvenida", &json!({ "es": "Bienvenidos." })).await;
            roll_out(app, &id).await;
            assert!(rows(app, &id).await.is_empty(), "there is nobody");
            let newcomer = app.new_tenant("Nueva").await;
            let table = rows(app, &id).await;
            assert_eq!(table[0]["state"], "skipped", "{table:?}");
            assert_eq!(table[0]["error"]["title"], "no_account", "{table:?}");
            app.assign(&newcomer, &number(1)).await;
            in_state(app, &id, "pending", 1).await;
            assert_eq!(at_meta(app, WABA, "bienvenida").await.len(), 1);
            owner(app, 1).await;
            in_state(app, &id, "pending", 2).await;
            assert_eq!(at_meta(app, &account(1).0, "bienvenida").await.len(), 1);
        },
    )
    .await;
}

async fn signed_up(app: &TestApp, tenant: &testkit::Tenant) -> String {
    let wish = json!({ "outcome": "finish", "partner_added": "never", "code_life_ms": 86_400_000 });
    let made = app
        .meta()
        .post("/_sim/embedded-signup", &wish)
        .await
        .expect(200);
    let told = json!({
        "code": made["code"],
        "waba_id": made["waba_id"],
        "phone_number_id": made["phone_number_id"],
        "business_id": made["business_id"],
        "event": made["message"]["event"],
    });
    let begun = tenant
        .api
        .post("/api/v1/connections/embedded-signup", &told)
        .await
        .expect(202);
    let path = format!("/api/v1/connections/{}", begun["id"].as_str().unwrap());
    until("the connection is made", async || {
        let row = tenant.api.get(&path).await.expect(200);
        if row["run"]["state"] == "done" {
            Ok(())
        } else {
            Err(row.to_string())
        }
    })
    .await;
    made["waba_id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_connects_an_account_gets_them_with_the_connection_and_no_more_after_it_has_ended() {
    each_database_with(Setup::default, async |app| {
        let id = written(app, "bienvenida", &json!({ "es": "Bienvenidos." })).await;
        roll_out(app, &id).await;
        let tenant = app.new_tenant("Con cuenta propia").await;
        let waba = signed_up(app, &tenant).await;
        let table = in_state(app, &id, "pending", 1).await;
        assert_eq!(table[0]["waba_id"], waba.as_str());
        // By what the simulator was asked: the account's own token is sealed.
        assert_eq!(creations(app, &waba).await.len(), 1);
        let connection = &tenant.api.all("/api/v1/connections").await[0];
        let end = format!(
            "/api/v1/connections/{}/disconnect",
            connection["id"].as_str().unwrap()
        );
        tenant.api.post(&end, &json!({})).await.expect(200);
        let later = written(app, "despedida", &json!({ "es": "Hasta la vista." })).await;
        roll_out(app, &later).await;
        let table = in_state(app, &later, "skipped", 1).await;
        assert_eq!(table[0]["error"]["title"], "no_account", "{table:?}");
        assert_eq!(creations(app, &waba).await.len(), 1);
    })
    .await;
}
