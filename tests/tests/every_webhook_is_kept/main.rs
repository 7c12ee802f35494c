//! Whatever Meta posts is accepted, kept byte for byte, projected where it has a meaning, and counted;
//! how often, in which order and to how many processes it is delivered changes nothing.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a story stops where it cannot go on"
)]

mod samples;

use std::collections::BTreeMap;

use futures::StreamExt as _;
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, RngExt as _};
use rand_chacha::ChaCha8Rng;
use samples::{Sample, TENANTS, list, together, waba};
use serde_json::{Value, json};
use testkit::{Setup, Tables, TestApp, TestDatabase, dump, each_database, webhook};

/// Fields whose changes hold messages and statuses; every other known field is news of an account.
const TALK: [&str; 5] = [
    "messages",
    "standby",
    "smb_message_echoes",
    "message_echoes",
    "history",
];

async fn tenants(app: &TestApp) {
    for n in 1..=TENANTS {
        let tenant = app.tenant(n).await;
        let (db, sealer, now) = (&app.engine.db, &app.engine.sealer, app.engine.clock.now());
        store::wabas::upsert(
            db,
            sealer,
            &waba(n),
            tenant.id.parse().ok(),
            &tenant.name,
            None,
            now,
        )
        .await
        .unwrap();
    }
}

async fn app(database: TestDatabase) -> TestApp {
    let app = TestApp::start(database, Setup::default()).await;
    tenants(&app).await;
    app
}

fn accounted(intake: &Value) -> i64 {
    ["projected", "parked", "duplicates"]
        .iter()
        .map(|member| intake[*member].as_i64().unwrap())
        .sum()
}

/// What a body holds, counted by hand: messages, statuses, or one piece of news for each change.
fn items(body: &Value) -> i64 {
    let changes = list(body, "entry")
        .iter()
        .flat_map(|entry| list(entry, "changes"));
    let count = |change: &Value| {
        let value = &change["value"];
        let old = list(value, "history")
            .iter()
            .flat_map(|chunk| list(chunk, "threads"))
            .map(|thread| list(thread, "messages").len())
            .sum::<usize>();
        let talk = list(value, "messages").len()
            + list(value, "statuses").len()
            + list(value, "message_echoes").len()
            + old;
        let news = [
            "calls",
            "groups",
            "user_preferences",
            "state_sync",
            "errors",
        ]
        .iter()
        .any(|member| !list(value, member).is_empty());
        let refused_history = list(value, "history")
            .iter()
            .any(|chunk| !list(chunk, "errors").is_empty());
        (talk + usize::from(news || refused_history)).max(1)
    };
    i64::try_from(changes.map(count).sum::<usize>())
        .unwrap()
        .max(1)
}

/// Broken on purpose: what it holds is a matter of opinion, that nothing of it is lost is not.
fn broken(sample: &Sample) -> bool {
    sample.name.contains("malformed")
}

/// What has a meaning and is not in the tables.
fn missing(sample: &Sample, tables: &Tables) -> Vec<String> {
    let mut missing = Vec::new();
    let mut want = |table: &'static str, piece: &str| {
        let wanted = format!("| {piece} |");
        let found = tables[table]
            .iter()
            .any(|row| format!("| {row} |").contains(&wanted));
        if !found {
            missing.push(format!("{}: no row of {table} has {piece}", sample.name));
        }
    };
    for change in list(&sample.json, "entry")
        .iter()
        .flat_map(|entry| list(entry, "changes"))
    {
        let (field, value) = (
            change["field"].as_str().unwrap_or_default(),
            &change["value"],
        );
        if value["metadata"]["phone_number_id"].is_null() && TALK.contains(&field) {
            continue;
        }
        for message in ["messages", "message_echoes"]
            .iter()
            .flat_map(|member| list(value, member))
        {
            want("messages", message["id"].as_str().unwrap_or_default());
        }
        for status in list(value, "statuses") {
            let known = ["sent", "delivered", "read", "played", "failed"]
                .contains(&status["status"].as_str().unwrap_or_default());
            if known {
                want("early_statuses", status["id"].as_str().unwrap_or_default());
            }
        }
        for thread in list(value, "history")
            .iter()
            .flat_map(|chunk| list(chunk, "threads"))
        {
            for message in list(thread, "messages") {
                want("messages", message["id"].as_str().unwrap_or_default());
            }
        }
        if !TALK.contains(&field) && field != "a_field_of_tomorrow" {
            want("account_events", field);
        }
    }
    missing
}

#[tokio::test(flavor = "multi_thread")]
async fn each_alone_is_kept_byte_for_byte_and_nothing_of_it_is_lost() {
    each_database(async |app| {
        tenants(app).await;
        let mut wrong = Vec::new();
        let mut posted = Vec::new();
        let samples = samples::all();
        for sample in &samples {
            let before = app.projected().await;
            app.deliver(sample.body.clone()).await.expect(200);
            posted.push(sample.body.clone().into_bytes());
            let after = app.projected().await;
            let (counted, held) = (accounted(&after) - accounted(&before), items(&sample.json));
            if counted != held && !sample.json.is_null() && !broken(sample) {
                wrong.push(format!(
                    "{}: holds {held} items, {counted} are accounted for",
                    sample.name
                ));
            }
            if after["duplicates"] != before["duplicates"] {
                wrong.push(format!(
                    "{}: its first delivery counts as a duplicate",
                    sample.name
                ));
            }
            app.deliver(sample.body.clone()).await.expect(200);
            posted.push(sample.body.clone().into_bytes());
            let again = app.projected().await;
            if (&again["projected"], &again["parked"]) != (&after["projected"], &after["parked"]) {
                wrong.push(format!(
                    "{}: its second delivery had an effect",
                    sample.name
                ));
            }
            if accounted(&again) - accounted(&after) != counted {
                wrong.push(format!(
                    "{}: its second delivery counts otherwise than its first",
                    sample.name
                ));
            }
        }
        assert_eq!(app.kept().await, posted, "byte for byte");
        let tables = dump(&app.engine.db).await;
        wrong.extend(
            samples
                .iter()
                .filter(|sample| !broken(sample))
                .flat_map(|sample| missing(sample, &tables)),
        );
        assert!(
            wrong.is_empty(),
            "{} of {}:\n{}",
            wrong.len(),
            samples.len(),
            wrong.join("\n")
        );

        let mut shown = 0;
        for n in 1..=TENANTS {
            let tenant = app.tenant(n).await;
            shown += tenant.api.all("/api/v1/messages").await.len();
            tenant.api.all("/api/v1/conversations").await;
            tenant.api.all("/api/v1/contacts").await;
        }
        assert_eq!(
            shown,
            tables["messages"].len(),
            "every message is shown to its tenant"
        );
        app.admin().all("/api/v1/admin/intake/parked").await;
    })
    .await;
}

/// What a single delivery of each sample, in order, leaves in the tables of a fresh SQLite database.
async fn delivered_once(samples: &[Sample]) -> Tables {
    let database = TestDatabase::sqlite();
    let app = app(database).await;
    for sample in samples {
        app.deliver(sample.body.clone()).await.expect(200);
    }
    app.projected().await;
    let tables = dump(&app.engine.db).await;
    app.close().await;
    tables
}

#[track_caller]
fn assert_same(got: &Tables, want: &Tables, how: &str) {
    let mut differences = Vec::new();
    for (table, want) in want {
        let tally = |rows: &[String]| {
            rows.iter()
                .fold(BTreeMap::<String, i64>::new(), |mut tally, row| {
                    *tally.entry(row.clone()).or_default() += 1;
                    tally
                })
        };
        let (mut more, want) = (tally(&got[table]), tally(want));
        for (row, count) in want {
            *more.entry(row).or_default() -= count;
        }
        differences.extend(
            more.into_iter()
                .filter(|(_, count)| *count != 0)
                .map(|(row, count)| format!("{table}: {count:+} × {row}")),
        );
    }
    assert!(
        differences.is_empty(),
        "{how}: the tables differ:\n{}",
        differences.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn all_in_one_post_over_several_tenants_end_where_each_alone_ends() {
    let samples: Vec<_> = samples::all()
        .into_iter()
        .filter(|sample| !sample.is_odd())
        .collect();
    let want = delivered_once(&samples).await;
    each_database(async |app| {
        tenants(app).await;
        let body = together(&samples);
        app.delivered(body.clone()).await;
        assert_same(&dump(&app.engine.db).await, &want, "all in one POST");
        let before = app.intake().await;
        app.delivered(body.clone()).await;
        assert_same(&dump(&app.engine.db).await, &want, "all in one POST, twice");
        let after = app.intake().await;
        assert_eq!(
            accounted(&after),
            2 * accounted(&before),
            "{before} then {after}"
        );
        assert_eq!(app.kept().await.len(), 2);
    })
    .await;
}

/// Five rounds of everything, shuffled, in POSTs of one to ten samples.
fn shuffled(samples: &[Sample], seed: u64) -> Vec<String> {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let (odd, plain): (Vec<&Sample>, Vec<&Sample>) =
        samples.iter().partition(|sample| sample.is_odd());
    let mut posts = Vec::new();
    for _ in 0..5 {
        let mut round = plain.clone();
        round.shuffle(&mut chance);
        let mut rest = &round[..];
        while !rest.is_empty() {
            let (post, others) = rest.split_at(chance.random_range(1..=10).min(rest.len()));
            posts.push(together(post.iter().copied()));
            rest = others;
        }
        posts.extend(odd.iter().map(|sample| sample.body.clone()));
    }
    posts.shuffle(&mut chance);
    posts
}

async fn deliver_at_once(apps: &[&TestApp], posts: Vec<String>) {
    futures::stream::iter(posts.into_iter().enumerate())
        .for_each_concurrent(16, |(n, body)| async move {
            apps[n % apps.len()].deliver(body).await.expect(200);
        })
        .await;
    for app in apps {
        app.projected().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_shuffled_deliveries_leave_the_tables_of_a_single_one() {
    let samples = samples::all();
    let want = delivered_once(&samples).await;
    let seed = rand::rng().next_u64();
    println!("seed {seed}");
    each_database(async |app| {
        tenants(app).await;
        deliver_at_once(&[app], shuffled(&samples, seed)).await;
        assert_same(&dump(&app.engine.db).await, &want, "one process");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_on_one_database_leave_the_tables_of_a_single_delivery() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let samples = samples::all();
    let want = delivered_once(&samples).await;
    let seed = rand::rng().next_u64();
    println!("seed {seed}");
    let first = app(database.clone()).await;
    let second = first.beside().await;
    deliver_at_once(&[&first, &second], shuffled(&samples, seed)).await;
    assert_same(&dump(&first.engine.db).await, &want, "two processes");
    second.close().await;
    first.close().await;
    database.remove().await;
}

/// One person's chat, in which every order of delivery could show.
#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_one_persons_messages_and_statuses_does_not_show() {
    let seed = rand::rng().next_u64();
    println!("seed {seed}");
    let mut posts = Vec::new();
    for n in 0..12_i64 {
        let (at, wamid) = (1_780_000_000 + n * 60, format!("wamid.C{n}"));
        posts.push(webhook::post([webhook::text(
            &testkit::number(1),
            "34600000001",
            &wamid,
            at,
            &format!("line {n}"),
        )]));
        for (step, word) in ["sent", "delivered", "read"].into_iter().enumerate() {
            posts.push(webhook::post([webhook::status(
                &testkit::number(1),
                &format!("wamid.O{n}"),
                word,
                at + step as i64,
                &json!({}),
            )]));
        }
    }
    let posts: Vec<String> = posts.iter().map(Value::to_string).collect();
    let reference = app(TestDatabase::sqlite()).await;
    for post in &posts {
        reference.deliver(post.clone()).await.expect(200);
    }
    reference.projected().await;
    let want = dump(&reference.engine.db).await;
    reference.close().await;
    each_database(async |app| {
        tenants(app).await;
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let mut all: Vec<String> = std::iter::repeat_n(&posts, 3).flatten().cloned().collect();
        all.shuffle(&mut chance);
        deliver_at_once(&[app], all).await;
        assert_same(&dump(&app.engine.db).await, &want, "three times, shuffled");
    })
    .await;
}
