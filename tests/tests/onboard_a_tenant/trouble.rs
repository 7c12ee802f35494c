//! Every call of every step fails in every way that Meta's side can fail, and the connection is made all the same,
//! with each of its effects at Meta once.

use futures::StreamExt as _;
use serde_json::{Value, json};
use testkit::{Setup, TestApp, each_database_with, until};

use crate::stage::{calls, connect, ended, sign_up, step, text};

/// What goes wrong once, and whether Meta carried the call out.
fn faults() -> Vec<(&'static str, Value, bool)> {
    vec![
        (
            "the connection ends before",
            json!({ "connection": "reset_before" }),
            false,
        ),
        (
            "the connection ends after",
            json!({ "connection": "reset_after" }),
            true,
        ),
        ("no answer in time", json!({ "delay_ms": 1_500 }), true),
        ("a proxy's page", json!({ "body": "html" }), false),
        ("an empty 500", json!({ "body": "empty" }), false),
        (
            "half an answer",
            json!({ "body": "truncated", "accepted": true }),
            true,
        ),
        ("code 1", json!({ "code": 1 }), false),
        ("code 2", json!({ "code": 2 }), false),
        ("code 4", json!({ "code": 4 }), false),
        ("code 80007", json!({ "code": 80_007 }), false),
    ]
}

/// Codes that stop a run until somebody resumes it, with their cause.
fn refusals() -> Vec<(&'static str, Value, &'static str)> {
    let code = |code: i64| json!({ "code": code });
    vec![
        ("code 190", code(190), "token_invalid"),
        ("code 10", code(10), "permission_missing"),
        ("code 200", code(200), "permission_missing"),
        (
            "code 100/33",
            json!({ "code": 100, "subcode": 33 }),
            "account_gone",
        ),
        ("code 368", code(368), "account_blocked"),
        ("code 131031", code(131_031), "account_blocked"),
    ]
}

/// Codes that a registration alone has.
fn refusals_of_a_registration() -> Vec<(&'static str, Value, &'static str)> {
    let code = |code: i64| json!({ "code": code });
    vec![
        ("code 133006", code(133_006), "number_not_verified"),
        ("code 133008", code(133_008), "pin_locked"),
        ("code 133016", code(133_016), "register_limit"),
    ]
}

/// A call of a step. `{waba}` and `{number}` stand for those of the sign-up.
const CALLS: [(&str, &str); 8] = [
    ("GET", "{waba}"),
    ("GET", "{waba}/phone_numbers"),
    ("GET", "{waba}/subscribed_apps"),
    ("POST", "{waba}/subscribed_apps"),
    ("GET", "{waba}/assigned_users"),
    ("POST", "{waba}/assigned_users"),
    ("POST", "{number}/register"),
    ("GET", "{waba}/message_templates"),
];

/// A sign-up, and what goes wrong with it.
struct Case {
    name: String,
    path: String,
    method: &'static str,
    answer: Value,
    carried_out: bool,
    cause: Option<&'static str>,
    made: Value,
}

async fn cases(app: &TestApp) -> Vec<Case> {
    let mut cases = Vec::new();
    for (method, path) in CALLS {
        let passing = faults()
            .into_iter()
            .map(|(what, answer, carried_out)| (what, answer, carried_out, None));
        let lasting = refusals()
            .into_iter()
            .map(|(what, answer, cause)| (what, answer, false, Some(cause)));
        let own = if path.ends_with("/register") {
            refusals_of_a_registration()
        } else {
            Vec::new()
        };
        let own = own
            .into_iter()
            .map(|(what, answer, cause)| (what, answer, false, Some(cause)));
        for (what, answer, carried_out, cause) in passing.chain(lasting).chain(own) {
            let made = sign_up(app, json!({ "currency": "EUR" })).await;
            let path = path
                .replace("{waba}", &text(&made["waba_id"]))
                .replace("{number}", &text(&made["phone_number_id"]));
            cases.push(Case {
                name: format!("{method} {path}: {what}"),
                path,
                method,
                answer,
                carried_out,
                cause,
                made,
            });
        }
    }
    cases
}

fn impatient() -> Setup {
    Setup {
        partner: true,
        graph_timeout: std::time::Duration::from_secs(1),
        ..Setup::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_once_the_connection_is_made_and_its_effects_are_there_once() {
    each_database_with(impatient, async |app| {
        let cases = cases(app).await;
        let script: Vec<_> = cases
            .iter()
            .map(|case| json!({ "match": { "method": case.method, "path": case.path }, "times": 1, "answer": case.answer }))
            .collect();
        app.faults(&json!({ "script": script })).await;
        let wrong: Vec<String> = futures::stream::iter(&cases)
            .map(|case| go_through(app, case))
            .buffer_unordered(8)
            .filter_map(async |outcome| outcome.err())
            .collect()
            .await;
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
        let rules = app.meta().get("/_sim/faults").await.expect(200);
        let unused = rules["script"].as_array().unwrap().iter().filter(|rule| rule["used"] != 1).count();
        assert_eq!(unused, 0, "every fault has happened: {rules}");
    })
    .await;
}

async fn go_through(app: &TestApp, case: &Case) -> Result<(), String> {
    let shop = app.new_tenant(&case.name).await;
    let id = connect(&shop, &case.made).await;
    let mut row = ended(&shop.api, &id).await;
    if let Some(cause) = case.cause {
        if row["run"]["cause"] != cause || row["state"] != "action_needed" {
            return Err(format!("{}: expected {cause}: {row}", case.name));
        }
        let said = ["title", "action"].map(|word| text(&row["problem"][word]));
        if row["problem"]["cause"] != cause || said.iter().any(String::is_empty) {
            return Err(format!("{}: nobody is told what to do: {row}", case.name));
        }
        let resume = format!("/api/v1/connections/{id}/resume");
        shop.api.post(&resume, &json!({})).await.expect(202);
        row = ended(&shop.api, &id).await;
    }
    if row["state"] != "connected" || row["problem"] != json!(null) {
        return Err(format!("{}: {row}", case.name));
    }
    let (waba, number) = (
        text(&case.made["waba_id"]),
        text(&case.made["phone_number_id"]),
    );
    // One more than once only where Meta had not carried it out.
    let more =
        |path: &str| usize::from(case.method == "POST" && case.path == path && !case.carried_out);
    for path in [
        format!("{waba}/subscribed_apps"),
        format!("{waba}/assigned_users"),
        format!("{number}/register"),
    ] {
        let (found, expected) = (calls(app, "POST", &path).await, 1 + more(&path));
        if found != expected {
            return Err(format!(
                "{}: POST {path} {found} times, not {expected}",
                case.name
            ));
        }
    }
    Ok(())
}

/// Contacts and history of a phone: Meta gives each once, whatever became of the answer.
#[tokio::test(flavor = "multi_thread")]
async fn the_past_of_a_phone_is_asked_for_whatever_fails_and_comes_once() {
    each_database_with(impatient, async |app| {
        let lasting = refusals().into_iter().map(|(what, answer, cause)| (what, answer, Some(cause)));
        let passing = faults().into_iter().map(|(what, answer, _)| (what, answer, None));
        for (what, answer, cause) in passing.chain(lasting) {
            let made = sign_up(app, json!({ "outcome": "coexistence" })).await;
            let number = text(&made["phone_number_id"]);
            let phone = json!({ "contacts": 3, "threads": 1, "messages": 1 });
            app.meta().post(&format!("/_sim/numbers/{number}/phone"), &phone).await.expect(200);
            let path = format!("{number}/smb_app_data");
            let rule = json!({ "match": { "method": "POST", "path": path }, "times": 1, "answer": answer });
            app.faults(&json!({ "script": [rule] })).await;
            let shop = app.new_tenant(what).await;
            let id = connect(&shop, &made).await;
            let mut row = ended(&shop.api, &id).await;
            if let Some(cause) = cause {
                assert_eq!(row["run"]["cause"], cause, "{what}: {row:#}");
                let resume = format!("/api/v1/connections/{id}/resume");
                shop.api.post(&resume, &json!({})).await.expect(202);
                row = ended(&shop.api, &id).await;
            }
            assert_eq!(row["state"], "connected", "{what}: {row:#}");
            assert_eq!(step(&row, "sync_phone")["state"], "done", "{what}: {row:#}");
            // A call that ends with its connection is seen by nobody; all others are asked for again.
            let asked = calls(app, "POST", &path).await;
            assert!((2..=3).contains(&asked), "{what}: asked {asked} times");
        }
    })
    .await;
}

/// Too late for the past, or refused: the connection is made, and says what it does not have.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_whose_past_cannot_be_had_is_connected_without_it() {
    each_database_with(impatient, async |app| {
        let late = json!({ "code": 100, "subcode": 2_593_108 });
        for (answer, cause) in [
            (late, "phone_sync_late"),
            (json!({ "code": 100 }), "phone_sync_refused"),
        ] {
            let made = sign_up(app, json!({ "outcome": "coexistence" })).await;
            let path = format!("{}/smb_app_data", text(&made["phone_number_id"]));
            let rule = json!({ "match": { "method": "POST", "path": path }, "answer": answer });
            app.faults(&json!({ "script": [rule] })).await;
            let shop = app.new_tenant("Una").await;
            let row = ended(&shop.api, &connect(&shop, &made).await).await;
            assert_eq!(
                (&row["state"], &row["run"]["state"]),
                (&json!("connected"), &json!("done")),
                "{row:#}"
            );
            let step = step(&row, "sync_phone");
            assert_eq!(
                (&step["state"], &step["cause"]),
                (&json!("skipped"), &json!(cause)),
                "{row:#}"
            );
            assert!(text(&step["action"]).contains("connect again"), "{step}");
            assert_eq!(calls(app, "POST", &path).await, 2, "contacts and history");
        }
    })
    .await;
}

/// A number whose code was never entered, on Meta's own side: verified there, the run goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_verified_afterwards_is_registered_at_the_resume() {
    each_database_with(impatient, async |app| {
        let made = sign_up(app, json!({ "verified": false })).await;
        let shop = app.new_tenant("Una").await;
        let id = connect(&shop, &made).await;
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["run"]["cause"], "number_not_verified", "{row:#}");
        assert_eq!(row["problem"]["who"], "tenant", "{row:#}");
        let body = json!({ "phone_number_id": made["phone_number_id"], "code_verification_status": "VERIFIED" });
        app.meta().post("/_sim/numbers", &body).await.expect(200);
        let resume = format!("/api/v1/connections/{id}/resume");
        shop.api.post(&resume, &json!({})).await.expect(202);
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["state"], "connected", "{row:#}");
    })
    .await;
}

/// Calls that say nothing of the WABA in their path go wrong one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn codes_tokens_and_credit_survive_the_same() {
    each_database_with(impatient, async |app| {
        for (method, path) in [
            ("GET", "debug_token"),
            ("GET", "owning_credit_allocation_configs"),
            ("POST", "whatsapp_credit_sharing_and_attach"),
        ] {
            for (what, answer, carried_out) in faults() {
                let made = sign_up(app, json!({ "currency": "EUR" })).await;
                let rule = json!({ "match": { "method": method, "path": path }, "times": 1, "answer": answer });
                app.faults(&json!({ "script": [rule] })).await;
                let before = calls(app, "POST", "/whatsapp_credit_sharing_and_attach").await;
                let shop = app.new_tenant(what).await;
                let row = ended(&shop.api, &connect(&shop, &made).await).await;
                assert_eq!((&row["state"], &row["problem"]), (&json!("connected"), &json!(null)), "{method} {path}, {what}: {row:#}");
                let shared = calls(app, "POST", "/whatsapp_credit_sharing_and_attach").await - before;
                let expected = 1 + usize::from(method == "POST" && !carried_out);
                assert_eq!(shared, expected, "{method} {path}, {what}");
            }
        }
        // A code whose answer is lost is lost, and says so.
        for (what, answer, carried_out) in faults() {
            let made = sign_up(app, json!({})).await;
            let rule = json!({ "match": { "path": "oauth/access_token" }, "times": 1, "answer": answer });
            app.faults(&json!({ "script": [rule] })).await;
            let shop = app.new_tenant(what).await;
            let row = ended(&shop.api, &connect(&shop, &made).await).await;
            // Meta's side ends a slow call with the connection, before it has looked at the code.
            let used_up = carried_out && what != "no answer in time";
            let expected = if used_up {
                json!("code_used")
            } else {
                json!(null)
            };
            assert_eq!(row["run"]["cause"], expected, "{what}: {row:#}");
        }
    })
    .await;
}

/// The list of templates is read by a step; whoever looks for lists to read meanwhile leaves it alone.
#[tokio::test(flavor = "multi_thread")]
async fn the_templates_of_an_account_that_is_being_connected_are_not_read_beside() {
    each_database_with(impatient, async |app| {
        let made = sign_up(app, json!({ "currency": "EUR" })).await;
        let waba = text(&made["waba_id"]);
        let path = format!("{waba}/message_templates");
        let rule = json!({ "match": { "method": "GET", "path": path }, "answer": { "code": 2 } });
        app.faults(&json!({ "script": [rule] })).await;
        let shop = app.new_tenant("Una").await;
        let id = connect(&shop, &made).await;
        let is_due = async || {
            let later = app
                .engine
                .clock
                .now()
                .plus(std::time::Duration::from_secs(3_600));
            let due = store::templates::books::any_tenant_due(&app.engine.db, later, 100).await;
            due.unwrap().contains(&waba)
        };
        let reading = async || {
            let row = shop
                .api
                .get(&format!("/api/v1/connections/{id}"))
                .await
                .expect(200);
            match step(&row, "sync_templates")["attempts"].as_i64() {
                Some(1..) if row["run"]["ended_at"].is_null() => Ok(()),
                _ => Err(row.to_string()),
            }
        };
        let due = until("the list is being read", async || {
            reading().await?;
            let due = is_due().await;
            // It was under way before and after.
            reading().await.map(|()| due)
        })
        .await;
        assert!(!due, "a step reads it");
        app.faults(&json!({ "script": null })).await;
        let row = ended(&shop.api, &id).await;
        assert_eq!(row["state"], "connected", "{row:#}");
        assert!(is_due().await, "it is read again in its turn");
    })
    .await;
}
