//! What replaces the compile-time check of queries, and keeps the two schemas twins.

use std::collections::BTreeMap;

use crate::databases::{Databases, postgres};

#[tokio::test]
async fn every_statement_prepares_on_every_database() {
    for fresh in Databases::new().each().await {
        let mut wrong = Vec::new();
        for (name, sql) in store::statements() {
            if let Err(error) = fresh.db.prepare(sql).await {
                wrong.push(format!("{name} on {:?}: {error}", fresh.address));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn every_module_with_statements_is_registered() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let mut declared = 0;
    let mut folders = vec![std::path::PathBuf::from(source)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read_to_string(&path)
                .unwrap()
                .lines()
                .any(|line| line == "statements! {")
            {
                declared += 1;
            }
        }
    }
    let registered: std::collections::BTreeSet<_> = store::statements()
        .into_iter()
        .map(|(name, _)| name.rsplit_once("::").unwrap().0.to_owned())
        .collect();
    assert_eq!(
        declared,
        registered.len(),
        "a module declares statements! and is not listed in store::statements()"
    );
}

#[tokio::test]
async fn both_schemas_have_the_same_tables_columns_and_indexes() {
    let databases = Databases::new();
    let sqlite = databases.sqlite().await;
    let Some(postgres) = postgres().await else {
        return;
    };
    let ours = shape(&store::db::describe(&sqlite.db).await.unwrap());
    let theirs = shape(&store::db::describe(&postgres.db).await.unwrap());
    assert!(ours.len() > 10, "no schema was read");
    for (table, parts) in &ours {
        assert_eq!(Some(parts), theirs.get(table), "{table}");
    }
    let (ours, theirs): (Vec<_>, Vec<_>) = (ours.keys().collect(), theirs.keys().collect());
    assert_eq!(ours, theirs);
}

fn shape(lines: &[(String, String)]) -> BTreeMap<String, Vec<String>> {
    let mut map: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (table, part) in lines {
        map.entry(table.clone()).or_default().push(part.clone());
    }
    for parts in map.values_mut() {
        parts.sort();
    }
    map
}
