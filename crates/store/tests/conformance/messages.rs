//! Contacts, conversations, messages and their progress.

use domain::status::{MessageStatus, Progress};
use domain::{ContactId, ConversationId, MessageId, Sight, TenantId, Timestamp};
use store::{contacts, conversations, early_statuses, messages};

use crate::databases::Databases;

const NUMBER: &str = "100000000000001";
const NOW: Timestamp = Timestamp(1_764_500_000_000_000);

fn message(
    id: MessageId,
    tenant: TenantId,
    conversation: ConversationId,
    contact: ContactId,
    wamid: &str,
) -> messages::New {
    messages::New {
        id: id.hex(),
        tenant: tenant.hex(),
        conversation: conversation.hex(),
        contact: contact.hex(),
        number: NUMBER.into(),
        direction: "outbound",
        origin: "api",
        kind: "text".into(),
        wamid: Some(wamid.into()),
        text: Some("hola \0 ñ 🎉".into()),
        preview: "hola".into(),
        content: r#"{"text":{"body":"hola \u0000"}}"#.into(),
        reply_to: None,
        status: "accepted",
        occurred_at: NOW.0,
        at: NOW.0,
        author: None,
        batch: None,
        retry_of: None,
        terms: None,
    }
}

#[tokio::test]
async fn a_contact_is_found_by_any_identity_and_only_within_its_tenant() {
    for fresh in Databases::new().each().await {
        let (tenant, other, contact, conversation) = (
            TenantId::new(NOW),
            TenantId::new(NOW),
            ContactId::new(NOW),
            ConversationId::new(NOW),
        );
        let mut tx = fresh.db.begin().await.unwrap();
        let write = contacts::Write {
            id: contact.hex(),
            tenant: tenant.hex(),
            name: Some("Ana".into()),
            wa_id: Some("34600000001".into()),
            phone: Some("34600000001".into()),
            bsuid: None,
            username: None,
            at: NOW.0,
        };
        contacts::any_tenant_upsert(&mut tx, std::slice::from_ref(&write))
            .await
            .unwrap();
        let identity = contacts::NewIdentity {
            tenant: tenant.hex(),
            kind: "phone",
            value: "34600000001".into(),
            contact: contact.hex(),
        };
        contacts::any_tenant_add_identities(&mut tx, &[identity])
            .await
            .unwrap();
        let new = conversations::New {
            id: conversation.hex(),
            tenant: tenant.hex(),
            number: NUMBER.into(),
            contact: contact.hex(),
            holder: None,
            at: NOW.0,
        };
        conversations::any_tenant_add(&mut tx, &[new])
            .await
            .unwrap();
        let lookup = |n, tenant: TenantId| contacts::Lookup {
            n,
            tenant: tenant.hex(),
            kind: "phone",
            value: "34600000001",
        };
        let found = contacts::any_tenant_find(&mut tx, &[lookup(0, other), lookup(1, tenant)])
            .await
            .unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].n, found[0].contact_id), (1, contact.0));
        let wanted = |number| contacts::OnFileWanted {
            tenant: tenant.hex(),
            contact: contact.hex(),
            number,
        };
        let mut on_file =
            contacts::any_tenant_on_file(&mut tx, &[wanted("another"), wanted(NUMBER)])
                .await
                .unwrap();
        on_file.sort_by_key(|row| row.n);
        let found: Vec<_> = on_file
            .iter()
            .map(|row| (row.n, row.name.as_deref(), row.conversation_id))
            .collect();
        assert_eq!(
            found,
            [
                (0, Some("Ana"), None),
                (1, Some("Ana"), Some(conversation.0))
            ]
        );
        // A change that says nothing about the name leaves it.
        contacts::any_tenant_upsert(
            &mut tx,
            &[contacts::Write {
                name: None,
                bsuid: Some("US.1".into()),
                ..write
            }],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let contact = contacts::get(&fresh.db, tenant, Sight::All, contact)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (contact.name.as_deref(), contact.bsuid.as_deref()),
            (Some("Ana"), Some("US.1"))
        );
        assert!(
            contacts::get(&fresh.db, other, Sight::All, contact.id)
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test]
async fn progress_is_read_merged_and_written_back() {
    for fresh in Databases::new().each().await {
        let (tenant, conversation, contact) = (
            TenantId::new(NOW),
            ConversationId::new(NOW),
            ContactId::new(NOW),
        );
        let (id, pending) = (MessageId::new(NOW), MessageId::new(NOW));
        let mut tx = fresh.db.begin().await.unwrap();
        let queued = messages::New {
            wamid: None,
            status: "queued",
            ..message(pending, tenant, conversation, contact, "")
        };
        messages::any_tenant_add(
            &mut tx,
            &[
                message(id, tenant, conversation, contact, "wamid.A"),
                queued,
            ],
        )
        .await
        .unwrap();
        let wanted = [
            messages::Wamid {
                n: 7,
                number: NUMBER,
                wamid: "wamid.A",
            },
            messages::Wamid {
                n: 8,
                number: "other",
                wamid: "wamid.A",
            },
        ];
        assert_eq!(
            messages::any_tenant_known(&mut tx, &wanted).await.unwrap()[0].n,
            7
        );
        let mut found = messages::progress::any_tenant_by_wamid(&mut tx, &wanted)
            .await
            .unwrap();
        assert_eq!(found.len(), 1);
        let mut on_file = found.remove(0);
        assert!(
            on_file
                .progress
                .merge(&Progress::report(MessageStatus::Delivered, NOW, None))
        );
        messages::progress::any_tenant_write(&mut tx, [(id, None, &on_file.progress)], NOW)
            .await
            .unwrap();

        let by_id = messages::progress::ById {
            n: 0,
            id: pending.hex(),
            number: NUMBER,
        };
        let found = messages::progress::any_tenant_by_id(&mut tx, &[by_id])
            .await
            .unwrap();
        let sent = Progress::report(MessageStatus::Sent, NOW, None);
        messages::progress::any_tenant_write(&mut tx, [(found[0].id, Some("wamid.B"), &sent)], NOW)
            .await
            .unwrap();
        tx.commit().await.unwrap();

        let message = messages::get(&fresh.db, tenant, Sight::All, id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (message.status.as_str(), message.delivered_at),
            ("delivered", Some(NOW.0))
        );
        assert_eq!(
            message.text.as_deref(),
            Some("hola \u{fffd} ñ 🎉"),
            "NUL cannot be stored on PostgreSQL, so nowhere"
        );
        let message = messages::get(&fresh.db, tenant, Sight::All, pending)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (message.status.as_str(), message.wamid.as_deref()),
            ("sent", Some("wamid.B"))
        );
        assert!(
            messages::get(&fresh.db, TenantId::new(NOW), Sight::All, id)
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test]
async fn a_wamid_is_unique_on_its_number() {
    for fresh in Databases::new().each().await {
        let (tenant, conversation, contact) = (
            TenantId::new(NOW),
            ConversationId::new(NOW),
            ContactId::new(NOW),
        );
        for expected in [true, false] {
            let mut tx = fresh.db.begin().await.unwrap();
            let new = message(
                MessageId::new(NOW),
                tenant,
                conversation,
                contact,
                "wamid.A",
            );
            let added = messages::any_tenant_add(&mut tx, &[new]).await;
            assert_eq!(added.is_ok(), expected);
            if let Err(error) = added {
                assert!(error.is_conflict(), "{error}");
            } else {
                tx.commit().await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn an_early_status_is_kept_until_it_is_forgotten() {
    for fresh in Databases::new().each().await {
        let mut tx = fresh.db.begin().await.unwrap();
        let progress = Progress::report(MessageStatus::Read, NOW, None);
        early_statuses::any_tenant_keep(&mut tx, &[(NUMBER, "wamid.A", &progress)], NOW)
            .await
            .unwrap();
        let wanted = [messages::Wamid {
            n: 3,
            number: NUMBER,
            wamid: "wamid.A",
        }];
        assert_eq!(
            early_statuses::any_tenant_find(&mut tx, &wanted)
                .await
                .unwrap(),
            [(3, progress)]
        );
        early_statuses::any_tenant_forget(&mut tx, &wanted)
            .await
            .unwrap();
        assert!(
            early_statuses::any_tenant_find(&mut tx, &wanted)
                .await
                .unwrap()
                .is_empty()
        );
        tx.commit().await.unwrap();
    }
}
