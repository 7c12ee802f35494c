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

impl Post {
    /// How many bytes it takes in a frame.
    pub(super) const fn size(&self) -> usize {
        HEAD + self.body.len()
    }
}

const HEAD: usize = 12;

/// A frame that is not yet in the log: posts are written into it as they come, in the form in which it is kept.
#[derive(Debug, Default)]
pub struct NewFrame {
    bytes: Vec<u8>,
    posts: usize,
    first_at: Timestamp,
}

impl NewFrame {
    /// Adds a post at the end.
    pub fn push(&mut self, received_at: Timestamp, body: &[u8]) {
        if self.posts == 0 {
            self.first_at = received_at;
        }
        self.posts += 1;
        self.bytes.reserve(HEAD + body.len());
        self.bytes.extend_from_slice(&received_at.0.to_be_bytes());
        // A body is at most 3 MB, so its length fits.
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(body);
    }

    /// How many posts it holds.
    #[must_use]
    pub const fn posts(&self) -> usize {
        self.posts
    }

    /// How many bytes it takes.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.bytes.len()
    }

    /// When its first post came.
    pub(super) const fn first_at(&self) -> Timestamp {
        self.first_at
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.bytes.into()
    }
}

pub(super) fn decode(mut rest: Bytes) -> Result<Vec<Post>> {
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
            let mut frame = NewFrame::default();
            for (at, body) in bodies.iter().enumerate() {
                frame.push(Timestamp(at as i64), body);
            }
            prop_assert_eq!(frame.posts(), bodies.len());
            let posts: Vec<_> = bodies
                .into_iter()
                .enumerate()
                .map(|(at, body)| Post { received_at: Timestamp(at as i64), body: body.into() })
                .collect();
            prop_assert_eq!(decode(frame.into_bytes()).unwrap(), posts);
        }

        #[test]
        fn damage_is_an_error_and_not_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = decode(bytes.into());
        }
    }
}
