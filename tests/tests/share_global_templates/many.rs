//! Many accounts and many templates, and not one refusal for asking too often.

use std::time::{Duration, Instant};

use domain::TenantId;
use serde_json::{Value, json};
use testkit::{TestApp, TestDatabase, each_database_with};

use crate::stage::*;

/// Waits until nothing can be done at this time any more; gives the wait of what is left.
async fn settled(app: &TestApp) -> Option<Duration> {
    let end = Instant::now() + Duration::from_secs(1_800);
    loop {
        app.engine.wake.jobs.notify_one();
        let open = open(app).await;
        let now = app.engine.clock.now();
        match open {
            None => return None,
            Some(next) if next > now => return Some(next.since(now)),
            Some(_) => assert!(Instant::now() < end, "the jobs do not get on"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// When the earliest job is due.
async fn open(app: &TestApp) -> Option<domain::Timestamp> {
    const NEXT: store::db::Sql = store::db::Sql::Both(
        "SELECT MIN(CASE WHEN state = 'running' THEN 0 ELSE run_at END) FROM jobs WHERE kind = 'share_templates' AND state <> 'dead'",
    );
    let row: Option<(Option<i64>,)> = app.engine.db.first(NEXT, Vec::new()).await.unwrap();
    row.and_then(|(at,)| at).map(domain::Timestamp)
}

/// Rolls `templates` out in `languages` to as many accounts as there are, and lets the time pass that it takes.
async fn rolled_out(app: &TestApp, count: usize, templates: usize, languages: &[&str]) -> Duration {
    for n in 1..=count {
        let now = app.engine.clock.now();
        let tenant = store::tenants::Tenant::new(&format!("Owner {n}"), "es", now);
        let mut tx = app.engine.db.begin().await.unwrap();
        store::tenants::insert(&mut tx, &tenant).await.unwrap();
        tx.commit().await.unwrap();
        connected(app, TenantId::from(tenant.id.0), n).await;
    }
    let mut ids = Vec::new();
    for n in 0..templates {
        let mut texts = json!({});
        for language in languages {
            texts[*language] = json!(format!("Mensaje número {n} para {language}."));
        }
        ids.push(written(app, &format!("comun_{n:02}"), &texts).await);
    }
    let begun = app.engine.clock.now();
    for id in &ids {
        roll_out(app, id).await;
    }
    while let Some(wait) = settled(app).await {
        pass(app, wait + Duration::from_millis(1)).await;
    }
    let rows = i64::try_from(count * languages.len()).unwrap();
    for id in &ids {
        let page = app
            .admin()
            .get(&format!("{GLOBAL}/{id}/rollout?limit=1"))
            .await
            .expect(200);
        assert_eq!(
            page["counts"],
            json!({ "pending": rows, "total": rows }),
            "{page}"
        );
    }
    app.engine.clock.now().since(begun)
}

async fn no_rate_error(app: &TestApp) {
    let metrics = app.admin().get("/metrics").await.text;
    let told: Vec<_> = metrics
        .lines()
        .filter(|line| line.starts_with("trunkline_global_template_rate_errors_total"))
        .collect();
    assert!(
        told.is_empty(),
        "Meta refused for asking too often: {told:?}"
    );
}

/// No hour of an account has more creations than Meta allows, by what Meta's side was asked.
fn within_limits(calls: &[Value]) {
    for (n, call) in calls.iter().enumerate() {
        let at = call["at_ms"].as_u64().unwrap();
        let hour = calls[n..]
            .iter()
            .take_while(|later| later["at_ms"].as_u64().unwrap() < at + 3_600_000);
        let count = hour.count();
        assert!(count <= 100, "{count} creations in an hour");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_templates_than_an_hour_allows_take_more_hours_and_no_refusal() {
    each_database_with(
        || accounts(2),
        async |app| {
            let took = rolled_out(
                app,
                2,
                10,
                &[
                    "es", "en", "pt_BR", "fr", "de", "it", "nl", "pl", "ru", "tr", "ca", "sv",
                ],
            )
            .await;
            assert!(
                took > Duration::from_secs(3_600) && took < Duration::from_secs(3 * 3_600),
                "120 templates in each account took {took:?}"
            );
            for n in 1..=2 {
                let calls = creations(app, &testkit::account(n).0).await;
                assert_eq!(calls.len(), 120);
                assert!(calls.iter().all(|call| call["status"] == 200), "{calls:?}");
                within_limits(&calls);
            }
            no_rate_error(app).await;
        },
    )
    .await;
}

/// The figure: 1,000 tenants × 20 templates. `TRUNKLINE_ROLLOUT_LANGUAGES` gives each of them more languages.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "20,000 creations take minutes: cargo nextest run --release -p stories --test share_global_templates --run-ignored only --no-capture"]
async fn a_thousand_tenants_get_twenty_templates_without_one_rate_error() {
    let all = ["es", "en", "pt_BR", "fr", "de", "it"];
    let count: usize = std::env::var("TRUNKLINE_ROLLOUT_LANGUAGES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1);
    let app = TestApp::start(TestDatabase::sqlite(), accounts(1_000)).await;
    let begun = Instant::now();
    let took = rolled_out(&app, 1_000, 20, &all[..count]).await;
    no_rate_error(&app).await;
    println!(
        "{} templates in 1,000 accounts: {:.0} s of real time, {:.0} s of simulated time, no rate error",
        20 * count,
        begun.elapsed().as_secs_f64(),
        took.as_secs_f64()
    );
    app.close().await;
}
