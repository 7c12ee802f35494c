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
