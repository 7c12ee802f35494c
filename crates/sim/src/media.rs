//! Media: bytes, ids that die, URLs that die sooner.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use sha2::{Digest, Sha256};

const DAY_MS: u64 = 24 * 3_600 * 1_000;
/// An uploaded id lives 30 days, one from a webhook 7 (Meta, 2025-10-09).
pub(crate) const UPLOAD_LIFE_MS: u64 = 30 * DAY_MS;
pub(crate) const INBOUND_LIFE_MS: u64 = 7 * DAY_MS;
/// A URL lives five minutes.
pub(crate) const URL_LIFE_MS: u64 = 5 * 60 * 1_000;

#[derive(Clone)]
pub(crate) struct Medium {
    pub(crate) phone_number_id: String,
    pub(crate) waba_id: String,
    pub(crate) mime_type: String,
    pub(crate) bytes: Bytes,
    pub(crate) sha256: [u8; 32],
    pub(crate) dies_ms: u64,
}

pub(crate) struct MediaShelf {
    items: BTreeMap<String, Medium>,
    order: VecDeque<String>,
    held: usize,
    limit: usize,
    count: u64,
}

impl MediaShelf {
    pub(crate) const fn new(limit: usize) -> Self {
        Self {
            items: BTreeMap::new(),
            order: VecDeque::new(),
            held: 0,
            limit,
            count: 0,
        }
    }

    /// Counts uploads; the next id is drawn from it.
    pub(crate) const fn next_count(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    pub(crate) fn put(&mut self, id: &str, medium: Medium) {
        self.held += medium.bytes.len();
        self.order.push_back(id.to_owned());
        self.items.insert(id.to_owned(), medium);
        while self.held > self.limit && self.order.len() > 1 {
            if let Some(oldest) = self.order.pop_front() {
                self.remove(&oldest);
            }
        }
    }

    /// A medium whose id still lives.
    pub(crate) fn get(&self, id: &str, now_ms: u64) -> Option<&Medium> {
        self.items.get(id).filter(|medium| medium.dies_ms > now_ms)
    }

    pub(crate) fn remove(&mut self, id: &str) -> bool {
        self.items.remove(id).is_some_and(|gone| {
            self.held -= gone.bytes.len();
            true
        })
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The kinds a MIME type may serve as, with their largest size in bytes (Meta's table of media types).
pub(crate) fn limit_for(kind: &str, mime_type: &str) -> Option<usize> {
    const MEGABYTE: usize = 1024 * 1024;
    let mime = mime_type.split(';').next().unwrap_or_default().trim();
    let fits = match kind {
        "image" => matches!(mime, "image/jpeg" | "image/png"),
        "sticker" => mime == "image/webp",
        "video" => matches!(mime, "video/mp4" | "video/3gpp"),
        "audio" => matches!(
            mime,
            "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg"
        ),
        _ => mime.contains('/'),
    };
    let megabytes = match kind {
        "image" => 5,
        "video" | "audio" => 16,
        "document" => 100,
        _ => return fits.then_some(500 * 1024),
    };
    fits.then_some(megabytes * MEGABYTE)
}

/// The kind an upload of this type belongs to.
pub(crate) fn kind_of(mime_type: &str) -> Option<&'static str> {
    const DOCUMENTS: [&str; 8] = [
        "text/plain",
        "application/pdf",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ];
    let mime = mime_type.split(';').next().unwrap_or_default().trim();
    ["image", "sticker", "video", "audio"]
        .into_iter()
        .find(|kind| limit_for(kind, mime).is_some())
        .or_else(|| DOCUMENTS.contains(&mime).then_some("document"))
}

/// What Meta lists when it refuses an upload.
pub(crate) const UPLOAD_TYPES: &str = "audio/aac, audio/mp4, audio/mpeg, audio/amr, audio/ogg, audio/opus, \
    application/vnd.ms-powerpoint, application/msword, \
    application/vnd.openxmlformats-officedocument.wordprocessingml.document, \
    application/vnd.openxmlformats-officedocument.presentationml.presentation, \
    application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, application/pdf, text/plain, \
    application/vnd.ms-excel, image/jpeg, image/png, image/webp, video/mp4, video/3gpp";
