//! Database addresses: `sqlite://path/to/file.db` or `postgres://user:password@host/name`.

use std::path::PathBuf;
use std::str::FromStr;

/// Where the data lives.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// A SQLite file; it is created when missing.
    Sqlite(PathBuf),
    /// A PostgreSQL database, as a connection URL. It may hold a password, so it is never printed.
    Postgres(String),
}

/// The text is not a database address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a database address looks like sqlite://data/trunkline.db or postgres://user:password@host/name"
)]
pub struct BadAddress;

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        if let Some(path) = text
            .strip_prefix("sqlite://")
            .or_else(|| text.strip_prefix("sqlite:"))
        {
            if path.is_empty() {
                return Err(BadAddress);
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(BadAddress)
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}
