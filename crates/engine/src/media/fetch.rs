//! One try to fetch a file from Meta: by the address in the webhook while that is fresh, else by its id.

use std::time::Duration;

use meta::graph::{GraphCallError, MediaStream};
use meta::limits;
use secrecy::SecretString;
use serde_json::Value;
use store::media::accounts;
use store::media::of_messages::Due;

use super::given::{Said, digest, plain_type, said};
use super::keep::{self, Kept, NotKept};
use super::spool::Spool;
use crate::Engine;
use crate::shared_account::{Unreached, access};

/// 100 MB over a slow line.
const TIME_LIMIT: Duration = Duration::from_secs(600);
/// The address in a webhook works for five minutes; near its end the id is asked instead.
const URL_FRESH: Duration = Duration::from_secs(4 * 60);
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// What can only be mended by somebody (token, assignment, quota) is looked at again after this.
pub(super) const WAITS_FOR_SOMEBODY: Duration = Duration::from_secs(900);
/// So many times Meta has to say that it does not have a file before that is believed.
const BELIEVED: i64 = 3;

/// What became of a try.
#[derive(Debug)]
pub(super) enum Outcome {
    Stored(Kept),
    Later { pause: Duration, why: String },
    Never { state: &'static str, why: String },
    OverQuota(String),
}

/// 2 s, 6 s, 18 s … up to ten minutes, each a little different.
fn pause(attempts: i64) -> Duration {
    let steps = u32::try_from(attempts.clamp(0, 6)).unwrap_or(0);
    let whole = Duration::from_secs(2 * 3_u64.pow(steps)).min(LONGEST_PAUSE);
    whole.mul_f64(rand::random_range(0.8..1.2))
}

/// Fetches a medium once and keeps it; its outcome is recorded by the caller.
pub(super) async fn fetch(engine: &Engine, due: &Due) -> Outcome {
    let content: Value = serde_json::from_str(&due.content).unwrap_or_default();
    let said = said(&due.kind, &content);
    let Some((id, said)) = said.and_then(|said| Some((said.id.clone()?, said))) else {
        return never("the message names no file");
    };
    match accounts::get(&engine.db, due.tenant_id).await {
        Ok(account) => {
            if let Err(full) = keep::within(engine, &account, 1) {
                return Outcome::OverQuota(full.to_string());
            }
        }
        Err(error) => return later(due, error.to_string()),
    }
    let (token, waba_id) = match access::of_number(engine, &due.phone_number_id).await {
        Ok(access) => (access.token, access.number.waba_id),
        Err(error @ (Unreached::NoNumber | Unreached::NoToken)) => {
            return wait(error.to_string());
        }
        Err(error) => return later(due, error.to_string()),
    };
    let mut why_not_by_url = None;
    if let Some(url) = &said.url
        && engine.clock.now().since(due.created_at) < URL_FRESH
    {
        match by_url(engine, due, &token, url, &said, &[said.sha256.as_deref()]).await {
            Ok(outcome) => return outcome,
            // The address in the webhook is a shortcut; whatever is wrong with it, the id decides.
            Err(error) => why_not_by_url = Some(error),
        }
    }
    let number = Some(due.phone_number_id.as_str());
    let place = match engine.graph.media_url(&token, &id, number).await {
        Ok(place) => place,
        Err(error) => {
            crate::health::tokens::heed(engine, &waba_id, &error);
            return refused(due, &error);
        }
    };
    let Some(url) = &place.url else {
        return later(due, "WhatsApp gave no address for the file".to_owned());
    };
    if let Some(size) = place.file_size.and_then(|size| u64::try_from(size).ok())
        && size > most(said.kind)
    {
        return too_large(said.kind, size);
    }
    let mut said = said;
    if let Some(mime_type) = &place.mime_type {
        said.mime_type = Some(plain_type(mime_type));
    }
    let digests = [said.sha256.clone(), place.sha256];
    let digests: Vec<_> = digests.iter().map(Option::as_deref).collect();
    match by_url(engine, due, &token, url, &said, &digests).await {
        Ok(outcome) => outcome,
        Err(NotFetched::Call(error)) => {
            // 404 is an address that has ended: the next try asks for a new one.
            later(due, format!("the file did not come: {error}"))
        }
        Err(NotFetched::Broken(why)) => {
            tracing::warn!(message = %due.message_id, why = %why, by_url = ?why_not_by_url, "a file came broken");
            later(due, why)
        }
    }
}

/// Why a file did not come whole.
#[derive(Debug)]
enum NotFetched {
    Call(GraphCallError),
    Broken(String),
}

async fn by_url(
    engine: &Engine,
    due: &Due,
    token: &SecretString,
    url: &str,
    said: &Said,
    digests: &[Option<&str>],
) -> Result<Outcome, NotFetched> {
    let stream = engine
        .graph
        .open_media(token, url, u64::MAX, TIME_LIMIT)
        .await
        .map_err(NotFetched::Call)?;
    if let Some(length) = stream.length.filter(|length| *length > most(said.kind)) {
        return Ok(too_large(said.kind, length));
    }
    let mime_type = said
        .mime_type
        .clone()
        .or_else(|| stream.content_type.as_deref().map(plain_type))
        .unwrap_or_default();
    let mut spool = match Spool::new(&engine.media.files) {
        Ok(spool) => spool,
        Err(error) => {
            return Ok(later(
                due,
                format!("there is no room for the file: {error}"),
            ));
        }
    };
    if let Some(outcome) = pour(due, said, stream, &mut spool).await? {
        return Ok(outcome);
    }
    let expected: Vec<_> = digests
        .iter()
        .flatten()
        .filter_map(|text| digest(text))
        .collect();
    if !expected.is_empty() && !expected.contains(&spool.sha256()) {
        let why = "the file came damaged: its SHA-256 is not the one that WhatsApp named";
        return Err(NotFetched::Broken(why.to_owned()));
    }
    Ok(
        match keep::keep(engine, due.tenant_id, &mut spool, said.kind, &mime_type).await {
            Ok(kept) => Outcome::Stored(kept),
            Err(error @ NotKept::OverQuota { .. }) => Outcome::OverQuota(error.to_string()),
            Err(error) => later(due, error.to_string()),
        },
    )
}

/// Takes the bytes in; an outcome when they are not to be kept.
async fn pour(
    due: &Due,
    said: &Said,
    mut stream: MediaStream,
    spool: &mut Spool,
) -> Result<Option<Outcome>, NotFetched> {
    let length = stream.length;
    while let Some(piece) = stream.chunk().await.map_err(NotFetched::Call)? {
        if spool.bytes + piece.len() as u64 > most(said.kind) {
            return Ok(Some(too_large(said.kind, spool.bytes + piece.len() as u64)));
        }
        if let Err(error) = spool.push(&piece).await {
            let why = format!("there is no room for the file: {error}");
            return Ok(Some(later(due, why)));
        }
    }
    if length.is_some_and(|length| length != spool.bytes) || spool.bytes == 0 {
        let why = format!("the file broke off after {}", keep::size(spool.bytes));
        return Err(NotFetched::Broken(why));
    }
    Ok(None)
}

/// Bytes that a received file of a kind may have. People's phones may send more than businesses may; this stops
/// only what is no such file.
fn most(kind: &str) -> u64 {
    match kind {
        "sticker" => 2 * limits::STICKER_ANIMATED_MAX_BYTES,
        "image" => 5 * limits::IMAGE_MAX_BYTES,
        _ => limits::DOCUMENT_MAX_BYTES,
    }
}

fn refused(due: &Due, error: &GraphCallError) -> Outcome {
    match error {
        GraphCallError::Refused(refused)
            if refused.http_status == 404 || (refused.code, refused.subcode) == (100, Some(33)) =>
        {
            if due.attempts + 1 >= BELIEVED {
                never("WhatsApp does not have this file any more")
            } else {
                later(
                    due,
                    "WhatsApp says that it does not have this file; it is asked again".to_owned(),
                )
            }
        }
        // The token has ended or may not: somebody has to mend that, and the file waits for it.
        GraphCallError::Refused(refused)
            if matches!(refused.code, 0 | 3 | 10 | 102 | 190 | 200..=299) =>
        {
            wait(format!(
                "WhatsApp does not accept the platform's access token (code {}); the file waits until that is mended",
                refused.code
            ))
        }
        GraphCallError::Refused(refused) => later(
            due,
            format!(
                "WhatsApp refused with code {}: {}",
                refused.code, refused.message
            ),
        ),
        error @ (GraphCallError::Transport(_)
        | GraphCallError::NotMeta { .. }
        | GraphCallError::NotAllowed(_)) => {
            later(due, format!("WhatsApp cannot be reached: {error}"))
        }
    }
}

fn later(due: &Due, why: String) -> Outcome {
    Outcome::Later {
        pause: pause(due.attempts),
        why,
    }
}

fn wait(why: String) -> Outcome {
    Outcome::Later {
        pause: WAITS_FOR_SOMEBODY,
        why,
    }
}

fn never(why: &str) -> Outcome {
    Outcome::Never {
        state: "gone",
        why: why.to_owned(),
    }
}

fn too_large(kind: &str, bytes: u64) -> Outcome {
    Outcome::Never {
        state: "too_large",
        why: format!(
            "{} is more than the {} that are kept of this kind",
            keep::size(bytes),
            keep::size(most(kind))
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_ten_minutes_and_no_further() {
        for (attempts, least, most) in [
            (0, 1, 3),
            (1, 4, 8),
            (3, 40, 66),
            (6, 480, 720),
            (999, 480, 720),
        ] {
            let seconds = pause(attempts).as_secs();
            assert!((least..=most).contains(&seconds), "{attempts}: {seconds} s");
        }
    }
}
