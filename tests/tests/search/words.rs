//! What is found by what.

use serde_json::json;
use testkit::{each_database, webhook};

use super::{page, pages, rows, said, word, written};

#[tokio::test(flavor = "multi_thread")]
async fn words_are_found_as_they_are_typed() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let texts = [
            ("34600000001", "¿Tienen pan de CENTENO para mañana?"),
            (
                "34600000002",
                "Mi número es +34 612 345-678, el pedido 2026-0042",
            ),
            ("34600000003", "50% de descuento: a NEAR(b) AND c* OR \"d\""),
            ("34600000004", "東京 👍 Straße"),
        ];
        written(app, &shop, &texts).await;
        for (typed, found) in [
            ("centeno", &[0][..]),
            ("CENTÉNO", &[0]),
            ("cen", &[0]),
            ("pan cent", &[0]),
            ("cent pan", &[]),
            ("enteno", &[]),
            ("manana", &[0]),
            ("\"pan de centeno\"", &[0]),
            ("\"de pan centeno\"", &[]),
            ("\"pan de cen", &[0]),
            ("centeno \"pan de\"", &[0]),
            ("+34 612 345 678", &[1]),
            ("612345678", &[1]),
            ("612-345", &[1]),
            ("(612) 345.678", &[1]),
            ("20260042", &[1]),
            ("2026-0042", &[1]),
            ("pedido 2026-00", &[1]),
            ("descuento", &[2]),
            ("50%", &[2]),
            ("near", &[2]),
            ("NEAR(b)", &[2]),
            ("a AND c", &[2]),
            ("c*", &[2, 0]),
            ("words:pan", &[]),
            ("東", &[3]),
            ("京 ok", &[]),
            ("👍", &[3]),
            ("strasse", &[3]),
            ("de", &[2, 0]),
            ("d", &[2, 0]),
            ("%", &[]),
            ("\"", &[]),
            ("*", &[]),
            (":", &[]),
            ("^", &[]),
            ("' OR 1=1 --", &[]),
            ("\\", &[]),
            ("& | !", &[]),
            ("zzqx", &[]),
            ("\u{0}\u{1}", &[]),
        ] {
            let wanted: Vec<_> = found.iter().map(|n| texts[*n].1.to_owned()).collect();
            assert_eq!(said(&shop.api, typed).await, wanted, "{typed:?}");
        }
        // Nothing but spaces narrows nothing.
        assert_eq!(said(&shop.api, "  ").await.len(), texts.len());
        for path in ["messages", "conversations"] {
            let long = format!("/api/v1/{path}?q={}", "x".repeat(10_000));
            shop.api.get(&long).await.expect_problem(422, "invalid");
        }
        let wrong = "/api/v1/messages?q=pan&cursor=msg_x";
        shop.api.get(wrong).await.expect_problem(422, "invalid");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_in_which_it_stands_is_shown_with_the_hits_marked() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let long = format!(
            "{} El camión\nllegó tarde. {}",
            "paja ".repeat(80),
            "paja ".repeat(80)
        );
        written(app, &shop, &[("34600000001", &long)]).await;
        let found = rows(&shop.api, "/api/v1/messages", &[("q", "CAMION lle")]).await;
        let line = word(&found[0]["highlight"]);
        assert!(
            line.contains("El \u{2}camión\u{3} \u{2}llegó\u{3} tarde."),
            "{line:?}"
        );
        assert!(
            line.starts_with("… ") && line.ends_with('…') && line.chars().count() < 160,
            "{line:?}"
        );
        let all = rows(&shop.api, "/api/v1/messages", &[]).await;
        assert!(all[0].get("highlight").is_none(), "{}", all[0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn captions_buttons_files_cards_and_notes_are_found() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let from = "34600000001";
        for message in [
            json!({"type": "document", "document": {"id": "1", "mime_type": "application/pdf", "filename": "Factura_mayo-17.pdf", "caption": "Adjunto"}}),
            json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "b", "title": "Recoger en tienda"}}}),
            json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "Rosa Pérez", "first_name": "Rosa"}, "phones": [{"phone": "+34 699 88 77 66"}]}]}),
            json!({"type": "image", "image": {"id": "2", "mime_type": "image/jpeg", "caption": "La fachada"}}),
        ] {
            app.customer_writes(&shop.number, from, message);
        }
        testkit::until("all four are there", async || {
            let found = rows(&shop.api, "/api/v1/messages", &[]).await;
            if found.len() == 4 { Ok(()) } else { Err(found.len().to_string()) }
        })
        .await;
        let all = rows(&shop.api, "/api/v1/messages", &[]).await;
        let conversation = word(&all[0]["conversation_id"]);
        let path = format!("/api/v1/conversations/{conversation}/notes");
        shop.api.post(&path, &json!({"text": "Ojo: moroso"})).await.expect(201);
        app.indexed().await;
        for (typed, kind) in [
            ("factura mayo", "document"),
            ("adjunto", "document"),
            ("recoger", "interactive"),
            ("rosa per", "contacts"),
            ("699887766", "contacts"),
            ("fachada", "image"),
        ] {
            let found = rows(&shop.api, "/api/v1/messages", &[("q", typed)]).await;
            let kinds: Vec<_> = found.iter().map(|row| word(&row["type"])).collect();
            assert_eq!(kinds, [kind], "{typed}");
            assert!(word(&found[0]["highlight"]).contains('\u{2}'), "{typed}: {}", found[0]["highlight"]);
        }
        assert!(said(&shop.api, "moroso").await.is_empty(), "a note is shown where only messages were asked for");
        let with_notes = [("q", "moroso"), ("internal", "true")];
        assert_eq!(rows(&shop.api, "/api/v1/messages", &with_notes).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_common_word_comes_in_pages_newest_first_and_with_every_filter() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let mut values = Vec::new();
        for n in 0..130_i64 {
            let from = format!("3460000{:04}", n % 4);
            let text = format!(
                "hola {n} {}",
                if n % 10 == 0 { "especial" } else { "normal" }
            );
            values.push(webhook::text(
                &shop.number,
                &from,
                &format!("wamid.C{n}"),
                1_780_000_000 + n,
                &text,
            ));
        }
        app.delivered(webhook::post(values).to_string()).await;
        app.indexed().await;
        let path = "/api/v1/messages";
        let all = pages(&shop.api, path, &[("q", "hola")], "50").await;
        let texts: Vec<_> = all.iter().map(|row| word(&row["text"])).collect();
        assert_eq!(texts.len(), 130);
        assert!(
            texts[0].starts_with("hola 129 ") && texts[129].starts_with("hola 0 "),
            "{texts:?}"
        );
        let one = &all[5];
        let (conversation, contact) = (word(&one["conversation_id"]), word(&one["contact_id"]));
        for (filter, count) in [
            (("conversation_id", conversation.as_str()), 33),
            (("contact_id", &contact), 33),
            (("direction", "inbound"), 130),
            (("direction", "outbound"), 0),
            (("status", "received"), 130),
            (("status", "failed"), 0),
            (("type", "text"), 130),
            (("type", "image"), 0),
            (("phone_number_id", &shop.number), 130),
            (("phone_number_id", "1"), 0),
            (("from", "2020-01-01T00:00:00Z"), 130),
            (("to", "2020-01-01T00:00:00Z"), 0),
            (("from", "2100-01-01T00:00:00Z"), 0),
        ] {
            let with = pages(&shop.api, path, &[("q", "hola"), filter], "40")
                .await
                .len();
            let without = pages(&shop.api, path, &[filter], "40").await.len();
            let counted = page(&shop.api, &format!("{path}/export/count"), &[filter]).await;
            let searched = page(
                &shop.api,
                &format!("{path}/export/count"),
                &[("q", "hola"), filter],
            )
            .await;
            // The number of the customer that the row is of is one of four.
            let wanted = if count == 33 {
                [32, 33].into_iter().find(|n| *n == with).unwrap_or(33)
            } else {
                count
            };
            assert_eq!([with, without], [wanted, wanted], "{filter:?}");
            assert_eq!(
                counted,
                json!({"count": wanted, "exact": true}),
                "{filter:?}"
            );
            assert_eq!(
                searched,
                json!({"count": wanted, "exact": true}),
                "{filter:?} searched"
            );
        }
        let both = [
            ("q", "especial hola"),
            ("conversation_id", conversation.as_str()),
            ("type", "text"),
        ];
        for row in rows(&shop.api, path, &both).await {
            assert!(word(&row["text"]).ends_with("especial"), "{row}");
            assert_eq!(row["conversation_id"], json!(conversation));
        }
        for wrong in [
            "from=yesterday",
            "to=2026",
            "contact_id=cnv_1",
            "after=msg_1",
            "from=2027-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
        ] {
            let path = format!("{path}?{wrong}");
            shop.api.get(&path).await.expect_problem(422, "invalid");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_is_read_on_from_a_message_in_both_directions() {
    each_database(async |app| {
        let shop = app.tenant(1).await;
        let texts: Vec<_> = (0..30).map(|n| format!("línea {n}")).collect();
        let texts: Vec<_> = texts
            .iter()
            .map(|text| ("34600000001", text.as_str()))
            .collect();
        written(app, &shop, &texts).await;
        let all = rows(&shop.api, "/api/v1/messages", &[]).await;
        let (conversation, middle) = (word(&all[0]["conversation_id"]), word(&all[12]["id"]));
        let ids = |rows: &[serde_json::Value]| {
            rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>()
        };
        let thread =
            |more: &str| format!("/api/v1/messages?conversation_id={conversation}&limit=5&{more}");
        let next = shop
            .api
            .get(&thread(&format!("after={middle}")))
            .await
            .expect(200);
        assert_eq!(ids(next["data"].as_array().unwrap()), ids(&all[7..12]));
        let after = thread(&format!("after={}", word(&next["next"])));
        let next = shop.api.get(&after).await.expect(200);
        assert_eq!(ids(next["data"].as_array().unwrap()), ids(&all[2..7]));
        let after = thread(&format!("after={}", word(&next["next"])));
        let last = shop.api.get(&after).await.expect(200);
        assert_eq!(ids(last["data"].as_array().unwrap()), ids(&all[0..2]));
        assert_eq!(last["next"], json!(null));
        let before = shop
            .api
            .get(&thread(&format!("cursor={middle}")))
            .await
            .expect(200);
        assert_eq!(ids(before["data"].as_array().unwrap()), ids(&all[13..18]));
    })
    .await;
}
