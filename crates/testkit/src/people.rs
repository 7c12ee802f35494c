//! Signed-in people, made without the pages on which people sign in.

use engine::people::sessions;
use sha2::{Digest as _, Sha256};
use store::people::members;
use store::people::users::{self, User};

use crate::app::{Tenant, TestApp};
use crate::client::Client;

/// A signed-in member of a tenant.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their id.
    pub user_id: String,
    /// Their name.
    pub name: String,
    /// Speaks with their session, about their tenant.
    pub api: Client,
}

impl TestApp {
    /// A new member of a tenant in a role (`owner`, `manager`, `agent`, `viewer`), signed in.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn person(&self, tenant: &Tenant, name: &str, role: &str) -> Person {
        let now = self.engine.clock.now();
        let email = format!("{:016x}@example.com", rand::random::<u64>());
        let user = User::new(&email, name, "no password opens this".to_owned(), now);
        let belongs = tenant.id.parse().expect("a tenant's id");
        let mut tx = self.engine.db.begin().await.expect("a transaction");
        let added = users::insert(&mut tx, &user).await.expect("a user");
        assert!(added, "{email} is taken");
        members::add(&mut tx, belongs, user.id, role, now)
            .await
            .expect("a member");
        let secret = sessions::begin(&self.engine, &mut tx, user.id, None, None)
            .await
            .expect("a session");
        tx.commit().await.expect("the person is kept");
        let csrf = hex::encode(Sha256::digest(format!("trunkline csrf {secret}")));
        let api = self
            .client(None)
            .with_header("cookie", &format!("trunkline_session={secret}"))
            .with_header("trunkline-csrf", &csrf)
            .with_header("trunkline-tenant", &tenant.id);
        Person {
            user_id: user.id.to_string(),
            name: name.to_owned(),
            api,
        }
    }
}
