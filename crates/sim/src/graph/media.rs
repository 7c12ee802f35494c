//! Media calls: upload, look up, delete, and the bytes behind the five-minute URL.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use serde_json::json;

use super::Reply;
use super::call::{Call, Caller, reaches};
use crate::error::{GraphError, GraphResult};
use crate::faults::Faults;
use crate::ids;
use crate::media::{Medium, UPLOAD_LIFE_MS, UPLOAD_TYPES, URL_LIFE_MS, kind_of, limit_for, sha256};
use crate::signature::hmac_sha256;
use crate::sim::Shared;
use crate::validate;
use crate::world::World;

/// `POST /{phone_number_id}/media`, multipart.
pub(super) fn upload(shared: &Shared, call: &Call, phone_number_id: &str) -> GraphResult<Reply> {
    validate::product(&call.params)?;
    let Some(file) = call.parts.iter().find(|part| part.name == "file") else {
        return Err(GraphError::missing("file"));
    };
    let declared = call.param("type").map(str::to_owned);
    let Some(mime_type) = declared.or_else(|| file.mime_type.clone()) else {
        return Err(GraphError::missing("type"));
    };
    let refused = || {
        GraphError::parameter(format!(
            "Param file must be a file with one of the following types: {UPLOAD_TYPES}. Received file of type '{mime_type}'."
        ))
    };
    let kind = kind_of(&mime_type).ok_or_else(refused)?;
    if file.bytes.is_empty() {
        return Err(GraphError::new(131053, "The file is empty."));
    }
    if contradicts(&mime_type, &file.bytes) {
        return Err(refused());
    }
    let still = kind == "sticker" && !moves(&file.bytes);
    let limit = limit_for(kind, &mime_type).map(|limit| {
        if still {
            limit.min(STILL_STICKER)
        } else {
            limit
        }
    });
    if limit.is_none_or(|limit| file.bytes.len() > limit) {
        return Err(GraphError::new(
            131053,
            format!(
                "File size {} is larger than the maximum for {kind}.",
                file.bytes.len()
            ),
        ));
    }
    let dies_ms = shared.clock.now_ms() + UPLOAD_LIFE_MS;
    // A copy: the request that the slice would hold on to may be much larger.
    let bytes = Bytes::copy_from_slice(&file.bytes);
    let mut world = shared.world();
    let id = put(
        shared,
        &mut world,
        phone_number_id,
        mime_type,
        bytes,
        dies_ms,
    );
    Ok(Reply::Json(json!({"id": id})))
}

/// Stores a medium for the account of a number; gives its id.
pub(crate) fn put(
    shared: &Shared,
    world: &mut World,
    phone_number_id: &str,
    mime_type: String,
    bytes: Bytes,
    dies_ms: u64,
) -> String {
    let count = world.media.next_count();
    let id = ids::numeric(shared.chance, "media", phone_number_id, count);
    let waba_id = world
        .numbers
        .get(phone_number_id)
        .map(|number| number.spec.waba_id.clone());
    let medium = Medium {
        phone_number_id: phone_number_id.to_owned(),
        waba_id: waba_id.unwrap_or_default(),
        mime_type,
        sha256: sha256(&bytes),
        bytes,
        dies_ms,
    };
    world.media.put(&id, medium);
    id
}

/// A sticker that does not move may have 100 KB.
const STILL_STICKER: usize = 100 * 1024;

/// Whether a WebP moves: the flags of its extended header say so.
fn moves(bytes: &[u8]) -> bool {
    bytes.get(12..16) == Some(b"VP8X") && bytes.get(20).is_some_and(|flags| flags & 2 != 0)
}

/// Whether the first bytes speak against the type; Meta looks into the file.
fn contradicts(mime_type: &str, bytes: &[u8]) -> bool {
    let starts: &[&[u8]] = match mime_type {
        "image/png" => &[b"\x89PNG"],
        "image/jpeg" => &[b"\xff\xd8"],
        "image/webp" => &[b"RIFF"],
        "application/pdf" => &[b"%PDF"],
        _ => return false,
    };
    !starts.iter().any(|start| bytes.starts_with(start))
}

/// The URL of a medium, good for five minutes of virtual time.
pub(crate) fn url(shared: &Shared, base_url: &str, id: &str) -> String {
    let dies = (shared.clock.now_ms() + URL_LIFE_MS) / 1_000;
    let hash = url_hash(shared, id, dies);
    format!("{base_url}/whatsapp_business/attachments/?mid={id}&ext={dies}&hash={hash}")
}

fn url_hash(shared: &Shared, id: &str, dies: u64) -> String {
    let digest = hmac_sha256(
        &shared.config.app_secret,
        format!("media {id} {dies}").as_bytes(),
    );
    hex::encode(&digest[..16])
}

/// The bytes on their way, damaged where that was asked for.
pub(super) fn download(
    shared: &Shared,
    faults: &Faults,
    draw: u64,
    mime_type: &str,
    bytes: Bytes,
) -> Response {
    let kind = HeaderValue::from_str(mime_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [(header::CONTENT_TYPE, kind)];
    let happens = |rate, name| shared.chance.happens(rate, name, "", draw);
    if happens(faults.media_cut_rate, "media-cut") {
        let length = HeaderValue::from(bytes.len());
        let half = bytes.slice(..bytes.len() / 2);
        let body = super::cut_short(half);
        return (headers, [(header::CONTENT_LENGTH, length)], body).into_response();
    }
    if happens(faults.media_corrupt_rate, "media-corrupt") {
        let mut wrong = bytes.to_vec();
        if let Some(byte) = wrong.last_mut() {
            *byte = !*byte;
        }
        return (headers, wrong).into_response();
    }
    (headers, bytes).into_response()
}

/// Whether a call about media fails, because that was asked for.
fn fails(shared: &Shared) -> GraphResult<()> {
    let rate = shared.faults().media_error_rate;
    if shared
        .chance
        .happens(rate, "media-error", "", shared.next_draw())
    {
        return Err(GraphError::new(131000, "This error was asked for."));
    }
    Ok(())
}

/// `GET /{media_id}`.
pub(super) fn node(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    fails(shared)?;
    let base_url = call.base_url(shared);
    let world = shared.world();
    let medium = owned(&world, shared, call, id)?;
    Ok(Reply::Json(json!({
        "messaging_product": "whatsapp",
        "url": url(shared, &base_url, id),
        "mime_type": medium.mime_type,
        "sha256": hex::encode(medium.sha256),
        "file_size": medium.bytes.len(),
        "id": id,
    })))
}

fn owned<'a>(world: &'a World, shared: &Shared, call: &Call, id: &str) -> GraphResult<&'a Medium> {
    let missing = || GraphError::no_object(&call.method, id);
    let medium = world
        .media
        .get(id, shared.clock.now_ms())
        .ok_or_else(missing)?;
    match call.param("phone_number_id") {
        Some(number) if number != medium.phone_number_id => Err(missing()),
        _ => Ok(medium),
    }
}

/// `DELETE /{media_id}`.
pub(super) fn delete(shared: &Shared, call: &Call, id: &str) -> GraphResult<Reply> {
    let mut world = shared.world();
    owned(&world, shared, call, id)?;
    world.media.remove(id);
    Ok(Reply::Json(json!({"success": true})))
}

/// The bytes; whatever is wrong with the URL, Meta says 404.
pub(super) fn bytes(shared: &Shared, call: &Call) -> GraphResult<Reply> {
    fails(shared)?;
    let gone = || GraphError::plain(404, 100, "(#100) The media could not be found.");
    let caller = call.caller(shared)?;
    let id = call.param("mid").ok_or_else(gone)?;
    let dies: u64 = call
        .param("ext")
        .and_then(|text| text.parse().ok())
        .ok_or_else(gone)?;
    let now_ms = shared.clock.now_ms();
    if dies * 1_000 <= now_ms || call.param("hash") != Some(url_hash(shared, id, dies).as_str()) {
        return Err(gone());
    }
    let world = shared.world();
    let medium = world.media.get(id, now_ms).ok_or_else(gone)?;
    match caller {
        Caller::System { known, .. } if reaches(&world, &medium.waba_id, &known) => {
            Ok(Reply::Bytes {
                mime_type: medium.mime_type.clone(),
                bytes: medium.bytes.clone(),
            })
        }
        _ => Err(gone()),
    }
}
