//! People who sign in as a browser does: with a cookie and what proves that a page of ours asks.

use serde_json::{Value, json};

use crate::app::{Tenant, TestApp};
use crate::client::{Answer, Client};

/// The password of everybody whom stories let in.
pub const PASSWORD: &str = "tres gatos azules";

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

impl Answer {
    /// The session's cookie that the answer sets, as a browser would send it back.
    pub fn cookie(&self) -> Option<String> {
        let header = self.headers.get("set-cookie")?.to_str().ok()?;
        let pair = header.split(';').next()?;
        (!pair.ends_with('=')).then(|| pair.to_owned())
    }
}

impl TestApp {
    /// A form of a page, sent as a browser on this site sends it.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self
            .anybody()
            .request(reqwest::Method::POST, path)
            .header("sec-fetch-site", "same-origin")
            .header("accept-language", "en");
        Answer::of(request.form(fields)).await
    }

    /// Accepts the invitation at `url` with a new account of that name.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn accept(&self, url: &str, name: &str) -> Client {
        let path = url.strip_prefix(&self.url).expect("a link of this server");
        let fields = [("name", name), ("password", PASSWORD)];
        let answer = self.form(path, &fields).await;
        let cookie = answer.cookie();
        assert_eq!(answer.status, 303, "{path}: {}", answer.text);
        self.browser(&cookie.expect("accepting signs in")).await
    }

    /// A browser with this cookie.
    ///
    /// # Panics
    /// When the cookie opens nothing.
    pub async fn browser(&self, cookie: &str) -> Client {
        let client = self.anybody().with_header("cookie", cookie);
        let session = client.get("/api/v1/session").await.expect(200);
        client.with_header(
            "trunkline-csrf",
            session["csrf"].as_str().unwrap_or_default(),
        )
    }

    /// Signs in by the API.
    pub async fn try_sign_in(&self, email: &str, password: &str, code: Option<&str>) -> Answer {
        let body = json!({ "email": email, "password": password, "code": code });
        self.anybody().post("/api/v1/session", &body).await
    }

    /// Signs in with [`PASSWORD`].
    ///
    /// # Panics
    /// When it is refused.
    pub async fn sign_in(&self, email: &str) -> Client {
        let answer = self.try_sign_in(email, PASSWORD, None).await;
        let cookie = answer.cookie();
        answer.expect(201);
        self.browser(&cookie.expect("a cookie")).await
    }

    /// A new member of a tenant (by its id) in a role, signed in.
    ///
    /// # Panics
    /// When the invitation is refused.
    pub async fn member(&self, tenant: &str, role: &str, email: &str) -> Client {
        let body = json!({ "email": email, "tenant_id": tenant, "role": role });
        let made = self
            .admin()
            .post("/api/v1/admin/invitations", &body)
            .await
            .expect(201);
        self.accept(link(&made), &format!("{role} {email}")).await
    }

    /// A new member of a tenant in a role, by name.
    ///
    /// # Panics
    /// When the invitation is refused.
    pub async fn person(&self, tenant: &Tenant, name: &str, role: &str) -> Person {
        let email = format!("{:016x}@example.com", rand::random::<u64>());
        let body = json!({ "email": email, "tenant_id": tenant.id, "role": role });
        let made = self
            .admin()
            .post("/api/v1/admin/invitations", &body)
            .await
            .expect(201);
        let api = self.accept(link(&made), name).await;
        let session = api.get("/api/v1/session").await.expect(200);
        Person {
            user_id: session["user"]["id"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            name: name.to_owned(),
            api: api.with_header("trunkline-tenant", &tenant.id),
        }
    }

    /// From now on a member of the tenant, by their address, sees only their own conversations.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn see_own(&self, tenant: &Tenant, email: &str) {
        let members = tenant.api.all("/api/v1/members").await;
        let member = members.iter().find(|member| member["email"] == email);
        let id = member.map(|member| &member["user_id"]);
        let id = id.and_then(Value::as_str).expect("a member");
        self.narrow(tenant, id, "own").await;
    }

    /// Sets whose conversations a member sees: `all` or `own`.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn narrow(&self, tenant: &Tenant, user: &str, conversations: &str) {
        let path = format!("/api/v1/members/{user}");
        let change = json!({ "conversations": conversations });
        tenant.api.patch(&path, &change).await.expect(200);
    }

    /// A new agent of a tenant who sees only their own conversations.
    ///
    /// # Panics
    /// When the invitation is refused.
    pub async fn own_agent(&self, tenant: &Tenant, name: &str) -> Person {
        let person = self.person(tenant, name, "agent").await;
        self.narrow(tenant, &person.user_id, "own").await;
        person
    }

    /// A new administrator of the platform, signed in.
    ///
    /// # Panics
    /// When the invitation is refused.
    pub async fn administrator(&self, email: &str) -> Client {
        let made = self
            .admin()
            .post("/api/v1/admin/invitations", &json!({ "email": email }))
            .await
            .expect(201);
        self.accept(link(&made), email).await
    }
}

fn link(made: &Value) -> &str {
    made["url"]
        .as_str()
        .expect("without a mail server the link is shown")
}
