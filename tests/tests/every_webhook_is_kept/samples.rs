//! Every webhook that we have a sample of, with ids of its own.
//!
//! Ids and people repeat between the files, so each sample gets fresh ones by exchanging quoted strings
//! in its text: what else stands there, down to the white space and odd escapes, stays as it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use serde_json::value::RawValue;

/// How many tenants the samples are spread over.
pub(crate) const TENANTS: usize = 4;

/// One webhook body.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// Folder and file.
    pub(crate) name: String,
    /// As it is posted.
    pub(crate) body: String,
    /// As JSON; null when serde_json's own values cannot hold it (half a surrogate pair).
    pub(crate) json: Value,
}

/// The WABA of the `n`th tenant.
pub(crate) fn waba(n: usize) -> String {
    format!("30000000000000{n}")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Our own fixtures, and the payloads of other projects where they are at hand.
pub(crate) fn all() -> Vec<Sample> {
    let mut files = Vec::new();
    collect(&root().join("fixtures/meta/webhook"), &mut files);
    assert!(!files.is_empty(), "fixtures/meta/webhook is empty");
    let payloads = root().join("../shared/meta/payloads");
    if payloads.is_dir() {
        collect(&payloads, &mut files);
    } else {
        println!("SKIPPED the payloads of other projects: ../shared/meta/payloads is missing");
    }
    files
        .iter()
        .filter(|path| path.file_name().is_some_and(|name| name != "index.json"))
        .enumerate()
        .map(|(n, path)| fresh(n, path))
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut here: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    here.sort();
    for path in here {
        if path.is_dir() {
            collect(&path, files);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
}

fn fresh(n: usize, path: &Path) -> Sample {
    let tenant = n % TENANTS + 1;
    let mut body = fs::read_to_string(path).unwrap();
    let shape: Value = serde_json::from_str(&body).unwrap_or_else(|_| {
        // Only to find the ids: escapes that no Unicode text can hold do not matter for that.
        serde_json::from_str(&body.replace("\\ud", "\\u0d")).unwrap_or(Value::Null)
    });
    let mut exchange = BTreeMap::new();
    for entry in list(&shape, "entry") {
        if let Some(id) = entry["id"].as_str() {
            exchange.insert(id.to_owned(), waba(tenant));
        }
    }
    people_and_ids(n, "", &shape["entry"], &mut exchange);
    for entry in list(&shape, "entry") {
        for change in list(entry, "changes") {
            if let Some(id) = change["value"]["metadata"]["phone_number_id"].as_str() {
                exchange.insert(id.to_owned(), testkit::number(tenant));
            }
        }
    }
    // In two steps, because a new id of one may be an old id of another.
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let step = |at: usize| format!("\u{1}{at}\u{1}");
    for (at, old) in exchange.keys().enumerate() {
        body = body.replace(&quoted(old), &step(at));
    }
    for (at, new) in exchange.values().enumerate() {
        body = body.replace(&step(at), &quoted(new));
    }
    let json = serde_json::from_str(&body).unwrap_or(Value::Null);
    let folder = path
        .parent()
        .unwrap()
        .file_name()
        .unwrap()
        .to_string_lossy();
    let file = path.file_name().unwrap().to_string_lossy();
    Sample {
        name: format!("{folder}/{file}"),
        body,
        json,
    }
}

/// Members that name a person or a message.
const NAMING: [&str; 15] = [
    "id",
    "from",
    "to",
    "wa_id",
    "recipient_id",
    "user_id",
    "from_user_id",
    "to_user_id",
    "recipient_user_id",
    "parent_user_id",
    "from_parent_user_id",
    "message_id",
    "original_message_id",
    "group_id",
    "biz_opaque_callback_data",
];

fn people_and_ids(n: usize, key: &str, value: &Value, exchange: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                people_and_ids(n, key, value, exchange);
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| people_and_ids(n, key, item, exchange)),
        Value::String(text)
            if NAMING.contains(&key) && !text.is_empty() && !exchange.contains_key(text) =>
        {
            let is_phone =
                (7..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            let new = if is_phone {
                format!("346{:04}{:04}", n, exchange.len())
            } else {
                format!("{text}{n:04}")
            };
            exchange.insert(text.clone(), new);
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A member that should be a list.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

impl Sample {
    /// Its entries as they are written; `None` when the envelope itself is odd.
    fn entries(&self) -> Option<Vec<&RawValue>> {
        #[derive(serde::Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow)]
            entry: Vec<&'a RawValue>,
        }
        serde_json::from_str::<Envelope<'_>>(&self.body)
            .ok()
            .map(|envelope| envelope.entry)
    }

    /// Whether something about the body as a whole cannot be read: then it is parked whole, and cannot share a POST.
    pub(crate) fn is_odd(&self) -> bool {
        let says = engine::inbound::normalise(&self.body.clone().into(), domain::Timestamp(0));
        says.unreadable.is_some() || self.entries().is_none()
    }
}

/// One body that holds the entries of many samples.
pub(crate) fn together<'a>(samples: impl IntoIterator<Item = &'a Sample>) -> String {
    let entries: Vec<&str> = samples
        .into_iter()
        .filter_map(Sample::entries)
        .flatten()
        .map(RawValue::get)
        .collect();
    format!(
        r#"{{"object":"whatsapp_business_account","entry":[{}]}}"#,
        entries.join(",")
    )
}
