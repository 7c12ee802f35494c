//! The real server and the real simulator in one process, for stories that go from end to end.
//!
//! `each_database` runs a story on SQLite and on PostgreSQL; a story gets a [`TestApp`], speaks to it
//! as Meta ([`TestApp::deliver`]), as the platform ([`TestApp::admin`]), as a tenant
//! ([`TestApp::tenant`]) and as a customer ([`TestApp::customer_writes`]), and waits with [`until`].

mod app;
mod client;
mod database;
mod events;
mod gate;
mod meta_posts;
mod setup;
mod sign_in;
mod tables;
mod until;
pub mod webhook;

pub use app::{
    APP_SECRET, OWN_TOKEN, TOKEN, Tenant, TestApp, VERIFY_TOKEN, WABA, account, display, number,
    own_waba,
};
pub use client::{Answer, Client, PNG, http_client};
pub use database::{TestDatabase, each_database, each_database_with};
pub use events::{EventStream, StreamEvent};
pub use gate::Gate;
pub use setup::Setup;
pub use sign_in::{PASSWORD, Person};
pub use tables::{Tables, dump};
pub use until::{LIMIT, until};
