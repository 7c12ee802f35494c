//! Two tenants with everything in them, and everybody who may ask.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testkit::{Client, Tenant, TestApp, webhook};

pub(crate) const CUSTOMER: &str = "34600000001";
/// A moment of 2026, in seconds since 1970.
const AT: i64 = 1_780_000_000;

/// Rows that one tenant has, by what they are: `message`, `conversation` …
pub(crate) type Ids = BTreeMap<&'static str, String>;

pub(crate) struct World<'a> {
    pub(crate) app: &'a TestApp,
    /// The tenant that the roles belong to.
    pub(crate) own: Tenant,
    /// Another one.
    pub(crate) other: Tenant,
    pub(crate) own_ids: Ids,
    pub(crate) other_ids: Ids,
    askers: BTreeMap<&'static str, Client>,
    count: std::sync::atomic::AtomicUsize,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl<'a> World<'a> {
    pub(crate) async fn new(app: &'a TestApp) -> Self {
        let (own, other) = (app.tenant(1).await, app.tenant(2).await);
        let mut askers = BTreeMap::from([("nobody", app.anybody())]);
        for role in ["viewer", "agent", "manager", "owner"] {
            let person = app
                .member(&own.id, role, &format!("{role}@example.com"))
                .await;
            askers.insert(role, person);
        }
        // An agent who sees only their own names a conversation that the manager has.
        let own_agent = app.member(&own.id, "agent", "own@example.com").await;
        app.see_own(&own, "own@example.com").await;
        askers.insert("own", own_agent);
        // An owner of this tenant who names rows of the other one.
        askers.insert("foreign", askers["owner"].clone());
        askers.insert("key", own.api.clone());
        let narrow = json!({ "name": "narrow", "scopes": ["contacts:read"] });
        let narrow = own.api.post("/api/v1/api-keys", &narrow).await.expect(201);
        askers.insert("narrow", app.client(narrow["api_key"].as_str()));
        askers.insert("admin", app.administrator("admin@example.com").await);
        askers.insert("adminkey", app.admin());
        app.member(&other.id, "owner", "other@example.com").await;
        let own_ids = ids(app, &own).await;
        let other_ids = ids(app, &other).await;
        let manager = askers["manager"].get("/api/v1/session").await.expect(200);
        let has = json!({ "assigned_to": manager["user"]["id"] });
        let path = format!("/api/v1/conversations/{}", own_ids["conversation"]);
        own.api.patch(&path, &has).await.expect(200);
        Self {
            app,
            own,
            other,
            own_ids,
            other_ids,
            askers,
            count: std::sync::atomic::AtomicUsize::new(0),
        }
    }

    pub(crate) fn asker(&self, role: &str) -> &Client {
        &self.askers[role]
    }

    /// A word that was not used before.
    pub(crate) fn fresh(&self, what: &str) -> String {
        let n = self
            .count
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        format!("{what}{n}")
    }

    /// The tenant whose rows a role names.
    pub(crate) fn named_by(&self, role: &str) -> (&Tenant, &Ids) {
        if role == "foreign" {
            (&self.other, &self.other_ids)
        } else {
            (&self.own, &self.own_ids)
        }
    }
}

async fn ids(app: &TestApp, tenant: &Tenant) -> Ids {
    let wamid = format!("wamid.{}", tenant.number);
    let value = webhook::text(&tenant.number, CUSTOMER, &wamid, AT, "Hola");
    app.delivered(webhook::post([value]).to_string()).await;
    let message = tenant.api.all("/api/v1/messages").await.remove(0);
    let members = tenant.api.all("/api/v1/members").await;
    BTreeMap::from([
        ("tenant", tenant.id.clone()),
        ("message", text(&message["id"])),
        ("conversation", text(&message["conversation_id"])),
        ("contact", text(&message["contact_id"])),
        ("user", text(&members[0]["user_id"])),
    ])
}
