//! Where there is a mail server, links go by mail and are not shown.

use serde_json::json;
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
