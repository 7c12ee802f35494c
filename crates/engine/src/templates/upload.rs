//! The sample of a header's file, on its way to Meta: what breaks off goes on where Meta stands.

use std::time::Duration;

use bytes::Bytes;
use domain::TenantId;
use meta::graph::{GraphCallError, Uploading};

use super::act::access_of;
use crate::Engine;
use crate::shared_account::Unreached;

/// How often an upload that broke off is gone on with.
const TRIES: u64 = 4;
/// How long one piece of it may take.
const TIME: Duration = Duration::from_secs(120);

/// A file that is to be the sample of a header.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Its name.
    pub name: String,
    /// Its type, such as `image/png`.
    pub mime_type: String,
    /// What it holds.
    pub bytes: Bytes,
}

/// Why there is no handle.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The platform's app is not set up.
    #[error(
        "the platform's app is not set up, so WhatsApp takes no samples; ask the platform's support"
    )]
    NoApp,
    /// The tenant sends from no account, or Meta refused or did not answer.
    #[error(transparent)]
    Unreached(#[from] Unreached),
}

/// Uploads a sample. Gives the handle that a header names.
///
/// # Errors
/// [`UploadError`].
pub async fn upload(
    engine: &Engine,
    tenant: TenantId,
    sample: &Sample,
) -> Result<String, UploadError> {
    let app = engine.platform.now().app_id.clone();
    let app = app.ok_or(UploadError::NoApp)?;
    let (_, token) = access_of(engine, tenant, None).await?;
    let bytes = sample.bytes.len() as u64;
    let begun = engine
        .graph
        .begin_upload(&token, &app, &sample.name, &sample.mime_type, bytes)
        .await;
    let session = begun.map_err(Unreached::Meta)?;
    let mut at = 0;
    let mut attempt = 0;
    loop {
        attempt += 1;
        let place = usize::try_from(at).unwrap_or(usize::MAX);
        let rest = sample.bytes.slice(place.min(sample.bytes.len())..);
        let sent = engine
            .graph
            .go_on_uploading(&token, &session, at, rest, TIME)
            .await;
        let error = match sent {
            Ok(Uploading::Done(handle)) => return Ok(handle),
            Ok(Uploading::At(place)) => {
                at = place;
                GraphCallError::Transport("the upload stopped half way".to_owned())
            }
            Err(error) => error,
        };
        let final_word = matches!(&error, GraphCallError::Refused(refusal)
            if !refusal.is_transient && refusal.http_status < 500);
        if final_word || attempt == TRIES {
            return Err(Unreached::Meta(error).into());
        }
        tokio::time::sleep(Duration::from_millis(200 * attempt)).await;
        if let Ok(Uploading::At(place)) = engine.graph.upload_stands(&token, &session).await {
            at = place;
        }
    }
}
