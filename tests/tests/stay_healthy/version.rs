//! Another version of Meta's API is tried before it is used.

use serde_json::json;
use testkit::each_database;

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_tried_by_reading_and_shows_what_meta_really_ran() {
    each_database(async |app| {
        let ask = async |version: &str| {
            let path = format!("/api/v1/admin/whatsapp/version?version={version}");
            app.admin().get(&path).await
        };
        let current = app.engine.graph.version().to_string();
        let tried = ask(&current).await.expect(200);
        assert_eq!(
            (&tried["fits"], &tried["used"]),
            (&json!(true), &json!(current)),
            "{tried}"
        );
        assert_eq!(tried["calls"].as_array().unwrap().len(), 5);
        // A version from before the oldest that Meta still runs.
        let tried = ask("v2.0").await;
        let gone = tried.expect(200);
        assert_eq!(gone["fits"], json!(false), "{gone}");
        assert_ne!(gone["used"], json!("v2.0"), "{gone}");
        for wrong in ["25", "v25", "v25.0/../x", ""] {
            ask(wrong).await.expect_problem(422, "invalid");
        }
        assert_eq!(
            *app.engine.graph.version(),
            *current,
            "trying changes nothing"
        );
    })
    .await;
}
