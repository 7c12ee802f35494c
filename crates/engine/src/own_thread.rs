//! Work that must not queue behind requests.
//!
//! A task that waits for the database twenty times a batch is, on the shared runtime, behind every
//! request that became ready meanwhile, twenty times. On a thread of its own the kernel lets it go on at once.

use std::future::Future;

use store::Db;
use tokio::sync::oneshot;

/// Runs what `make` gives on a thread of its own and ends when that has ended.
///
/// Only with SQLite: PostgreSQL's connections belong to the runtime that opened them, so there it runs here.
pub(crate) async fn run<F, M>(db: &Db, name: &str, make: M)
where
    F: Future<Output = ()> + Send,
    M: FnOnce() -> F + Send + 'static,
{
    if db.is_postgres() {
        make().await;
        return;
    }
    let (ended, end) = oneshot::channel::<()>();
    let thread = std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            let _ended = ended;
            match tokio::runtime::Builder::new_current_thread()
                .enable_all()
                // What it hands to another core and drops there again is freed by the thread that made it.
                .max_blocking_threads(1)
                .build()
            {
                Ok(runtime) => runtime.block_on(make()),
                Err(error) => tracing::error!(error = %error, "a worker's runtime cannot be built"),
            }
        });
    match thread {
        Ok(thread) => {
            drop(end.await);
            // The runtime has ended; what is left of the thread takes no time.
            if thread.join().is_err() {
                tracing::error!(name, "a worker ended in a panic; restart the program");
            }
        }
        Err(error) => tracing::error!(error = %error, name, "a worker's thread cannot be started"),
    }
}
