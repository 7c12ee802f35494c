//! Rows of a spreadsheet.

use bytes::Bytes;

/// The cells of a row.
pub(crate) type Cells<const WIDTH: usize> = [String; WIDTH];

/// Rows as CSV.
pub(crate) fn rows<const WIDTH: usize>(rows: impl Iterator<Item = Cells<WIDTH>>) -> Bytes {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // Writing to memory does not fail, and all rows are equally long.
        writer.write_record(row.map(inert)).ok();
    }
    writer.into_inner().unwrap_or_default().into()
}

/// A cell that no spreadsheet takes for a formula: what stands in it may be what anybody chose to write.
fn inert(cell: String) -> String {
    // Some spreadsheets skip blanks at the beginning, and read the full-width forms as the plain ones.
    let first = cell.trim_start().chars().next();
    let formula = first.is_some_and(|first| "=+-@＝＋－＠".contains(first));
    if formula || cell.starts_with(['\t', '\r', '\n']) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        for formula in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "  =1",
            "＝1",
            "\u{a0}＠x",
        ] {
            assert_eq!(inert(formula.to_owned()), format!("'{formula}"));
        }
        assert_eq!(inert("Ana = 1".to_owned()), "Ana = 1");
    }
}
