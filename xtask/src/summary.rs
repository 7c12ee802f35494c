//! Reads how many tests passed and failed from what the test runners print.

use std::ops::AddAssign;

/// How many checks went well and how many did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Count {
    pub(crate) const ONE_PASSED: Self = Self {
        passed: 1,
        failed: 0,
    };
    pub(crate) const ONE_FAILED: Self = Self {
        passed: 0,
        failed: 1,
    };
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// nextest: `Summary [ 1.2s] 5/6 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 0 skipped`.
pub(crate) fn of_nextest(output: &str) -> Option<Count> {
    let line = output
        .lines()
        .rev()
        .find(|line| line.trim_start().starts_with("Summary ["))?;
    let (ran, results) = line
        .rsplit_once("run: ")
        .or_else(|| line.rsplit_once("tests: "))?;
    let mut count = Count::default();
    for part in results.split(", ") {
        let mut words = part.split_whitespace();
        let number: u64 = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
        match words.next() {
            Some("passed") => count.passed += number,
            Some("skipped") | None => {}
            // failed, timed out, exec failed: all of them are tests that did not pass
            Some(_) => count.failed += number,
        }
    }
    // Stopped half way: what was not run has not passed.
    let fraction = ran
        .split_whitespace()
        .rev()
        .find_map(|word| word.split_once('/'));
    if let Some((run, all)) = fraction
        && let (Ok(run), Ok(all)) = (run.parse::<u64>(), all.parse::<u64>())
    {
        count.failed += all.saturating_sub(run);
    }
    Some(count)
}

/// libtest and doc tests: every `test result: ok. 3 passed; 0 failed; …`, added up.
pub(crate) fn of_libtest(output: &str) -> Option<Count> {
    let mut total = None;
    for line in output
        .lines()
        .filter(|line| line.starts_with("test result: "))
    {
        let number = |label: &str| {
            line.split(['.', ';'])
                .find_map(|part| part.trim().strip_suffix(label)?.trim().parse::<u64>().ok())
                .unwrap_or(0)
        };
        let found = Count {
            passed: number(" passed"),
            failed: number(" failed"),
        };
        *total.get_or_insert_with(Count::default) += found;
    }
    total
}

/// Node's own runner: `ℹ pass 3`, `ℹ fail 1`, `ℹ cancelled 0` at the end.
pub(crate) fn of_node(output: &str) -> Option<Count> {
    let number = |label: &str| {
        output.lines().rev().find_map(|line| {
            let line = line.trim().trim_start_matches(['ℹ', '#']).trim_start();
            line.strip_prefix(label)?.trim().parse::<u64>().ok()
        })
    };
    Some(Count {
        passed: number("pass ")?,
        failed: number("fail ")? + number("cancelled ").unwrap_or(0),
    })
}

/// vitest: `      Tests  1 failed | 3 passed (4)`.
pub(crate) fn of_vitest(output: &str) -> Option<Count> {
    let line = output
        .lines()
        .rev()
        .find_map(|line| line.trim().strip_prefix("Tests "))?;
    let number = |label: &str| {
        line.split(['|', '('])
            .find_map(|part| part.trim().strip_suffix(label)?.trim().parse().ok())
            .unwrap_or(0)
    };
    Some(Count {
        passed: number("passed"),
        failed: number("failed"),
    })
}

/// Python's unittest: `Ran 5 tests in 1.2s`, then `OK` or `FAILED (failures=1, errors=2)`.
pub(crate) fn of_unittest(output: &str) -> Option<Count> {
    let (_, end) = output.rsplit_once("Ran ")?;
    let ran: u64 = end.split_whitespace().next()?.parse().ok()?;
    let number = |label: &str| -> u64 {
        end.split(['(', ',', ')'])
            .find_map(|part| part.trim().strip_prefix(label)?.parse().ok())
            .unwrap_or(0)
    };
    let (failed, skipped) = (number("failures=") + number("errors="), number("skipped="));
    Some(Count {
        passed: ran.saturating_sub(failed + skipped),
        failed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nextest_s_green_summary_is_read() {
        let output = "     PASS [   0.1s] x\n     Summary [   0.003s] 12 tests run: 12 passed (1 slow), 2 skipped\n";
        assert_eq!(
            of_nextest(output),
            Some(Count {
                passed: 12,
                failed: 0
            })
        );
    }

    #[test]
    fn every_way_of_not_passing_counts_as_failed() {
        let output =
            "Summary [ 3s] 9 tests run: 5 passed, 2 failed, 1 timed out, 1 exec failed, 0 skipped";
        assert_eq!(
            of_nextest(output),
            Some(Count {
                passed: 5,
                failed: 4
            })
        );
    }

    #[test]
    fn tests_that_were_never_reached_count_as_failed() {
        let output = "Summary [ 3s] 3/10 tests run: 2 passed, 1 failed, 0 skipped";
        assert_eq!(
            of_nextest(output),
            Some(Count {
                passed: 2,
                failed: 8
            })
        );
    }

    #[test]
    fn a_build_that_failed_has_no_summary() {
        assert_eq!(of_nextest("error: could not compile"), None);
        assert_eq!(of_libtest("error: could not compile"), None);
    }

    #[test]
    fn the_summaries_of_other_runners_are_read() {
        let count = |passed, failed| Some(Count { passed, failed });
        let node = "✔ a (1ms)\nℹ tests 6\nℹ pass 4\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\n";
        assert_eq!(of_node(node), count(4, 2));
        assert_eq!(of_node("Cannot find module"), None);
        let vitest = " Test Files  2 passed (2)\n      Tests  1 failed | 31 passed (32)\n";
        assert_eq!(of_vitest(vitest), count(31, 1));
        assert_eq!(of_vitest("      Tests  31 passed (31)\n"), count(31, 0));
        let unittest = "Ran 5 tests in 0.5s\n\nFAILED (failures=1, errors=1, skipped=1)\n";
        assert_eq!(of_unittest(unittest), count(2, 2));
        assert_eq!(of_unittest("Ran 5 tests in 0.5s\n\nOK\n"), count(5, 0));
        assert_eq!(of_unittest("No module named pywa"), None);
    }

    #[test]
    fn libtest_s_results_are_added_up_over_all_binaries() {
        let output = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                      test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s\n";
        assert_eq!(
            of_libtest(output),
            Some(Count {
                passed: 4,
                failed: 2
            })
        );
    }
}
