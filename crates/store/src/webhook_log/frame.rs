//! The bytes of a frame: for each post 8 bytes of time, 4 bytes of length, the body as it came.

use bytes::Bytes;
use domain::Timestamp;

use crate::db::{DbError, Result};

/// One webhook POST as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// When it came.
    pub received_at: Timestamp,
    /// The raw body.
    pub body: Bytes,
}

const HEAD: usize = 12;

pub(super) fn encode(posts: &[Post]) -> Vec<u8> {
    let size = posts.iter().map(|post| HEAD + post.body.len()).sum();
    let mut out = Vec::with_capacity(size);
    for post in posts {
        out.extend_from_slice(&post.received_at.0.to_be_bytes());
        // A body is at most 3 MB, so its length fits.
        out.extend_from_slice(
            &u32::try_from(post.body.len())
                .unwrap_or(u32::MAX)
                .to_be_bytes(),
        );
        out.extend_from_slice(&post.body);
    }
    out
}

pub(super) fn decode(frame: Vec<u8>) -> Result<Vec<Post>> {
    let mut rest = Bytes::from(frame);
    let mut posts = Vec::new();
    while !rest.is_empty() {
        let (Some(at), Some(length)) = (
            rest.get(..8)
                .and_then(|bytes| bytes.try_into().ok())
                .map(i64::from_be_bytes),
            rest.get(8..HEAD)
                .and_then(|bytes| bytes.try_into().ok())
                .map(u32::from_be_bytes),
        ) else {
            return Err(cut());
        };
        let end = HEAD + length as usize;
        if rest.len() < end {
            return Err(cut());
        }
        posts.push(Post {
            received_at: Timestamp(at),
            body: rest.slice(HEAD..end),
        });
        rest = rest.slice(end..);
    }
    Ok(posts)
}

fn cut() -> DbError {
    DbError::Corrupt("a frame of the intake log ends in the middle of a post".into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_frame_gives_back_every_byte(bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..8)) {
            let posts: Vec<_> = bodies
                .into_iter()
                .enumerate()
                .map(|(at, body)| Post { received_at: Timestamp(at as i64), body: body.into() })
                .collect();
            prop_assert_eq!(decode(encode(&posts)).unwrap(), posts);
        }

        #[test]
        fn damage_is_an_error_and_not_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = decode(bytes);
        }
    }
}
