//! The one writer of SQLite survives what ends its transactions.

use store::Tx;

use super::databases::Databases;

/// A full disk makes SQLite roll back by itself; here the statement says it, which leaves the same behind.
#[tokio::test]
async fn a_transaction_that_sqlite_ended_by_itself_does_not_stop_the_writer_for_good() {
    let databases = Databases::new();
    let fresh = databases.sqlite().await;
    for committed in [false, true] {
        let mut tx = fresh.db.begin().await.unwrap();
        if let Tx::Sqlite(inner) = &mut tx {
            sqlx::query("ROLLBACK").execute(&mut **inner).await.unwrap();
        }
        if committed {
            assert!(tx.commit().await.is_err(), "there was nothing to commit");
        } else {
            drop(tx);
        }
        let tx = fresh.db.begin().await;
        assert!(
            tx.is_ok(),
            "the writer is stuck in a transaction that is over: {:?}",
            tx.err()
        );
        tx.unwrap().commit().await.unwrap();
    }
}
