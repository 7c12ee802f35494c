//! Meta's error table against the fact sheet, where it is at hand, and against its own promises.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a helper of tests may fail the test and speak"
)]

use std::path::Path;

use meta::errors::{
    Backoff, ErrorRow, Scope, Tell, Verdict, Where, all, lookup, lookup_with_status,
};

/// A row of the fact sheet's table.
struct Stated {
    codes: Vec<i64>,
    http_status: Option<u16>,
    retry: String,
    seen: String,
    meaning: String,
}

fn section_9() -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/meta/PLATFORM.md");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: the fact sheet is not at hand");
        return None;
    };
    let from = text.find("\n## 9. Error codes").expect("section 9");
    let to = text.find("\n## 10.").expect("section 10");
    Some(text[from..to].to_owned())
}

/// `17, 32, 613` · `200–299` · `132068 / 132069` · `141000-range`
fn codes(cell: &str) -> Vec<i64> {
    if let Some(first) = cell.strip_suffix("-range") {
        return vec![first.trim().parse().unwrap()];
    }
    let mut codes = Vec::new();
    for part in cell.split([',', '/']).map(str::trim) {
        match part.split_once('–') {
            Some((first, last)) => {
                codes.extend(first.trim().parse::<i64>().unwrap()..=last.trim().parse().unwrap());
            }
            None => codes.push(part.parse().unwrap()),
        }
    }
    codes
}

fn stated() -> Option<Vec<Stated>> {
    let section = section_9()?;
    let mut rows = Vec::new();
    for line in section
        .lines()
        .filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit())
    {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let cell = |place: usize| cells.get(place).copied().unwrap_or_default();
        let digits: String = cell(2).chars().take_while(char::is_ascii_digit).collect();
        rows.push(Stated {
            codes: codes(cell(0)),
            meaning: cell(1).to_owned(),
            http_status: digits.parse().ok(),
            seen: cell(3).to_owned(),
            retry: cell(4).to_owned(),
        });
    }
    Some(rows)
}

/// `131207 suspended (403)` in the meaning overrides the column.
fn http_status_of(row: &Stated, code: i64) -> Option<u16> {
    let at = row.meaning.find(&code.to_string());
    let own = at.filter(|_| row.codes.len() > 1).and_then(|at| {
        let rest = row.meaning[at..].split(',').next()?;
        let inside = rest.split_once('(')?.1;
        inside.get(..3)?.parse().ok()
    });
    own.or(row.http_status)
}

fn agrees(retry: &str, verdict: Verdict) -> bool {
    let hold = matches!(
        verdict,
        Verdict::HoldNumber | Verdict::HoldTenant | Verdict::HoldTemplate
    );
    retry
        .split('/')
        .any(|letter| match letter.trim().chars().next() {
            // "Never as it is": fails, or waits for somebody to change something.
            Some('N') => hold || matches!(verdict, Verdict::Fail | Verdict::SuppressMarketing),
            Some('B') => matches!(verdict, Verdict::Retry(_) | Verdict::SlowDown(_)),
            Some('L') => hold,
            Some('W') => matches!(verdict, Verdict::Retry(_) | Verdict::SlowDown(_)),
            _ => true,
        })
}

#[test]
fn every_code_of_the_fact_sheet_is_in_the_table_and_agrees_with_it() {
    let Some(rows) = stated() else { return };
    let count: usize = rows.iter().map(|row| row.codes.len()).sum();
    assert!(
        count > 200,
        "only {count} codes were read from the fact sheet"
    );
    let mut wrong = Vec::new();
    for row in &rows {
        for &code in &row.codes {
            let ours = lookup(code, None);
            if !ours.known {
                wrong.push(format!("{code} is missing"));
                continue;
            }
            if let Some(http_status) = http_status_of(row, code)
                && http_status != ours.http_status
                // One row of the sheet says it in words: "template unavailable (500)".
                && !(code == 134_102 && ours.http_status == 500)
            {
                wrong.push(format!(
                    "{code}: HTTP {} here, {http_status} there",
                    ours.http_status
                ));
            }
            if !agrees(&row.retry, ours.verdict) {
                wrong.push(format!(
                    "{code}: {:?} here, {} there",
                    ours.verdict, row.retry
                ));
            }
            let seen = match row.seen.as_str() {
                "S" => ours.where_seen == Where::Sync,
                "A" | "inbound" => ours.where_seen == Where::Async,
                "S/A" | "S/A, also inbound `unsupported`" => ours.where_seen == Where::Both,
                "A (mostly)" => ours.where_seen != Where::Sync,
                _ => true,
            };
            if !seen {
                wrong.push(format!(
                    "{code}: {:?} here, {} there",
                    ours.where_seen, row.seen
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_code_stands_in_the_table_once() {
    let mut codes: Vec<i64> = all().map(|row| row.code).collect();
    let count = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), count, "a code is there twice");
}

#[test]
fn every_row_speaks_to_a_shop_owner() {
    for ErrorRow {
        code,
        meaning,
        explanation,
        ..
    } in all()
    {
        assert!(
            !meaning.is_empty() && explanation.ends_with('.'),
            "{code}: {explanation}"
        );
        assert!(explanation.len() >= 30, "{code}: {explanation}");
    }
}

#[test]
fn an_unknown_code_fails_on_4xx_is_retried_on_5xx_and_is_flagged() {
    assert_eq!(lookup(999_999, None).verdict, Verdict::Fail);
    assert!(!lookup(999_999, None).known);
    assert_eq!(
        lookup_with_status(999_999, Some(1), 500).verdict,
        Verdict::Retry(Backoff::Exponential)
    );
    assert_eq!(lookup_with_status(-1, None, 404).verdict, Verdict::Fail);
}

#[test]
fn a_subcode_says_more_than_its_code() {
    assert_eq!(lookup(100, None).verdict, Verdict::Fail);
    assert_eq!(lookup(100, Some(33)).verdict, Verdict::HoldNumber);
    assert_eq!(
        lookup(100, Some(2_388_023)).meaning,
        "Template name is being deleted"
    );
    assert_eq!(lookup(190, Some(463)).meaning, "Session expired");
    assert_eq!(lookup(190, Some(7)).meaning, "Access token has expired");
    assert_eq!(
        (lookup(100, Some(33)).code, lookup(100, Some(33)).subcode),
        (100, Some(33))
    );
}

#[test]
fn the_codes_that_stop_everything_do_so() {
    assert_eq!(lookup(190, None).verdict, Verdict::HoldTenant);
    assert_eq!(lookup(190, None).tell, Tell::Both);
    assert_eq!(
        lookup(130_429, None).verdict,
        Verdict::SlowDown(Scope::Number)
    );
    assert_eq!(lookup(131_056, None).verdict, Verdict::Retry(Backoff::Pair));
    assert_eq!(
        lookup(131_049, None).verdict,
        Verdict::Retry(Backoff::AtLeast(86_400))
    );
    assert_eq!(lookup(131_050, None).verdict, Verdict::SuppressMarketing);
}

#[test]
fn every_code_says_what_to_do_and_who_can_do_it() {
    let without: Vec<i64> = all()
        .map(|row| row.code)
        .filter(|code| meta::errors::remedy(*code).is_none())
        .collect();
    assert!(
        without.is_empty(),
        "nobody is told what to do about {without:?}"
    );
    for remedy in meta::errors::Remedy::ALL {
        assert!(remedy.sentence().ends_with('.'), "{remedy:?}");
    }
}

/// A code of which the product itself says that somebody must hear is not one about which nobody can do anything.
#[test]
fn what_the_tenant_must_hear_of_somebody_can_mend() {
    use meta::errors::{Who, remedy};
    let idle: Vec<i64> = all()
        .filter(|row| row.tell == Tell::Tenant)
        .map(|row| row.code)
        .filter(|code| remedy(*code).is_some_and(|remedy| remedy.who() == Who::Nobody))
        .collect();
    // A number that is in the account already needs nothing.
    assert_eq!(idle, [2_388_012]);
}
