//! Fair turns among those who want the same thing: tenants on one number, tenants under one budget.
//!
//! Each has an account of what it was given. Who was given least is next; who comes back after a rest starts level
//! with the others, so that nobody saves up. Among those who want something all the time the accounts never differ
//! by more than one turn.

use std::collections::HashMap;
use std::hash::Hash;

/// The accounts.
#[derive(Debug)]
pub(super) struct Fair<K> {
    given: HashMap<K, u64>,
}

impl<K> Default for Fair<K> {
    fn default() -> Self {
        Self {
            given: HashMap::new(),
        }
    }
}

impl<K: Hash + Eq + Ord + Copy> Fair<K> {
    /// Begins a round with those who want something now. Who is new, or comes back, starts level; who wants nothing
    /// leaves.
    pub(super) fn begin(&mut self, wanting: &[K]) {
        let level = wanting
            .iter()
            .filter_map(|key| self.given.get(key))
            .min()
            .copied()
            .unwrap_or_default();
        let before = std::mem::take(&mut self.given);
        self.given = wanting
            .iter()
            .map(|key| (*key, before.get(key).copied().unwrap_or(level)))
            .collect();
    }

    /// Who is next among these.
    pub(super) fn next(&self, among: impl Iterator<Item = K>) -> Option<K> {
        among.min_by_key(|key| (self.given.get(key).copied().unwrap_or_default(), *key))
    }

    /// One turn was given.
    pub(super) fn charge(&mut self, key: K) {
        *self.given.entry(key).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn those_who_always_want_differ_by_one_turn_at_most(
            rounds in prop::collection::vec((prop::collection::vec(any::<bool>(), 5), 1_usize..20), 1..60)
        ) {
            let mut fair = Fair::default();
            // 0 and 1 always want; 2 to 6 come and go.
            let mut given = [0_u64; 7];
            for (others, turns) in rounds {
                let mut wanting = vec![0_usize, 1];
                wanting.extend((2..7).filter(|n| others[n - 2]));
                fair.begin(&wanting);
                for _ in 0..turns {
                    let next = fair.next(wanting.iter().copied());
                    prop_assert!(next.is_some());
                    let next = next.unwrap_or_default();
                    fair.charge(next);
                    given[next] += 1;
                    prop_assert!(given[0].abs_diff(given[1]) <= 1, "{given:?}");
                }
            }
        }

        #[test]
        fn who_comes_back_has_not_saved_up(rest in 1_usize..200) {
            let mut fair = Fair::default();
            fair.begin(&[1, 2]);
            fair.charge(1);
            fair.charge(2);
            for _ in 0..rest {
                fair.begin(&[1]);
                fair.charge(1);
            }
            fair.begin(&[1, 2]);
            let mut given = [0, 0];
            for _ in 0..10 {
                let next = fair.next([1, 2].into_iter()).unwrap_or(1);
                fair.charge(next);
                given[next - 1] += 1;
            }
            prop_assert_eq!(given, [5, 5]);
        }
    }
}
