//! Figures: the JSON that others read, and a table for people.

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::latency::Histogram;
use crate::load::Tally;

/// One measured case; all counts are webhook items (or messages, for `send`).
pub(crate) struct Case {
    pub(crate) bench: &'static str,
    pub(crate) name: String,
    pub(crate) database: &'static str,
    pub(crate) connections: usize,
    /// Measured seconds of a round.
    pub(crate) seconds: f64,
    pub(crate) sent: u64,
    pub(crate) acked: u64,
    pub(crate) stored: u64,
    /// Median over the rounds; acknowledged **and** projected, over the time until nothing was left to project.
    pub(crate) rate_per_s: f64,
    /// Median over the interleaved rounds of the bare server, same connections and bodies; 0 when not measured.
    pub(crate) limit_per_s: f64,
    pub(crate) latency: Histogram,
    /// The server's CPU time over all rounds, until nothing was left to project.
    pub(crate) cpu: Duration,
    pub(crate) rss_mb: f64,
    pub(crate) peak_rss_mb: f64,
    pub(crate) lost: u64,
    pub(crate) duplicated: u64,
    /// Answers 503.
    pub(crate) refused: u64,
    pub(crate) broken: u64,
    /// Further figures of this bench alone.
    pub(crate) more: Map<String, Value>,
}

impl Case {
    pub(crate) fn new(
        bench: &'static str,
        name: &str,
        database: &'static str,
        connections: usize,
        seconds: f64,
    ) -> Self {
        Self {
            bench,
            name: name.to_owned(),
            database,
            connections,
            seconds,
            sent: 0,
            acked: 0,
            stored: 0,
            rate_per_s: 0.0,
            limit_per_s: 0.0,
            latency: Histogram::new(),
            cpu: Duration::ZERO,
            rss_mb: 0.0,
            peak_rss_mb: 0.0,
            lost: 0,
            duplicated: 0,
            refused: 0,
            broken: 0,
            more: Map::new(),
        }
    }

    /// Adds a round's load.
    pub(crate) fn take_load(&mut self, tally: &Tally) {
        self.sent += tally.sent;
        self.acked += tally.acked;
        self.refused += tally.refused;
        self.broken += tally.broken;
        self.latency.add(&tally.latency);
    }

    /// Adds a figure that has no place among the fixed ones.
    pub(crate) fn note(&mut self, name: &str, value: impl Into<Value>) {
        self.more.insert(name.to_owned(), value.into());
    }

    fn ratio(&self) -> Option<f64> {
        (self.limit_per_s > 0.0).then(|| self.rate_per_s / self.limit_per_s)
    }

    fn cpu_us_per_item(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / (self.acked.max(1) as f64)
    }

    /// The fixed keys; what is particular to a bench stands under `more`.
    fn json(&self) -> Value {
        let mut more = self.more.clone();
        more.insert("case".to_owned(), json!(self.name));
        more.insert("refused_503".to_owned(), json!(self.refused));
        more.insert("broken_connections".to_owned(), json!(self.broken));
        more.insert("peak_rss_mb".to_owned(), json!(rounded(self.peak_rss_mb)));
        let ratio = self
            .ratio()
            .map(|ratio| (ratio * 1_000.0).round() / 1_000.0);
        json!({
            "bench": self.bench,
            "database": self.database,
            "connections": self.connections,
            "seconds": rounded(self.seconds),
            "sent": self.sent,
            "acked": self.acked,
            "stored": self.stored,
            "rate_per_s": rounded(self.rate_per_s),
            "limit_per_s": ratio.map(|_| rounded(self.limit_per_s)),
            "ratio_to_limit": ratio,
            "p50_ms": rounded(self.latency.quantile_ms(0.50)),
            "p99_ms": rounded(self.latency.quantile_ms(0.99)),
            "cpu_us_per_item": rounded(self.cpu_us_per_item()),
            "rss_mb": rounded(self.rss_mb),
            "lost": self.lost,
            "duplicated": self.duplicated,
            "more": more,
        })
    }
}

/// The middle one; 0 of none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        count if count % 2 == 1 => sorted[count / 2],
        count => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
    }
}

/// Two decimals.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The table for people.
pub(crate) fn print(cases: &[Case]) {
    println!(
        "\n{:<8}{:<34}{:>6}{:>10}{:>10}{:>7}{:>9}{:>9}{:>8}{:>8}{:>8}{:>6}{:>6}",
        "bench",
        "case",
        "conn",
        "rate/s",
        "limit/s",
        "ratio",
        "p50 ms",
        "p99 ms",
        "CPU µs",
        "RSS MB",
        "503",
        "lost",
        "dup"
    );
    for case in cases {
        let ratio = case
            .ratio()
            .map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
        println!(
            "{:<8}{:<34}{:>6}{:>10.0}{:>10.0}{ratio:>7}{:>9.2}{:>9.2}{:>8.1}{:>8.1}{:>8}{:>6}{:>6}",
            case.bench,
            format!("{} · {}", case.database, case.name),
            case.connections,
            case.rate_per_s,
            case.limit_per_s,
            case.latency.quantile_ms(0.50),
            case.latency.quantile_ms(0.99),
            case.cpu_us_per_item(),
            case.rss_mb,
            case.refused,
            case.lost,
            case.duplicated,
        );
        for (name, value) in &case.more {
            println!("{:8}  {name}: {value}", "");
        }
    }
}

/// One object, or an array of several.
pub(crate) fn write_json(cases: &[Case], file: &Path) -> anyhow::Result<()> {
    let mut all: Vec<Value> = cases.iter().map(Case::json).collect();
    let value = if all.len() == 1 {
        all.remove(0)
    } else {
        Value::Array(all)
    };
    std::fs::write(file, format!("{value:#}\n"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_has_the_agreed_keys() {
        let case = Case::new("ingest", "one event a POST", "sqlite", 64, 5.0);
        let json = case.json();
        for key in [
            "bench",
            "database",
            "connections",
            "seconds",
            "sent",
            "acked",
            "stored",
            "rate_per_s",
            "limit_per_s",
            "ratio_to_limit",
            "p50_ms",
            "p99_ms",
            "cpu_us_per_item",
            "rss_mb",
            "lost",
            "duplicated",
        ] {
            assert!(json.get(key).is_some(), "{key} is missing");
        }
    }

    #[test]
    fn the_median_of_three_is_the_middle_one() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 1.0]) - 2.5).abs() < f64::EPSILON);
    }
}
