//! Who may do what: every route × every role, as `table.txt` says. A route without a row fails, and so
//! does a row without a route. `UPDATE_PERMISSIONS=1` writes what was answered into the table, to be read.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

mod asking;
mod world;

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;
use testkit::each_database;
use world::World;

/// The columns of the table, in order; `world` says who each is.
const ROLES: [&str; 11] = [
    "nobody", "viewer", "agent", "own", "manager", "owner", "foreign", "key", "narrow", "admin",
    "adminkey",
];

fn table() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/permissions/table.txt")
}

/// Every route of the API's description, as `GET /path`.
fn routes() -> BTreeSet<String> {
    let document: Value = serde_json::to_value(trunkline_http::openapi()).unwrap();
    let mut routes = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let verbs = item.as_object().unwrap().keys().filter(|key| {
            ["get", "put", "post", "delete", "patch", "head", "options"].contains(&key.as_str())
        });
        routes.extend(verbs.map(|verb| format!("{} {path}", verb.to_uppercase())));
    }
    routes
}

/// The rows: a route and a status for each role.
fn rows(text: &str) -> Vec<(String, Vec<u16>)> {
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (route, statuses) = line.split_once('|').expect("route | statuses");
            let statuses: Vec<u16> = statuses
                .split_whitespace()
                .map(|status| status.parse().expect("a status"))
                .collect();
            assert_eq!(statuses.len(), ROLES.len(), "{line}");
            (
                route.split_whitespace().collect::<Vec<_>>().join(" "),
                statuses,
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_every_role_as_the_table_says() {
    let update = std::env::var_os("UPDATE_PERMISSIONS").is_some();
    let text = std::fs::read_to_string(table()).unwrap();
    let rows = rows(&text);
    let known: BTreeSet<String> = rows.iter().map(|(route, _)| route.clone()).collect();
    let routes = routes();
    let missing: Vec<_> = routes.difference(&known).cloned().collect();
    let gone: Vec<_> = known.difference(&routes).collect();
    assert!(
        update || missing.is_empty() && gone.is_empty(),
        "routes without a row: {missing:#?}; rows without a route: {gone:#?}"
    );
    let wanted: Vec<_> = rows
        .iter()
        .filter(|(route, _)| routes.contains(route))
        .cloned()
        .chain(
            missing
                .into_iter()
                .map(|route| (route, vec![0; ROLES.len()])),
        )
        .collect();
    each_database(async |app| {
        let world = World::new(app).await;
        let mut wrong = Vec::new();
        let mut answered = Vec::new();
        for (route, statuses) in &wanted {
            let mut got = Vec::new();
            for (role, status) in ROLES.into_iter().zip(statuses) {
                let (code, text) = asking::ask(&world, role, route).await;
                got.push(code);
                if code != *status {
                    wrong.push(format!(
                        "{route}, {role}: {code} instead of {status}: {text}"
                    ));
                }
                if code >= 400 && route.contains("/api/") && !text.contains("\"code\":") {
                    wrong.push(format!("{route}, {role}: no problem document: {text}"));
                }
            }
            answered.push((route.clone(), got));
        }
        if update {
            write(&text, &answered);
            println!("the table was written anew; read it before you keep it");
            return;
        }
        assert!(
            wrong.is_empty(),
            "{} of the table:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    })
    .await;
}

fn write(before: &str, answered: &[(String, Vec<u16>)]) {
    let head: Vec<_> = before
        .lines()
        .take_while(|line| line.starts_with('#'))
        .collect();
    let mut text = head.join("\n");
    let columns: Vec<_> = ROLES.iter().map(|role| format!("{role:>8}")).collect();
    text.push_str(&format!("\n\n# {:<66}{}\n", "route", columns.join(" ")));
    for (route, statuses) in answered {
        let cells: Vec<_> = statuses
            .iter()
            .map(|status| format!("{status:>8}"))
            .collect();
        text.push_str(&format!("{route:<66} |{}\n", cells.join(" ")));
    }
    std::fs::write(table(), text).unwrap();
}
