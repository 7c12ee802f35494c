//! Frames that were appended a moment ago: whoever projects them at once need not read them from the disk.

use std::collections::VecDeque;

use bytes::Bytes;

use super::{Portion, Position};

/// No more is kept; what finds no room is read from the disk.
const BYTES: usize = 8 << 20;

/// Durable frames in the order of their positions, which may have gaps: other processes append as well.
#[derive(Debug, Default)]
pub(super) struct Recent {
    frames: VecDeque<(Position, Bytes)>,
    bytes: usize,
    /// Somebody projects here; where nobody does nothing is kept.
    is_asked: bool,
}

impl Recent {
    /// Keeps a frame that is durable, if there is room.
    pub(super) fn keep(&mut self, position: Position, frame: Bytes) {
        let follows = self.frames.back().is_none_or(|(last, _)| *last < position);
        if self.is_asked && follows && self.bytes + frame.len() <= BYTES {
            self.bytes += frame.len();
            self.frames.push_back((position, frame));
        }
    }

    /// Gives away a portion of the frames that follow upon a position without a gap, and forgets those before it.
    pub(super) fn take(&mut self, mut after: Position, portion: Portion) -> Vec<(Position, Bytes)> {
        self.is_asked = true;
        let (mut taken, mut bytes) = (Vec::new(), 0);
        while let Some((position, _)) = self.frames.front() {
            let is_next = *position == after + 1;
            let has_room = taken.len() < portion.frames && bytes < portion.bytes;
            let is_wanted = *position <= after || is_next && has_room;
            if !is_wanted {
                break;
            }
            let Some((position, frame)) = self.frames.pop_front() else {
                break;
            };
            self.bytes -= frame.len();
            if is_next {
                after = position;
                bytes += frame.len();
                taken.push((position, frame));
            }
        }
        taken
    }

    /// Whether nothing is kept.
    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn positions(taken: Vec<(Position, Bytes)>) -> Vec<Position> {
        taken.into_iter().map(|(position, _)| position).collect()
    }

    fn asked() -> Recent {
        Recent {
            is_asked: true,
            ..Recent::default()
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_follows_without_a_gap_and_is_given_once(
            kept in prop::collection::btree_map(1_i64..40, 1_usize..9, 0..30), after in 0_i64..40,
            frames in 1_usize..9, bytes in 1_usize..40
        ) {
            let mut recent = asked();
            for (position, size) in &kept {
                recent.keep(*position, vec![0; *size].into());
            }
            let mut room = bytes;
            let run = (after + 1..).map_while(|position| {
                let size = kept.get(&position).filter(|_| room > 0)?;
                room = room.saturating_sub(*size);
                Some(position)
            });
            let run: Vec<_> = run.take(frames).collect();
            let taken = positions(recent.take(after, Portion { frames, bytes }));
            prop_assert_eq!(&taken, &run);
            prop_assert!(recent.frames.iter().all(|(position, _)| *position > after && !run.contains(position)));
            let left: usize = recent.frames.iter().map(|(_, frame)| frame.len()).sum();
            prop_assert_eq!(recent.bytes, left);
        }
    }

    #[test]
    fn what_finds_no_room_is_not_kept_and_room_comes_back() {
        let mut recent = asked();
        let all = Portion {
            frames: 9,
            bytes: usize::MAX,
        };
        let half = Bytes::from(vec![0; BYTES / 2]);
        for position in 1..=3 {
            recent.keep(position, half.clone());
        }
        assert_eq!(positions(recent.take(0, all)), [1, 2]);
        recent.keep(4, half);
        let third = positions(recent.take(2, all));
        assert!(third.is_empty(), "it is on the disk: {third:?}");
        assert_eq!(positions(recent.take(3, all)), [4]);
    }
}
