//! `trunkline doctor` says in plain sentences whether an installation is well.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

use std::path::PathBuf;

use store::Address;
use store::db::Sql;
use testkit::{APP_SECRET, TOKEN, TestApp, VERIFY_TOKEN, WABA, each_database};
use trunkline::doctor::{self, Report};

fn url(app: &TestApp) -> String {
    match app.database.address() {
        Address::Sqlite(path) => format!("sqlite://{}", path.display()),
        Address::Postgres(url) => url,
    }
}

/// The settings of the app as a file, with lines of the story's own at the end of `[meta]` and `[secrets]`.
fn settings(folder: &tempfile::TempDir, app: &TestApp, token: &str, key: &str) -> PathBuf {
    let path = folder.path().join("trunkline.toml");
    let text = format!(
        "[database]\nurl = {:?}\n[meta]\ngraph_url = {:?}\napp_secret = {APP_SECRET:?}\nverify_token = {VERIFY_TOKEN:?}\n\
         waba_id = {WABA:?}\nsystem_user_token = {token:?}\n[secrets]\nkey = {key:?}\n",
        url(app),
        app.sim_url,
    );
    std::fs::write(&path, text).unwrap();
    path
}

async fn ask(path: &std::path::Path, audit: bool) -> Report {
    let wanted = doctor::Arguments {
        database: None,
        audit,
    };
    doctor::run(Some(path), &wanted).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_well_installation_is_said_to_be_well() {
    each_database(async |app| {
        app.tenant(1).await;
        let folder = tempfile::tempdir().unwrap();
        let path = settings(&folder, app, TOKEN, &"7".repeat(64));
        let report = ask(&path, false).await;
        assert_eq!(report.wrong, 0, "{}", report.text);
        for what in [
            "configuration",
            "database",
            "schema",
            "audit log",
            "intake log",
            "sealed tokens",
            "system user token",
            "waba",
        ] {
            let line = format!("ok     {what}: ");
            assert!(report.text.contains(&line), "{what}: {}", report.text);
        }
        for secret in [TOKEN, APP_SECRET, VERIFY_TOKEN] {
            assert!(!report.text.contains(secret), "{}", report.text);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_row_of_the_audit_log_is_named() {
    each_database(async |app| {
        app.tenant(1).await;
        let folder = tempfile::tempdir().unwrap();
        let path = settings(&folder, app, TOKEN, &"7".repeat(64));
        let report = ask(&path, true).await;
        assert_eq!(report.wrong, 0, "{}", report.text);
        assert!(report.text.contains("the last hash is "), "{}", report.text);
        let forged = Sql::Both("UPDATE audit_log SET actor_name = 'nobody' WHERE seq = 2");
        app.engine.db.run(forged, Vec::new()).await.unwrap();
        let report = ask(&path, true).await;
        assert_eq!(report.wrong, 1, "{}", report.text);
        assert!(
            report
                .text
                .contains("WRONG  audit log: row 2 is not as it was written"),
            "{}",
            report.text
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_and_a_wrong_key_are_told_apart() {
    each_database(async |app| {
        app.tenant(1).await;
        let folder = tempfile::tempdir().unwrap();
        let path = settings(&folder, app, "EAAWRONG", &"7".repeat(64));
        let report = ask(&path, false).await;
        assert_eq!(report.wrong, 1, "{}", report.text);
        assert!(
            report.text.contains("WRONG  system user token: "),
            "{}",
            report.text
        );

        let path = settings(&folder, app, TOKEN, &"8".repeat(64));
        let report = ask(&path, false).await;
        // The testkit's WABA was sealed with the other key.
        assert_eq!(report.wrong, 1, "{}", report.text);
        assert!(
            report.text.contains("WRONG  sealed tokens: ") && report.text.contains("secrets.key"),
            "{}",
            report.text
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_said_without_making_it() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("trunkline.db");
    let path = folder.path().join("trunkline.toml");
    let text = format!("[database]\nurl = \"sqlite://{}\"\n", database.display());
    std::fs::write(&path, text).unwrap();
    let report = ask(&path, false).await;
    assert_eq!(report.wrong, 2, "the key and the database: {}", report.text);
    assert!(report.text.contains("there is no file"), "{}", report.text);
    assert!(!database.exists(), "the doctor made a database");

    std::fs::write(&path, "[server]\nlissten = \"x\"\n").unwrap();
    let report = ask(&path, false).await;
    assert_eq!(report.wrong, 1, "{}", report.text);
    assert!(report.text.contains("lissten"), "{}", report.text);
}
