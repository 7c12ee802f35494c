//! The web application comes out of the same program, for people; programs keep their problem documents. These
//! stories hold with and without a built application.

#![expect(clippy::unwrap_used, reason = "a story stops where it cannot go on")]

use std::path::Path;

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use testkit::{Setup, TestApp, TestDatabase};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// Whether the program that these tests are linked with holds the application.
fn is_built() -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../web/build/index.html")
        .is_file()
}

struct Page {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Page {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

async fn open(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Page {
    let mut request = app.anybody().request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    Page {
        status: response.status(),
        headers: response.headers().clone(),
        text: response.text().await.unwrap(),
    }
}

async fn app() -> TestApp {
    TestApp::start(TestDatabase::sqlite(), Setup::default()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_gets_the_page_and_a_program_gets_a_problem() {
    let app = app().await;
    for path in ["/", "/inbox", "/platform/numbers"] {
        let page = open(&app, path, &[("accept", BROWSER)]).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        let expected = if is_built() {
            "_app/immutable/"
        } else {
            "cargo xtask web"
        };
        assert!(page.text.contains(expected), "{path}: {}", page.text);
    }
    for path in [
        "/inbox",
        "/api/v1/nothing",
        "/graph/v24.0/1",
        "/_app/gone.js",
    ] {
        let answer = app.anybody().get(path).await;
        answer.expect_problem(404, "not_found");
    }
    for path in ["/api/v1/nothing", "/webhooks/other"] {
        let answer = open(&app, path, &[("accept", BROWSER)]).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_says_what_it_may_do_and_nothing_is_sniffed() {
    let app = app().await;
    for path in ["/", "/docs"] {
        let page = open(&app, path, &[("accept", BROWSER)]).await;
        let policy = page.header("content-security-policy");
        for rule in [
            "default-src 'self'; script-src 'self'",
            "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
        ] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(
            !policy.contains("script-src 'self' 'unsafe-inline'"),
            "{path}: {policy}"
        );
        let inline = page.text.matches("<script>").count();
        assert_eq!(
            policy.matches("'sha256-").count(),
            inline,
            "{path}: {policy}"
        );
        assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
    }
    let answer = open(&app, "/healthz", &[]).await;
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("content-security-policy"), "");
    app.close().await;
}

#[expect(clippy::print_stdout, reason = "what was not tested has to be said")]
#[tokio::test(flavor = "multi_thread")]
async fn a_built_application_is_compressed_and_kept_by_the_browser() {
    if !is_built() {
        println!("not tried: the web application is not built (cargo xtask web)");
        return;
    }
    let app = app().await;
    let page = open(&app, "/", &[("accept", BROWSER)]).await;
    assert_eq!(page.header("cache-control"), "no-cache");
    let (_, rest) = page.text.split_once("/_app/immutable/entry/start").unwrap();
    let (name, _) = rest.split_once(['"', '\'']).unwrap();
    let script = format!("/_app/immutable/entry/start{name}");
    let plain = open(&app, &script, &[]).await;
    assert_eq!(plain.status, 200, "{script}");
    assert_eq!(
        plain.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    assert_eq!(
        plain.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let etag = plain.header("etag").to_owned();
    let again = open(&app, &script, &[("if-none-match", &etag)]).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));

    let head = app
        .anybody()
        .request(Method::HEAD, "/")
        .send()
        .await
        .unwrap();
    assert_eq!(head.status(), 200);
    app.close().await;
}
