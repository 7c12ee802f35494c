//! `history`: the chats of a coexistence number, in chunks without order (page "onboarding-business-app-users").

use serde_json::value::RawValue;

use super::lenient;
use super::value::{Malformed, MessageItem, Tolerant, message};
use super::wire_error::WireError;

/// One element of `value.history`.
#[derive(Debug, Clone)]
pub struct HistoryChunk<'a> {
    /// The chunk as it came.
    pub raw: &'a RawValue,
    /// 0 = the last day, 1 = up to 90 days ago, 2 = up to 180 days ago.
    pub phase: Option<i64>,
    /// Place of the chunk in its phase.
    pub chunk_order: Option<i64>,
    /// Percent of the whole history that has come.
    pub progress: Option<i64>,
    /// Chats.
    pub threads: Vec<HistoryThread<'a>>,
    /// 2593109 when the business refused to share its history.
    pub errors: Vec<WireError>,
    /// Pieces that could not be read.
    pub malformed: Vec<Malformed<'a>>,
}

/// The chat with one user.
#[derive(Debug, Clone)]
pub struct HistoryThread<'a> {
    /// The user's phone number.
    pub id: Option<String>,
    /// The user's BSUID, where Meta gives it.
    pub user_id: Option<String>,
    /// Messages in both directions; `to` is set on the business's own.
    pub messages: Vec<Tolerant<'a, MessageItem<'a>>>,
}

impl<'a> HistoryChunk<'a> {
    pub(super) fn read(raw: &'a RawValue) -> Tolerant<'a, Self> {
        let Some(members) = lenient::members(raw) else {
            return Err(Malformed {
                raw,
                why: "not an object".to_owned(),
            });
        };
        let mut chunk = Self {
            raw,
            phase: None,
            chunk_order: None,
            progress: None,
            threads: Vec::new(),
            errors: Vec::new(),
            malformed: Vec::new(),
        };
        for (name, piece) in members {
            match name.as_ref() {
                "metadata" => chunk.read_metadata(piece),
                "threads" => chunk.read_threads(piece),
                "errors" => {
                    let errors = lenient::elements(piece).unwrap_or_default();
                    chunk.errors.extend(
                        errors
                            .into_iter()
                            .filter_map(|error| lenient::object(error).ok()),
                    );
                }
                _ => {}
            }
        }
        Ok(chunk)
    }

    fn read_metadata(&mut self, raw: &'a RawValue) {
        #[derive(Default, serde::Deserialize)]
        #[serde(default)]
        struct ChunkMetadata {
            #[serde(deserialize_with = "lenient::integer")]
            phase: Option<i64>,
            #[serde(deserialize_with = "lenient::integer")]
            chunk_order: Option<i64>,
            #[serde(deserialize_with = "lenient::integer")]
            progress: Option<i64>,
        }
        match lenient::object::<ChunkMetadata>(raw) {
            Ok(metadata) => {
                self.phase = metadata.phase;
                self.chunk_order = metadata.chunk_order;
                self.progress = metadata.progress;
            }
            Err(why) => self.malformed.push(Malformed {
                raw,
                why: format!("metadata: {why}"),
            }),
        }
    }

    fn read_threads(&mut self, raw: &'a RawValue) {
        let Some(threads) = lenient::elements(raw) else {
            self.malformed.push(Malformed {
                raw,
                why: "threads is not an array".to_owned(),
            });
            return;
        };
        for thread in threads {
            match HistoryThread::read(thread) {
                Some(thread) => self.threads.push(thread),
                None => self.malformed.push(Malformed {
                    raw: thread,
                    why: "not a thread".to_owned(),
                }),
            }
        }
    }

    /// Everything in this chunk that could not be read.
    pub fn all_malformed(&self) -> impl Iterator<Item = &Malformed<'a>> {
        let messages = self.threads.iter().flat_map(|thread| &thread.messages);
        self.malformed
            .iter()
            .chain(messages.filter_map(|item| item.as_ref().err()))
    }
}

impl<'a> HistoryThread<'a> {
    fn read(raw: &'a RawValue) -> Option<Self> {
        let mut thread = Self {
            id: None,
            user_id: None,
            messages: Vec::new(),
        };
        for (name, piece) in lenient::members(raw)? {
            match name.as_ref() {
                "id" => thread.id = lenient::scalar(piece),
                "user_id" => thread.user_id = lenient::scalar(piece),
                "messages" => thread
                    .messages
                    .extend(lenient::elements(piece)?.into_iter().map(message)),
                _ => {}
            }
        }
        Some(thread)
    }
}
