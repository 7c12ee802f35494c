//! A fresh database for each story, on each kind of server.

use std::sync::Arc;

use store::db::Sql;
use store::{Address, Db};

use crate::app::TestApp;
use crate::setup::Setup;

/// Names the PostgreSQL server on which stories make their databases.
const SERVER: &str = "TRUNKLINE_TEST_POSTGRES";

/// Where a story keeps its data. Clones are the same database.
#[derive(Debug, Clone)]
pub struct TestDatabase(Arc<Home>);

#[derive(Debug)]
enum Home {
    Sqlite(tempfile::TempDir),
    Postgres {
        server: String,
        name: String,
        folder: tempfile::TempDir,
    },
}

impl TestDatabase {
    /// A file in a fresh folder.
    ///
    /// # Panics
    /// When there is no room for one.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        Self(Arc::new(Home::Sqlite(folder)))
    }

    /// A fresh database of the server that `TRUNKLINE_TEST_POSTGRES` names; `None`, said aloud, without one.
    ///
    /// # Panics
    /// When the server refuses.
    #[expect(
        clippy::print_stdout,
        reason = "what is not tested has to be said where the tests are read"
    )]
    pub async fn postgres() -> Option<Self> {
        let Some(server) = std::env::var(SERVER).ok().filter(|url| !url.is_empty()) else {
            println!("SKIPPED on PostgreSQL: {SERVER} is not set");
            return None;
        };
        let name = format!("story_{:032x}", rand::random::<u128>());
        store::db::create_postgres_database(&server, &name)
            .await
            .unwrap_or_else(|error| panic!("{SERVER}: no database can be made: {error}"));
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        Some(Self(Arc::new(Home::Postgres {
            server,
            name,
            folder,
        })))
    }

    /// Its address.
    ///
    /// # Panics
    /// When `TRUNKLINE_TEST_POSTGRES` is not a URL.
    pub fn address(&self) -> Address {
        match &*self.0 {
            Home::Sqlite(folder) => Address::Sqlite(folder.path().join("trunkline.db")),
            Home::Postgres { server, name, .. } => {
                let (base, _) = server.rsplit_once('/').expect("the address of a server");
                Address::Postgres(format!("{base}/{name}"))
            }
        }
    }

    /// Where a story's files lie.
    pub fn folder(&self) -> &std::path::Path {
        match &*self.0 {
            Home::Sqlite(folder) | Home::Postgres { folder, .. } => folder.path(),
        }
    }

    /// `SQLite` or `PostgreSQL`.
    pub fn kind(&self) -> &'static str {
        match &*self.0 {
            Home::Sqlite(_) => "SQLite",
            Home::Postgres { .. } => "PostgreSQL",
        }
    }

    /// Removes it. A file goes by itself; a server would keep it.
    pub async fn remove(self) {
        let Some(Home::Postgres { server, name, .. }) = Arc::into_inner(self.0) else {
            return;
        };
        if let Ok(db) = Db::open(&Address::Postgres(server)).await {
            let statement = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
            // Statements of the product are constants; this one lives as long as the test.
            db.run(Sql::Both(Box::leak(statement.into_boxed_str())), Vec::new())
                .await
                .ok();
            db.close().await;
        }
    }
}

/// Runs a story on SQLite, and on PostgreSQL where there is one.
pub async fn each_database(story: impl AsyncFn(&TestApp)) {
    each_database_with(Setup::default, story).await;
}

/// [`each_database`] with an app that is set up otherwise.
#[expect(
    clippy::print_stdout,
    reason = "a failing story has to say on which database it ran"
)]
pub async fn each_database_with(setup: impl Fn() -> Setup, story: impl AsyncFn(&TestApp)) {
    let mut databases = vec![TestDatabase::sqlite()];
    databases.extend(TestDatabase::postgres().await);
    for database in databases {
        println!("on {}", database.kind());
        let app = TestApp::start(database.clone(), setup()).await;
        story(&app).await;
        app.close().await;
        database.remove().await;
    }
}
