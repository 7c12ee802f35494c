//! A pooled connection that the server has ended without our knowing: PostgreSQL restarted, failed over, or an
//! administrator ended it. Whoever uses it next would be told so, although the database is there.

/// Connections of the pool to PostgreSQL.
pub(super) const CONNECTIONS: u32 = 16;

/// How often something that has had no effect is begun again on another connection: each one of the pool may be lost.
pub(super) const TRIES: u32 = CONNECTIONS + 1;

/// Whether the connection is gone, rather than the statement refused. Classes 08 (connection) and 57P01/57P02 (ended
/// by an administrator or a crash): <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => matches!(
            error.kind(),
            std::io::ErrorKind::UnexpectedEof
                | std::io::ErrorKind::ConnectionReset
                | std::io::ErrorKind::ConnectionAborted
                | std::io::ErrorKind::BrokenPipe
        ),
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| code.starts_with("08") || code == "57P01" || code == "57P02"),
        _ => false,
    }
}

/// Evaluates an expression of `sqlx::Result` again while its connection turns out to be lost. Only for what has had no
/// effect when it fails: a reading query, or the beginning of a transaction.
macro_rules! outlive {
    ($attempt:expr) => {{
        let mut tries = 1;
        loop {
            match $attempt {
                Err(error)
                    if $crate::db::lost::is_lost(&error) && tries < $crate::db::lost::TRIES =>
                {
                    tries += 1
                }
                done => break done,
            }
        }
    }};
}
pub(super) use outlive;
