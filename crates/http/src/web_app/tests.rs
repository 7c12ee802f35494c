//! The rules of serving, on files made up here: they hold whatever is embedded.

use super::*;

const BROWSER: (&str, &str) = (
    "accept",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
);
const START: &str = "/_app/immutable/entry/start.abc.js";

fn built() -> Assets {
    let files: [(&str, &str); 8] = [
        ("index.html", "<!doctype html><script>start()</script>"),
        ("index.html.br", "page in brotli"),
        ("index.html.gz", "page in gzip"),
        ("_app/immutable/entry/start.abc.js", "start"),
        ("_app/immutable/entry/start.abc.js.br", "start in brotli"),
        ("_app/immutable/entry/start.abc.js.gz", "start in gzip"),
        ("_app/immutable/assets/inter.woff2", "a font"),
        ("favicon.svg", "<svg/>"),
    ];
    Assets::of(
        files
            .into_iter()
            .map(|(name, bytes)| (name.to_owned(), bytes.into())),
    )
}

fn get(assets: &Assets, path: &str, headers: &[(&'static str, &str)]) -> Response {
    ask(assets, &Method::GET, path, headers)
}

fn ask(assets: &Assets, method: &Method, path: &str, headers: &[(&'static str, &str)]) -> Response {
    let headers = headers
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    answer(assets, method, path, &headers.collect())
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

async fn text(response: Response) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20)
        .await
        .unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn the_smallest_form_that_the_client_takes_is_sent() {
    let assets = built();
    for (accepts, encoding, body) in [
        ("gzip, deflate, br, zstd", "br", "start in brotli"),
        ("gzip, br;q=0", "gzip", "start in gzip"),
        ("identity", "", "start"),
    ] {
        let response = get(&assets, START, &[("accept-encoding", accepts)]);
        assert_eq!(header(&response, "content-encoding"), encoding, "{accepts}");
        assert_eq!(
            header(&response, "content-type"),
            "text/javascript; charset=utf-8"
        );
        assert_eq!(header(&response, "vary"), "Accept-Encoding");
        assert_eq!(text(response).await, body, "{accepts}");
    }
    let font = get(
        &assets,
        "/_app/immutable/assets/inter.woff2",
        &[("accept-encoding", "br")],
    );
    assert_eq!(header(&font, "content-encoding"), "");
    assert_eq!(header(&font, "content-type"), "font/woff2");
}

#[test]
fn hashed_files_are_kept_for_ever_and_the_page_is_asked_for_again() {
    let assets = built();
    let start = get(&assets, START, &[]);
    assert_eq!(
        header(&start, "cache-control"),
        "public, max-age=31536000, immutable"
    );
    for path in ["/", "/favicon.svg"] {
        assert_eq!(
            header(&get(&assets, path, &[BROWSER]), "cache-control"),
            "no-cache",
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_version_that_the_client_has_is_not_sent_again() {
    let assets = built();
    let first = get(&assets, "/inbox", &[BROWSER, ("accept-encoding", "br")]);
    let etag = header(&first, "etag").to_owned();
    assert!(etag.len() > 10, "{etag:?}");
    let again = [BROWSER, ("accept-encoding", "br"), ("if-none-match", &etag)];
    let second = get(&assets, "/inbox", &again);
    assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(header(&second, "etag"), etag);
    assert_eq!(header(&second, "cache-control"), "no-cache");
    assert_eq!(text(second).await, "");
    // Another form has another tag: a cache must not mix them up.
    let plain = get(&assets, "/inbox", &[BROWSER, ("if-none-match", &etag)]);
    assert_eq!(plain.status(), StatusCode::OK);
}

#[tokio::test]
async fn people_get_the_page_at_every_address_and_programs_do_not() {
    let assets = built();
    for path in ["/inbox", "/inbox/cnv_1", "/platform/numbers", "/apidocs"] {
        let page = get(&assets, path, &[BROWSER]);
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        assert!(
            header(&page, "content-security-policy").contains("'sha256-"),
            "{path}"
        );
        assert!(text(page).await.contains("start()"), "{path}");
        let program = get(&assets, path, &[("accept", "*/*")]);
        assert_eq!(program.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(header(&program, "content-type"), "application/problem+json");
    }
    assert_eq!(get(&assets, "/", &[]).status(), StatusCode::OK);
    for path in [
        "/api/v1/nothing",
        "/webhooks/other",
        "/graph/v24.0/1",
        "/healthz/x",
        "/_app/immutable/entry/gone.js",
    ] {
        let response = get(&assets, path, &[BROWSER]);
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(header(&response, "cache-control"), "no-store", "{path}");
    }
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let response = ask(&assets, &method, "/inbox", &[BROWSER]);
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{method}");
    }
}

#[tokio::test]
async fn a_build_without_the_application_says_how_to_make_it() {
    let nothing = Assets::of(std::iter::empty());
    let page = get(&nothing, "/", &[BROWSER]);
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(header(&page, "cache-control"), "no-store");
    assert!(text(page).await.contains("cargo xtask web"));
    assert_eq!(
        get(&nothing, "/api/v1/nothing", &[BROWSER]).status(),
        StatusCode::NOT_FOUND
    );
}

#[test]
fn the_page_to_connect_runs_the_sdk_and_hears_from_its_window_and_no_other_page_does() {
    let assets = built();
    for path in ["/settings/whatsapp/connect", "/setup/token"] {
        assert!(connects(path), "{path}");
        let mut page = get(&assets, path, &[BROWSER]);
        let (sdk, login) = ("https://sdk.example/sdk.js", "https://login.example");
        connecting(&mut page, assets.own_scripts(), sdk, login);
        let policy = header(&page, "content-security-policy");
        assert!(
            policy.contains("script-src 'self' 'sha256-")
                && policy.contains(" https://sdk.example;"),
            "{policy}"
        );
        assert_eq!(
            header(&page, "cross-origin-opener-policy"),
            "same-origin-allow-popups"
        );
    }
    for path in [
        "/",
        "/inbox",
        "/settings/whatsapp",
        "/settings/whatsapp/connect/x",
        "/settings/whatsapp/connected",
        "/setup",
        "/setup/",
        "/x/setup/token",
    ] {
        assert!(!connects(path), "{path}");
    }
}
