//! PostgreSQL ends our connections: it restarted, or failed over. What has had no effect is begun again.

use store::db::{Db, Sql};

use crate::databases::postgres;

/// As many as the pool holds.
const POOLED: usize = 16;

#[tokio::test]
async fn reading_and_beginning_outlive_that_every_pooled_connection_was_ended() {
    let Some(fresh) = postgres().await else {
        return;
    };
    let other = Db::open(&fresh.address).await.unwrap();
    end_all(&fresh.db, &other).await;
    let read: Vec<(i32,)> = fresh
        .db
        .all(Sql::Both("SELECT 1"), Vec::new())
        .await
        .expect("every row is read");
    assert_eq!(read, [(1,)]);
    end_all(&fresh.db, &other).await;
    let read: Option<(i32,)> = fresh
        .db
        .first(Sql::Both("SELECT 1"), Vec::new())
        .await
        .expect("the first row is read");
    assert_eq!(read, Some((1,)));
    end_all(&fresh.db, &other).await;
    let begun = fresh.db.begin().await.expect("a transaction begins");
    begun.rollback().await.unwrap();
}

/// Fills the pool and ends each of its connections while it is idle in there.
async fn end_all(db: &Db, other: &Db) {
    let mut held = Vec::new();
    for _ in 0..POOLED {
        held.push(db.begin().await.unwrap());
    }
    for held in held {
        held.rollback().await.unwrap();
    }
    let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let ended: Vec<(bool,)> = other.all(Sql::Both(all), Vec::new()).await.unwrap();
    assert!(ended.len() >= POOLED, "the pool was full: {}", ended.len());
}
