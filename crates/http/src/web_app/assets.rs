//! The embedded files, each in the forms that it was built in: as it is, and compressed beside it
//! (`start.js`, `start.js.br`, `start.js.gz`).

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use axum::http::HeaderValue;
use bytes::Bytes;
use rust_embed::Embed;
use sha2::{Digest as _, Sha256};

use super::negotiate::Accepted;
use super::{INDEX, policy};

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/build"]
#[exclude = "*.map"]
struct Built;

/// Every file, by its path without a slash before it.
pub(super) struct Assets {
    files: HashMap<String, Asset>,
    own_scripts: String,
    policy: HeaderValue,
}

/// One file.
pub(super) struct Asset {
    pub(super) content_type: HeaderValue,
    plain: Form,
    brotli: Option<Form>,
    gzip: Option<Form>,
}

/// A file's bytes as they are sent.
pub(super) struct Form {
    pub(super) bytes: Bytes,
    /// `Content-Encoding`.
    pub(super) encoding: Option<&'static str>,
    /// Strong: other forms of the file have others.
    pub(super) etag: HeaderValue,
}

impl Form {
    fn new(bytes: Bytes, encoding: Option<&'static str>) -> Self {
        let digest = hex::encode(&Sha256::digest(&bytes)[..12]);
        let etag = HeaderValue::from_str(&format!("\"{digest}\""));
        Self {
            bytes,
            encoding,
            // Hex in quotes: always a header's value.
            etag: etag.unwrap_or(HeaderValue::from_static("\"\"")),
        }
    }
}

impl Asset {
    /// The smallest form that the client takes.
    pub(super) fn form(&self, accepted: Accepted) -> &Form {
        let brotli = self.brotli.as_ref().filter(|_| accepted.brotli);
        let gzip = self.gzip.as_ref().filter(|_| accepted.gzip);
        brotli.or(gzip).unwrap_or(&self.plain)
    }

    /// Whether the answer depends on what the client takes.
    pub(super) fn is_negotiated(&self) -> bool {
        self.brotli.is_some() || self.gzip.is_some()
    }
}

impl Assets {
    /// The files in this program.
    pub(super) fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Assets> = LazyLock::new(|| {
            Assets::of(Built::iter().filter_map(|name| {
                let bytes = match Built::get(&name)?.data {
                    Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                    Cow::Owned(bytes) => Bytes::from(bytes),
                };
                Some((name.into_owned(), bytes))
            }))
        });
        &EMBEDDED
    }

    /// Files of these names.
    pub(super) fn of(files: impl Iterator<Item = (String, Bytes)>) -> Self {
        let mut all: HashMap<String, Bytes> = files.collect();
        let names: Vec<String> = all.keys().cloned().collect();
        let mut compressed = |name: &str, ending: &str, encoding| {
            all.remove(&format!("{name}.{ending}"))
                .map(|bytes| Form::new(bytes, Some(encoding)))
        };
        let mut forms = HashMap::new();
        for name in names.iter().filter(|name| !is_compressed(name)) {
            let pair = (compressed(name, "br", "br"), compressed(name, "gz", "gzip"));
            forms.insert(name.clone(), pair);
        }
        // What is left are the originals.
        let files: HashMap<String, Asset> = all
            .into_iter()
            .map(|(name, bytes)| {
                let (brotli, gzip) = forms.remove(&name).unwrap_or_default();
                let asset = Asset {
                    content_type: content_type(&name),
                    plain: Form::new(bytes, None),
                    brotli,
                    gzip,
                };
                (name, asset)
            })
            .collect();
        let page = files.get(INDEX).map(|page| page.plain.bytes.clone());
        let own_scripts = policy::own_scripts(&String::from_utf8_lossy(&page.unwrap_or_default()));
        let policy = policy::of_scripts(&own_scripts);
        Self {
            files,
            own_scripts,
            policy,
        }
    }

    /// A file by its path without a slash before it.
    pub(super) fn get(&self, name: &str) -> Option<&Asset> {
        self.files.get(name)
    }

    /// The scripts of the page that are ours, as a content security policy names them.
    pub(super) fn own_scripts(&self) -> &str {
        &self.own_scripts
    }

    /// The content security policy of the page.
    pub(super) fn policy(&self) -> HeaderValue {
        self.policy.clone()
    }
}

fn is_compressed(name: &str) -> bool {
    [".br", ".gz"].iter().any(|ending| name.ends_with(ending))
}

fn content_type(name: &str) -> HeaderValue {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    HeaderValue::from_static(match ending {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "wasm" => "application/wasm",
        "mp3" => "audio/mpeg",
        _ => "application/octet-stream",
    })
}
