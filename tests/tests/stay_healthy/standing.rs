//! Every event of an account, number by number, in any order and as often as it comes.

use serde_json::{Value, json};
use testkit::{Setup, each_database, each_database_with, until};

use crate::stage::{Account, account, change, connection, rows, signed_up, standing, tells};

fn partner(account: &Account, event: &str) -> Value {
    json!({ "event": event, "waba_info": { "waba_id": account.waba, "owner_business_id": "777" } })
}

fn ban(state: &str) -> Value {
    json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": state, "waba_ban_date": "April 17, 2027" } })
}

fn restriction(kind: &str, expiration: i64) -> Value {
    json!({ "event": "ACCOUNT_RESTRICTION", "restriction_info": [{ "restriction_type": kind, "expiration": expiration }] })
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_of_an_account_leaves_it_standing_as_meta_says() {
    each_database(async |app| {
        // (the change, how the account stands, its number, the connection's state)
        let events: [(Value, &str, &str); 19] = [
            (json!({ "event": "PARTNER_ADDED" }), "-", "connected"),
            (json!({ "event": "PARTNER_APP_INSTALLED" }), "-", "connected"),
            (json!({ "event": "PARTNER_APP_UNINSTALLED" }), "DISCONNECTED", "disconnected"),
            (json!({ "event": "PARTNER_REMOVED" }), "DISCONNECTED", "disconnected"),
            (json!({ "event": "ACCOUNT_OFFBOARDED" }), "DISCONNECTED", "disconnected"),
            (json!({ "event": "ACCOUNT_RECONNECTED" }), "-", "connected"),
            (json!({ "event": "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE", "partner_client_certification_info": { "status": "APPROVED" } }), "-", "connected"),
            (json!({ "event": "ACCOUNT_VIOLATION", "violation_info": { "violation_type": "SPAM" } }), "VIOLATED", "connected"),
            (restriction("RESTRICTED_BIZ_INITIATED_MESSAGING", 4_000_000_000), "RESTRICTED", "connected"),
            (ban("SCHEDULE_FOR_DISABLE"), "PENDING_DISABLE", "connected"),
            (ban("DISABLE"), "BANNED", "action_needed"),
            (ban("REINSTATE"), "-", "connected"),
            (json!({ "event": "ACCOUNT_DELETED" }), "DELETED", "disconnected"),
            (json!({ "event": "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE" }), "-", "connected"),
            (json!({ "event": "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE", "country": "IN" }), "-", "connected"),
            (json!({ "event": "VOLUME_BASED_PRICING_TIER_UPDATE" }), "-", "connected"),
            (json!({ "event": "MM_LITE_TERMS_SIGNED" }), "-", "connected"),
            (json!({ "event": "VERIFIED_ACCOUNT" }), "-", "connected"),
            (json!({ "event": "SOMETHING_NEW" }), "-", "connected"),
        ];
        let known: std::collections::HashSet<_> =
            events.iter().map(|(value, _, _)| value["event"].as_str().unwrap()).collect();
        for word in meta::webhook::account::AccountEvent::KNOWN {
            assert!(known.contains(word) || *word == "AD_ACCOUNT_LINKED", "{word} is in no row");
        }
        for (n, (mut value, stands, state)) in events.into_iter().enumerate() {
            let own = account(app, 100 + n).await;
            let event = value["event"].as_str().unwrap().to_owned();
            let of_partner = event.starts_with("PARTNER_") || event == "MM_LITE_TERMS_SIGNED";
            if of_partner {
                value["waba_info"] = json!({ "waba_id": own.waba, "owner_business_id": "777" });
            }
            // For these the entry names the partner's business, not the account.
            let entry = if of_partner { "999000999000" } else { own.waba.as_str() };
            app.delivered(change(app, entry, 10, "account_update", &value)).await;
            assert_eq!(standing(app, &own.waba).await, [stands, stands], "{event}");
            assert_eq!(connection(app, &own).await[0].as_deref(), Some(state), "{event}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_later_stands_whatever_comes_later_and_twice() {
    each_database(async |app| {
        let own = account(app, 1).await;
        tells(app, &own, 30, "account_update", ban("DISABLE")).await;
        tells(app, &own, 20, "account_update", ban("SCHEDULE_FOR_DISABLE")).await;
        assert_eq!(standing(app, &own.waba).await[0], "BANNED", "the notice came late");
        assert_eq!(connection(app, &own).await[1].as_deref(), Some("account_blocked"));
        tells(app, &own, 40, "account_update", ban("REINSTATE")).await;
        // The ban is delivered again, alone and in a batch behind the news.
        tells(app, &own, 30, "account_update", ban("DISABLE")).await;
        assert_eq!(standing(app, &own.waba).await, ["CONNECTED", "CONNECTED"]);
        assert_eq!(connection(app, &own).await, [Some("connected".to_owned()), None, None]);
        let time = crate::stage::connected_at(app);
        let entry = |after: i64, value: Value| json!({ "id": own.waba, "time": time + after, "changes": [{ "field": "account_update", "value": value }] });
        let batch = json!({ "object": "whatsapp_business_account", "entry": [
            entry(60, ban("DISABLE")), entry(70, ban("REINSTATE")), entry(50, ban("SCHEDULE_FOR_DISABLE")), entry(60, ban("DISABLE")) ] });
        app.delivered(batch.to_string()).await;
        assert_eq!(standing(app, &own.waba).await, ["CONNECTED", "CONNECTED"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_before_the_connection_does_not_cut_it_and_one_after_it_destroys_the_token() {
    each_database(async |app| {
        let own = account(app, 1).await;
        let token = async || {
            store::wabas::any_tenant_token(&app.engine.db, &app.engine.sealer, &own.waba)
                .await
                .unwrap()
        };
        tells(
            app,
            &own,
            -500,
            "account_update",
            partner(&own, "PARTNER_REMOVED"),
        )
        .await;
        assert_eq!(
            standing(app, &own.waba).await[0],
            "-",
            "it was connected after that"
        );
        assert!(token().await.is_some());
        let removed = json!({ "event": "PARTNER_REMOVED", "waba_info": { "waba_id": own.waba },
            "disconnection_info": { "reason": "ACCOUNT_DISCONNECTED", "initiated_by": "USER" } });
        tells(app, &own, 5, "account_update", removed).await;
        assert_eq!(
            connection(app, &own).await,
            [
                Some("disconnected".to_owned()),
                None,
                Some("ACCOUNT_DISCONNECTED".to_owned())
            ]
        );
        assert!(
            token().await.is_none(),
            "a token that nobody may use is not kept"
        );
        let detail = rows(app, &own.waba).await[0]
            .standing_detail
            .clone()
            .unwrap();
        assert!(
            detail.contains("ACCOUNT_DISCONNECTED") && detail.contains("USER"),
            "{detail}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_about_one_tenant_or_one_number_leaves_the_others_alone() {
    each_database(async |app| {
        let (one, two) = (account(app, 1).await, account(app, 2).await);
        tells(app, &one, 5, "account_update", ban("DISABLE")).await;
        assert_eq!(standing(app, &one.waba).await, ["BANNED", "BANNED"]);
        assert_eq!(standing(app, &two.waba).await, ["-", "-"]);
        // A number of the platform's own account, shared out to two tenants.
        let (first, second) = (app.tenant(1).await, app.tenant(2).await);
        let gone = json!({ "event": "PARTNER_REMOVED", "phone_number": testkit::display(1), "waba_info": { "waba_id": testkit::WABA } });
        app.delivered(change(app, "999", 5, "account_update", &gone)).await;
        let shared = rows(app, testkit::WABA).await;
        let of = |number: &str| {
            let row = shared.iter().find(|row| row.phone_number_id.as_deref() == Some(number));
            row.unwrap().standing.clone()
        };
        assert_eq!(of(&first.number).as_deref(), Some("DISCONNECTED"));
        assert_eq!(of(&second.number), None);
        assert_eq!(shared[0].standing, None, "the account itself is there");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_a_review_and_the_quality_of_a_number_are_what_was_decided_last() {
    each_database(async |app| {
        let own = account(app, 1).await;
        let name = |decision: &str| json!({ "display_phone_number": own.dialled, "decision": decision,
            "requested_verified_name": "Café Luna", "rejection_reason": "NAME_FORMAT_UNACCEPTABLE" });
        let look = async || -> (Option<String>, Option<String>, Option<String>) {
            let sql = store::db::Sql::Both("SELECT n.name_status, n.verified_name, w.review_status FROM phone_numbers n JOIN wabas w ON w.waba_id = n.waba_id WHERE n.phone_number_id = $1");
            app.engine.db.first(sql, vec![own.number.as_str().into()]).await.unwrap().unwrap()
        };
        tells(app, &own, 10, "phone_number_name_update", name("REJECTED")).await;
        assert_eq!(look().await, (Some("DECLINED".to_owned()), None, None));
        tells(app, &own, 30, "phone_number_name_update", name("APPROVED")).await;
        tells(app, &own, 20, "phone_number_name_update", name("PENDING")).await;
        tells(app, &own, 40, "account_review_update", json!({ "decision": "APPROVED" })).await;
        tells(app, &own, 35, "account_review_update", json!({ "decision": "PENDING" })).await;
        let approved = Some("APPROVED".to_owned());
        assert_eq!(look().await, (approved.clone(), Some("Café Luna".to_owned()), approved));
        let quality = |event: &str| json!({ "display_phone_number": own.dialled, "event": event });
        tells(app, &own, 50, "phone_number_quality_update", quality("FLAGGED")).await;
        assert_eq!(standing(app, &own.waba).await, ["-", "FLAGGED"]);
        tells(app, &own, 60, "phone_number_quality_update", quality("UNFLAGGED")).await;
        assert_eq!(standing(app, &own.waba).await, ["-", "CONNECTED"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_of_a_banned_account_wait_untried_and_go_when_it_is_back() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let tells = async |after: i64, value: Value| {
            app.delivered(change(app, testkit::WABA, after, "account_update", &value)).await;
        };
        tells(10, ban("DISABLE")).await;
        let hello = json!({ "to": "+34600000001", "template": { "name": "hello_world", "language": "en_US" } });
        let id = shop.api.send(&hello).await;
        let held = held(app, &shop, &id).await;
        assert_eq!((held.0.as_str(), held.1), ("account", None), "until Meta says otherwise");
        assert_eq!(app.sim.outbound_summary().total, 0, "nothing is tried");
        tells(20, ban("REINSTATE")).await;
        left(&shop, &id).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restriction_holds_what_it_forbids_and_ends_by_itself() {
    each_database_with(Setup::by_hand, async |app| {
        let shop = app.tenant(1).await;
        let end = app.engine.clock.now().0 / 1_000_000 + 600;
        let value = restriction("RESTRICTED_BIZ_INITIATED_MESSAGING", end);
        app.delivered(change(app, testkit::WABA, 10, "account_update", &value)).await;
        app.customer_says(&shop.number, "34600000007", "hola");
        until("the customer's message is there", async || {
            match app.engine.db.first::<(i64,)>(store::db::Sql::Both("SELECT COUNT(*) FROM conversations WHERE last_inbound_at IS NOT NULL"), vec![]).await.unwrap() {
                Some((1,)) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
        let answer = shop.api.send(&json!({ "to": "+34600000007", "text": "Hola, ¿en qué ayudo?" })).await;
        left(&shop, &answer).await;
        let hello = json!({ "to": "+34600000001", "template": { "name": "hello_world", "language": "en_US" } });
        let id = shop.api.send(&hello).await;
        let (hold, until) = held(app, &shop, &id).await;
        assert_eq!((hold.as_str(), until), ("account", Some(end * 1_000_000)));
        app.engine.clock.advance(std::time::Duration::from_secs(601));
        left(&shop, &id).await;
    })
    .await;
}

/// What holds a message, and until when.
async fn held(app: &testkit::TestApp, shop: &testkit::Tenant, id: &str) -> (String, Option<i64>) {
    let tenant = shop.id.parse().unwrap();
    until("the message is held", async || {
        let place = store::outbox::place(&app.engine.db, tenant, id.parse().unwrap())
            .await
            .unwrap();
        match place {
            Some(place) if place.hold.is_some() => {
                Ok((place.hold.unwrap_or_default(), place.hold_until))
            }
            other => Err(format!("{other:?}")),
        }
    })
    .await
}

/// Waits until Meta has taken a message.
async fn left(shop: &testkit::Tenant, id: &str) {
    until("Meta has taken the message", async || {
        let message = shop.api.message(id).await;
        match message["accepted_at"].is_string() {
            true => Ok(()),
            false => Err(message.to_string()),
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_whose_end_nobody_told_is_over_when_meta_says_so_the_next_day() {
    each_database_with(Setup::by_hand, async |app| {
        let (own, _) = signed_up(app, json!({})).await;
        let act = async |value: Value| {
            let path = format!("/_sim/wabas/{}/account-update", own.waba);
            app.meta().post(&path, &value).await.expect(200);
        };
        act(json!({ "event": "DISABLED_UPDATE", "ban_state": "DISABLE" })).await;
        until("the account is banned", async || {
            let found = standing(app, &own.waba).await;
            if found == ["BANNED", "BANNED"] { Ok(()) } else { Err(format!("{found:?}")) }
        })
        .await;
        let hello = json!({ "to": "+34600000001", "template": { "name": "hello_world", "language": "en_US" } });
        let id = own.shop.api.send(&hello).await;
        held(app, &own.shop, &id).await;
        // A day on which it still is.
        let day = std::time::Duration::from_secs(24 * 3_600 + 1);
        app.engine.clock.advance(day);
        engine::health::step(&app.engine).await.unwrap();
        assert_eq!(standing(app, &own.waba).await, ["BANNED", "BANNED"]);
        // The end, of which no webhook comes.
        app.faults(&json!({ "webhook_offline": true })).await;
        act(json!({ "event": "DISABLED_UPDATE", "ban_state": "REINSTATE" })).await;
        engine::health::step(&app.engine).await.unwrap();
        assert_eq!(standing(app, &own.waba).await, ["BANNED", "BANNED"], "it is asked once a day");
        app.engine.clock.advance(day);
        engine::health::step(&app.engine).await.unwrap();
        assert_eq!(standing(app, &own.waba).await, ["CONNECTED", "CONNECTED"]);
        left(&own.shop, &id).await;
        let row = own.shop.api.all("/api/v1/connections").await;
        assert_eq!(row[0]["state"], "connected", "{row:?}");
    })
    .await;
}
