//! Every code of Meta's is explained in both languages of the web application.

use std::collections::BTreeMap;

use serde_json::Value;

/// `131047` or `200-299`.
fn holds(key: &str, code: i64) -> bool {
    let (first, last) = key.split_once('-').unwrap_or((key, key));
    let (first, last): (i64, i64) = (first.parse().unwrap(), last.parse().unwrap());
    (first..=last).contains(&code)
}

#[test]
fn every_code_and_every_remedy_is_told_in_spanish_as_well() {
    let read = |path: &str| -> Value {
        let path = format!("{}/../web/src/lib/{path}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        serde_json::from_str(&text).unwrap()
    };
    let spanish: BTreeMap<String, String> =
        serde_json::from_value(read("outcome/codes.es.json")).unwrap();
    let missing: Vec<_> = meta::errors::all()
        .map(|row| row.code)
        .filter(|code| !spanish.keys().any(|key| holds(key, *code)))
        .collect();
    assert!(
        missing.is_empty(),
        "web/src/lib/outcome/codes.es.json lacks {:?}",
        &missing[..missing.len().min(20)]
    );
    let unknown: Vec<_> = spanish
        .keys()
        .filter(|key| !meta::errors::all().any(|row| holds(key, row.code)))
        .collect();
    assert!(unknown.is_empty(), "nobody asks for {unknown:?}");
    let empty: Vec<_> = spanish.iter().filter(|(_, text)| text.len() < 25).collect();
    assert!(empty.is_empty(), "{empty:?}");
    for language in ["en", "es"] {
        let words = read(&format!("i18n/{language}.json"));
        for remedy in meta::errors::Remedy::ALL {
            let key = format!("remedy.{}", remedy.as_str());
            assert!(words.get(&key).is_some(), "{language}.json lacks {key}");
        }
    }
}
