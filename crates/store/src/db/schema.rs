//! Reading the schema back, for the test that keeps the two databases twins, and making databases. The words of the
//! full-text index are left out: FTS5 and GIN have nothing in common.

use sqlx::{Connection as _, Executor as _, PgConnection};

use super::{Db, Result};

const SQLITE: &str = "SELECT t.name, 'column ' || c.name || CASE WHEN c.\"notnull\" THEN ' not null' ELSE '' END \
     FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '_sqlx%' \
     AND t.name NOT LIKE 'search_words%' AND t.name NOT LIKE 'search_names%' \
     UNION ALL SELECT tbl_name, 'index ' || name FROM sqlite_schema WHERE type = 'index' AND name NOT LIKE 'sqlite_%'";
const POSTGRES: &str = "SELECT table_name::text, 'column ' || column_name || CASE WHEN is_nullable = 'NO' THEN ' not null' ELSE '' END \
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%' \
     AND table_name NOT IN ('search_words', 'search_names') \
     UNION ALL SELECT tablename::text, 'index ' || indexname FROM pg_indexes WHERE schemaname = 'public' \
     AND indexname NOT LIKE '%\\_pkey' AND indexname NOT LIKE '%\\_key' AND tablename NOT IN ('search_words', 'search_names')";

/// Tables with their columns and named indexes, in the same words for both databases.
///
/// # Errors
/// When the database cannot be read.
pub async fn describe(db: &Db) -> Result<Vec<(String, String)>> {
    let rows: Vec<(String, String)> = match db {
        Db::Sqlite { read, .. } => sqlx::query_as(SQLITE).fetch_all(read).await?,
        Db::Postgres(pool) => sqlx::query_as(POSTGRES).fetch_all(pool).await?,
    };
    // SQLite leaves an INTEGER PRIMARY KEY without its own NOT NULL mark.
    let implied = |(table, part): (String, String)| match (table.as_str(), part.as_str()) {
        ("event_log", "column seq") => (table, "column seq not null".to_owned()),
        _ => (table, part),
    };
    Ok(rows.into_iter().map(implied).collect())
}

/// Makes an empty database on a PostgreSQL server.
///
/// # Errors
/// When the server refuses.
pub async fn create_postgres_database(server: &str, name: &str) -> Result<()> {
    let mut session = PgConnection::connect(server).await?;
    let quoted = name.replace('"', "\"\"");
    session
        .execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE \"{quoted}\"")))
        .await?;
    session.close().await?;
    Ok(())
}
