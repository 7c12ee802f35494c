//! Files. What a message brings is fetched from Meta at once and kept; what members upload is kept and given to Meta
//! when it is sent. The bytes lie in an object store, each content once for a tenant; none is held in memory whole.

mod fetch;
mod given;
mod keep;
mod kind;
mod mend;
mod open;
mod outgoing;
mod place;
mod queue;
mod sendable;
mod spool;
mod sweep;
mod thumbnail;
mod upload;
mod whole;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::TenantId;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

pub use keep::{NotKept, quota};
pub use kind::{Kind, TAKEN, ending, is_shown_inline};
pub use open::{Found, NotOpened, Opened, Stored, find, find_thumbnail, read};
pub(crate) use outgoing::{NotGiven, Resolved, names_ours, references, resolve, spoilt};
pub use place::{Bucket, Pieces, Place, StoreError};
pub use queue::{again, run, step};
pub(crate) use sendable::{Names, sendable};
pub use sweep::{orphans, tidy};
pub use upload::{Incoming, NotUploaded, Uploaded};

use place::Files;

/// Settings of files.
#[derive(Debug, Clone)]
pub struct MediaConfig {
    /// Where they are kept.
    pub place: Place,
    /// How many are fetched from Meta at once.
    pub fetches: usize,
    /// Bytes that a tenant may keep, where the platform has set nothing else for it; none: any number.
    pub quota: Option<u64>,
    /// Files that a tenant may upload at once.
    pub uploads: usize,
    /// Files that a tenant may upload a minute.
    pub uploads_per_minute: u32,
}

impl MediaConfig {
    /// The careful defaults for a place.
    pub fn at(place: Place) -> Self {
        Self {
            place,
            fetches: 16,
            quota: None,
            uploads: 4,
            uploads_per_minute: 120,
        }
    }
}

/// The open store of files and what is remembered about them. A part of the engine.
#[derive(Debug)]
pub struct Media {
    pub(crate) config: MediaConfig,
    files: Files,
    ids: outgoing::Ids,
    uploading: Mutex<HashMap<TenantId, upload::Pace>>,
    /// Rung when there is something to fetch.
    pub(crate) bell: Notify,
    decoder: Arc<Semaphore>,
}

impl Media {
    /// Opens the store.
    ///
    /// # Errors
    /// When the folder cannot be made, or the bucket's settings are wrong.
    pub fn open(config: MediaConfig) -> Result<Self, StoreError> {
        Ok(Self {
            files: Files::open(&config.place)?,
            config,
            ids: outgoing::Ids::default(),
            uploading: Mutex::default(),
            bell: Notify::new(),
            decoder: Arc::new(Semaphore::new(1)),
        })
    }

    /// Decodes a picture away from the threads that serve, one at a time. A panic of a decoder is a failure.
    async fn decoding<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        let turn: OwnedSemaphorePermit = self
            .decoder
            .clone()
            .acquire_owned()
            .await
            .map_err(|error| error.to_string())?;
        let task = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        task.await
            .unwrap_or_else(|error| Err(format!("the decoder gave up: {error}")))
    }

    fn uploading(&self) -> std::sync::MutexGuard<'_, HashMap<TenantId, upload::Pace>> {
        self.uploading
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
