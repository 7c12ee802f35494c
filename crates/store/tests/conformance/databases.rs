//! A fresh, migrated database for each test.

use store::{Address, Db};

/// Where the databases of one test live; dropping it removes SQLite's files.
pub(crate) struct Databases {
    folder: tempfile::TempDir,
}

/// A database and the address that reopens it.
pub(crate) struct Fresh {
    pub(crate) db: Db,
    pub(crate) address: Address,
}

impl Databases {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// SQLite, and PostgreSQL where there is one.
    pub(crate) async fn each(&self) -> Vec<Fresh> {
        let mut all = vec![self.sqlite().await];
        all.extend(postgres().await);
        all
    }

    pub(crate) async fn sqlite(&self) -> Fresh {
        let address = Address::Sqlite(self.folder.path().join("trunkline.db"));
        let db = Db::open(&address).await.unwrap();
        db.migrate().await.unwrap();
        Fresh { db, address }
    }
}

/// A new database on the test server, or `None` (said aloud) where there is no server.
pub(crate) async fn postgres() -> Option<Fresh> {
    let Ok(server) = std::env::var("TRUNKLINE_TEST_POSTGRES") else {
        println!("skipped on PostgreSQL: TRUNKLINE_TEST_POSTGRES is not set");
        return None;
    };
    let name = format!("t{}", uuid::Uuid::new_v4().simple());
    store::db::create_postgres_database(&server, &name)
        .await
        .unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    let address: Address = format!("{base}/{name}").parse().unwrap();
    let db = Db::open(&address).await.unwrap();
    db.migrate().await.unwrap();
    Some(Fresh { db, address })
}
