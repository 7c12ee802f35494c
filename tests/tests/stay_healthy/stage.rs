//! What the stories share.

use domain::{ConnectionId, TenantId};
use serde_json::{Value, json};
use store::db::Sql;
use store::standings::OnFile;
use testkit::{Tenant, TestApp};

/// When the stories' accounts were connected (Unix seconds): a moment before the simulator's time.
pub(crate) fn connected_at(app: &TestApp) -> i64 {
    app.engine.clock.now().0 / 1_000_000 - 3_600
}

/// A tenant with an account of its own, by one number.
pub(crate) struct Account {
    pub(crate) shop: Tenant,
    pub(crate) waba: String,
    pub(crate) number: String,
    pub(crate) dialled: String,
    pub(crate) connection: ConnectionId,
}

const CONNECT: Sql = Sql::Both(
    "INSERT INTO connections (id, tenant_id, way, state, waba_id, coexistence, billing_mode, created_at, updated_at, connected_at) \
     VALUES ($1, $2, 'tech_provider', 'connected', $3, FALSE, 'direct', $4, $4, $4)",
);
const ASKED: Sql =
    Sql::Both("UPDATE wabas SET token_state = 'valid', token_checked_at = $2 WHERE waba_id = $1");
const CONNECTION: Sql =
    Sql::Both("SELECT state, problem, disconnect_reason FROM connections WHERE id = $1");

/// The `n`th tenant with an account of its own, which is connected.
pub(crate) async fn account(app: &TestApp, n: usize) -> Account {
    let shop = app.new_tenant(&format!("Owner {n}")).await;
    let tenant: TenantId = shop.id.parse().unwrap();
    let (waba, number) = (testkit::own_waba(n), format!("40000000000000{n}"));
    let dialled = format!("+34 699 000 00{n}");
    let engine = &app.engine;
    let at = domain::Timestamp::from_seconds(connected_at(app));
    let token = testkit::OWN_TOKEN.to_owned().into();
    let (db, sealer) = (&engine.db, &engine.sealer);
    let upsert = async |token| {
        let owner = Some(tenant);
        store::wabas::upsert(db, sealer, &waba, owner, "Owner", token, at)
            .await
            .unwrap();
    };
    upsert(None).await;
    let mut tx = engine.db.begin().await.unwrap();
    store::numbers::any_tenant_insert_bare(&mut tx, &number, &waba, &dialled, 80, at)
        .await
        .unwrap();
    assert!(
        store::numbers::assign(&mut tx, tenant, &number, at)
            .await
            .unwrap()
    );
    // The simulator does not know the account, so nobody is to ask about its token by themselves.
    let asked = vec![waba.as_str().into(), engine.clock.now().into()];
    tx.run(ASKED, asked).await.unwrap();
    tx.commit().await.unwrap();
    // A connection without a token is seen, so it comes last.
    upsert(Some(&token)).await;
    let mut tx = engine.db.begin().await.unwrap();
    let connection = ConnectionId::new(at);
    tx.run(
        CONNECT,
        vec![
            connection.0.into(),
            tenant.into(),
            waba.as_str().into(),
            at.into(),
        ],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    Account {
        shop,
        waba,
        number,
        dialled,
        connection,
    }
}

/// A tenant that went through Meta's window and is connected; what the window gave beside it.
pub(crate) async fn signed_up(app: &TestApp, wish: Value) -> (Account, Value) {
    let shop = app.new_tenant("Cafetería Luna").await;
    let mut asked =
        json!({ "outcome": "finish", "partner_added": "never", "code_life_ms": 86_400_000 });
    for (key, value) in wish.as_object().unwrap() {
        asked[key] = value.clone();
    }
    let made = app.meta().post("/_sim/embedded-signup", &asked).await;
    let made = made.expect(200);
    let body = json!({ "code": made["code"], "waba_id": made["waba_id"],
        "phone_number_id": made["phone_number_id"], "event": made["message"]["event"] });
    let begun = shop
        .api
        .post("/api/v1/connections/embedded-signup", &body)
        .await;
    let begun = begun.expect(202);
    let path = format!("/api/v1/connections/{}", begun["id"].as_str().unwrap());
    let row = testkit::until("it is connected", async || {
        let row = shop.api.get(&path).await.expect(200);
        match row["run"]["state"].as_str() {
            Some("done") => Ok(row),
            _ => Err(row.to_string()),
        }
    })
    .await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let account = Account {
        waba: text(&made["waba_id"]),
        number: text(&made["phone_number_id"]),
        dialled: text(&row["numbers"][0]["display_phone_number"]),
        connection: text(&row["id"]).parse().unwrap(),
        shop,
    };
    (account, row)
}

/// One change in Meta's envelope, as it happened `after` seconds after the connection was made.
pub(crate) fn change(app: &TestApp, entry: &str, after: i64, field: &str, value: &Value) -> String {
    json!({ "object": "whatsapp_business_account", "entry": [{
        "id": entry, "time": connected_at(app) + after, "changes": [{ "field": field, "value": value }] }] })
    .to_string()
}

/// Meta tells of an account.
pub(crate) async fn tells(app: &TestApp, account: &Account, after: i64, field: &str, value: Value) {
    let body = change(app, &account.waba, after, field, &value);
    app.delivered(body).await;
}

/// How an account and its numbers stand: the account first.
pub(crate) async fn rows(app: &TestApp, waba: &str) -> Vec<OnFile> {
    let mut tx = app.engine.db.begin().await.unwrap();
    let mut rows = store::standings::any_tenant_rows(&mut tx, waba)
        .await
        .unwrap();
    rows.sort_by(|a, b| a.phone_number_id.cmp(&b.phone_number_id));
    rows
}

/// The words by which the account and its first number stand.
pub(crate) async fn standing(app: &TestApp, waba: &str) -> [String; 2] {
    let rows = rows(app, waba).await;
    let word = |n: usize| rows[n].standing.clone().unwrap_or_else(|| "-".to_owned());
    [word(0), word(1)]
}

/// State, problem and reason of a connection.
pub(crate) async fn connection(app: &TestApp, account: &Account) -> [Option<String>; 3] {
    let row: Option<(Option<String>, Option<String>, Option<String>)> = app
        .engine
        .db
        .first(CONNECTION, vec![account.connection.0.into()])
        .await
        .unwrap();
    let (state, problem, reason) = row.expect("the connection is there");
    [state, problem, reason]
}
