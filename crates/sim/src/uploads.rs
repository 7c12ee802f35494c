//! Resumable uploads: a session that takes a file piece by piece, and the handle that it ends with.

use std::collections::HashMap;

use crate::chance::Chance;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// What a sample of a template may be, with its largest size in bytes.
const KINDS: [(&str, u64); 5] = [
    ("image/jpeg", 5 * 1024 * 1024),
    ("image/jpg", 5 * 1024 * 1024),
    ("image/png", 5 * 1024 * 1024),
    ("application/pdf", 100 * 1024 * 1024),
    ("video/mp4", 16 * 1024 * 1024),
];

/// A session.
pub(crate) struct Upload {
    /// Whose token began it.
    pub(crate) user_id: String,
    pub(crate) mime_type: String,
    pub(crate) length: u64,
    /// Bytes that arrived.
    pub(crate) offset: u64,
    handle: String,
}

/// Sessions by id, and what is behind the handles of those that are complete.
#[derive(Default)]
pub(crate) struct Uploads {
    sessions: HashMap<String, Upload>,
    handles: HashMap<String, String>,
    begun: u64,
    /// The next piece breaks off after so many bytes, on command.
    pub(crate) break_after: Option<u64>,
}

/// The largest size of a type, in bytes; `None` for a type that is not taken.
pub(crate) fn most(mime_type: &str) -> Option<u64> {
    let known = KINDS.iter().find(|(kind, _)| *kind == mime_type);
    known.map(|(_, most)| *most)
}

/// The types that are taken.
pub(crate) fn kinds() -> String {
    KINDS.map(|(kind, _)| kind).join(", ")
}

impl Uploads {
    /// Begins a session; its id as the client gets it.
    pub(crate) fn begin(
        &mut self,
        chance: Chance,
        user_id: &str,
        mime_type: &str,
        length: u64,
        now_ms: u64,
    ) -> String {
        self.begun += 1;
        let secret = |what: &str| {
            let bits = chance.nth(what, user_id, self.begun);
            URL_SAFE_NO_PAD.encode(bits.to_be_bytes())
        };
        let id = format!(
            "upload:{}",
            URL_SAFE_NO_PAD.encode(format!("{user_id}:upload:{}", self.begun))
        );
        let handle = format!(
            "4::{}:AR{}:e:{}:{user_id}:AR{}",
            STANDARD_NO_PAD.encode(mime_type),
            secret("handle"),
            now_ms / 1_000 + 7 * 24 * 3_600,
            secret("handle-end"),
        );
        self.sessions.insert(
            id.clone(),
            Upload {
                user_id: user_id.to_owned(),
                mime_type: mime_type.to_owned(),
                length,
                offset: 0,
                handle,
            },
        );
        format!("{id}?sig=AR{}", secret("signature"))
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Upload> {
        self.sessions.get(id)
    }

    /// So many bytes more; the handle once it is all there.
    pub(crate) fn take(&mut self, id: &str, bytes: u64) -> Option<String> {
        let upload = self.sessions.get_mut(id)?;
        upload.offset += bytes;
        if upload.offset < upload.length {
            return None;
        }
        self.handles
            .insert(upload.handle.clone(), upload.mime_type.clone());
        Some(upload.handle.clone())
    }

    /// The MIME type behind a handle.
    pub(crate) fn behind(&self, handle: &str) -> Option<&str> {
        self.handles.get(handle).map(String::as_str)
    }
}
