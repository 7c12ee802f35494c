//! Where there is a mail server, links go by mail and are not shown.

use domain::access::Role;
use serde_json::json;
use store::audit::Who;
use testkit::{PASSWORD, Setup, each_database_with};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A mailbox: takes every mail, or (`refuse`) none, and hands on what it got.
async fn mailbox(refuse: bool) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let (into, mails) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream, refuse, into.clone()));
        }
    });
    (url, mails)
}

/// RFC 5321, as much of it as one client needs.
async fn talk(stream: TcpStream, refuse: bool, into: mpsc::UnboundedSender<String>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut mail: Option<String> = None;
    write.write_all(b"220 mailbox\r\n").await.ok();
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match (&mut mail, line.as_str()) {
            (Some(text), ".") => {
                into.send(std::mem::take(text)).ok();
                mail = None;
                "250 kept\r\n"
            }
            (Some(text), line) => {
                text.push_str(line);
                text.push('\n');
                continue;
            }
            (None, line) if line.starts_with("DATA") => {
                mail = Some(String::new());
                "354 go on\r\n"
            }
            (None, line) if line.starts_with("RCPT") && refuse => "550 nobody here\r\n",
            (None, _) => "250 ok\r\n",
        };
        write.write_all(answer.as_bytes()).await.ok();
    }
}

/// The text of a mail whose lines were folded with `=` (quoted-printable).
fn unfolded(mail: &str) -> String {
    mail.replace("=\n", "").replace("=3D", "=")
}

fn link<'a>(mail: &'a str, url: &str) -> &'a str {
    let at = mail
        .find(url)
        .unwrap_or_else(|| panic!("no link in {mail}"));
    mail[at..].split_whitespace().next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_goes_by_mail_in_the_tenants_language_and_its_link_is_not_shown() {
    let (smtp_url, mut mails) = mailbox(false).await;
    let setup = || Setup {
        smtp_url: smtp_url.clone(),
        ..Setup::default()
    };
    let received = tokio::sync::Mutex::new(&mut mails);
    each_database_with(setup, async |app| {
        let body = json!({ "name": "Panadería", "language": "es" });
        let shop = app
            .admin()
            .post("/api/v1/admin/tenants", &body)
            .await
            .expect(201);
        let body = json!({ "email": "ines@example.com", "tenant_id": shop["id"], "role": "owner" });
        let made = app
            .admin()
            .post("/api/v1/admin/invitations", &body)
            .await
            .expect(201);
        assert_eq!(made["sent"], true, "{made}");
        assert!(
            made["url"].is_null(),
            "a link that was sent is not shown as well: {made}"
        );
        let mail = unfolded(&received.lock().await.recv().await.unwrap());
        assert!(mail.contains("To: ines@example.com"), "{mail}");
        assert!(mail.contains("Abra este enlace"), "{mail}");
        let ines = app.accept(link(&mail, &app.url), "Inés").await;
        ines.get("/api/v1/conversations").await.expect(200);

        for email in ["ines@example.com", "nobody@example.com"] {
            let page = app.form("/reset", &[("email", email)]).await;
            assert_eq!(page.status, 200);
            assert!(page.text.contains("Look into your mail"), "{}", page.text);
        }
        let mail = unfolded(&received.lock().await.recv().await.unwrap());
        let path = link(&mail, &app.url)
            .strip_prefix(&app.url)
            .unwrap()
            .to_owned();
        let new = app.form(&path, &[("password", "un barco de papel")]).await;
        assert_eq!(new.status, 303, "{}", new.text);
        app.try_sign_in("ines@example.com", PASSWORD, None)
            .await
            .expect_problem(401, "sign_in_failed");
        assert!(
            received.lock().await.try_recv().is_err(),
            "nobody else got a mail"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_refuses_is_said_and_the_link_is_shown() {
    let (smtp_url, _mails) = mailbox(true).await;
    let setup = || Setup {
        smtp_url: smtp_url.clone(),
        ..Setup::default()
    };
    each_database_with(setup, async |app| {
        let body = json!({ "email": "ines@example.com" });
        let made = app
            .admin()
            .post("/api/v1/admin/invitations", &body)
            .await
            .expect(201);
        assert_eq!(made["sent"], false);
        app.accept(made["url"].as_str().unwrap(), "Inés").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_told_to_the_owners_once_in_their_language() {
    let (smtp_url, mut mails) = mailbox(false).await;
    let setup = || Setup {
        smtp_url: smtp_url.clone(),
        ..Setup::default()
    };
    let received = tokio::sync::Mutex::new(&mut mails);
    each_database_with(setup, async |app| {
        let shop = app.tenant(1).await;
        for (email, role) in [("ana@example.com", Role::Owner), ("luis@example.com", Role::Agent)] {
            let wanted = trunkline::people::Wanted {
                email,
                name: "Ana",
                password: PASSWORD,
                language: "es",
                platform_admin: false,
                belongs: Some((shop.id.parse().unwrap(), role)),
            };
            let who = Who::system("story");
            trunkline::people::add(&app.engine, wanted, &who).await.unwrap();
        }
        let mut received = received.lock().await;
        while received.try_recv().is_ok() {}
        let time = app.engine.clock.now().0 / 1_000_000;
        for _ in 0..2 {
            let change = json!({ "field": "account_update", "value": { "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": "DISABLE" } } });
            let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": testkit::WABA, "time": time, "changes": [change] }] });
            app.delivered(body.to_string()).await;
        }
        let mail = received.recv().await.unwrap();
        let text = unfolded(&mail);
        assert!(text.contains("To: ana@example.com"), "{text}");
        assert!(text.contains("WhatsApp Manager, en Calidad de la cuenta"), "{text}");
        for _ in 0..3 {
            engine::health::alerts::sweep(&app.engine).await.unwrap();
        }
        assert!(received.try_recv().is_err(), "it is told once, and to the owner alone");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setup_link_goes_by_mail_where_an_address_is_given_and_says_whether_it_went() {
    let (smtp_url, mut mails) = mailbox(false).await;
    let setup = || Setup {
        smtp_url: smtp_url.clone(),
        ..Setup::default()
    };
    let received = tokio::sync::Mutex::new(&mut mails);
    each_database_with(setup, async |app| {
        let path = "/api/v1/admin/setup-links";
        let wish = json!({ "for": "Café Luna", "language": "es", "name": "Acme", "days": 7, "email": " Ana@Example.com " });
        let made = app.admin().post(path, &wish).await.expect(201);
        assert_eq!(made["sent"], true, "{made}");
        let mail = unfolded(&received.lock().await.recv().await.unwrap());
        assert!(mail.contains("To: ana@example.com"), "{mail}");
        assert!(mail.contains("durante 7"), "{mail}");
        assert_eq!(link(&mail, &app.url), made["url"].as_str().unwrap());
        assert!(!made["link"].to_string().contains("ana@"), "the address is not kept: {made}");
        let wrong = json!({ "for": "Café Luna", "email": "ana at example" });
        app.admin().post(path, &wrong).await.expect_problem(422, "invalid");
        let silent = json!({ "for": "Café Sol" });
        let made = app.admin().post(path, &silent).await.expect(201);
        assert_eq!(made["sent"], false, "{made}");
        assert!(received.lock().await.try_recv().is_err(), "nobody else got a mail");
        let all = app.admin().all(path).await;
        assert_eq!(all.len(), 2, "what was refused made nothing: {all:?}");
    })
    .await;
}
