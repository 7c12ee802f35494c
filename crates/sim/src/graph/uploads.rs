//! `POST /{app}/uploads`, then `POST /upload:…` piece by piece ("Resumable Upload API").

use serde_json::json;

use super::Reply;
use super::call::{Call, Caller};
use crate::error::{GraphError, GraphResult};
use crate::sim::Shared;
use crate::uploads::{kinds, most};

fn user(caller: &Caller) -> GraphResult<&str> {
    match caller {
        Caller::System { known, .. } => Ok(&known.user_id),
        Caller::App => Err(GraphError::plain(
            400,
            2500,
            "An active access token must be used to upload a file.",
        )),
    }
}

/// Begins a session.
pub(super) fn begin(shared: &Shared, call: &Call, caller: &Caller) -> GraphResult<Reply> {
    if call.method != "POST" {
        return Err(GraphError::unsupported(&call.method));
    }
    let user = user(caller)?;
    let length = call.number("file_length").filter(|length| *length > 0);
    let length = length.ok_or_else(|| GraphError::missing("file_length"))?;
    let mime_type = call
        .param("file_type")
        .ok_or_else(|| GraphError::missing("file_type"))?;
    let Some(most) = most(mime_type) else {
        return Err(GraphError::parameter(format!(
            "Param file_type must be one of {{{}}} - got \"{mime_type}\".",
            kinds()
        )));
    };
    if length > most {
        return Err(GraphError::parameter(format!(
            "Param file_length is too large: {mime_type} can have {most} bytes."
        )));
    }
    let now_ms = shared.clock.now_ms();
    let id = shared
        .world()
        .uploads
        .begin(shared.chance, user, mime_type, length, now_ms);
    Ok(Reply::Json(json!({"id": id})))
}

/// One more piece, or how much is there.
pub(super) fn session(
    shared: &Shared,
    call: &Call,
    caller: &Caller,
    id: &str,
) -> GraphResult<Reply> {
    let user = user(caller)?;
    let mut world = shared.world();
    let upload = world.uploads.get(id).filter(|known| known.user_id == user);
    let upload = upload.ok_or_else(|| GraphError::no_object(&call.method, id))?;
    match call.method.as_str() {
        "GET" => Ok(Reply::Json(json!({"id": id, "file_offset": upload.offset}))),
        "POST" => {
            let Some(offset) = call.file_offset else {
                return Err(GraphError::parameter("The header file_offset is required."));
            };
            if offset != upload.offset {
                return Err(GraphError::parameter(format!(
                    "Invalid file_offset: {} bytes are there, the piece begins at {offset}.",
                    upload.offset
                )));
            }
            let given = call.body.len() as u64;
            if offset + given > upload.length {
                return Err(GraphError::parameter(format!(
                    "The file has more bytes than its file_length of {}.",
                    upload.length
                )));
            }
            if let Some(kept) = world.uploads.break_after.take() {
                // What came before the connection broke is kept, unless it is all of it.
                world.uploads.take(id, kept.min(given.saturating_sub(1)));
                return Ok(Reply::Nothing);
            }
            let handle = world.uploads.take(id, given);
            Ok(Reply::Json(match handle {
                Some(handle) => json!({"h": handle}),
                None => json!({"id": id, "file_offset": offset + given}),
            }))
        }
        other => Err(GraphError::unsupported(other)),
    }
}
