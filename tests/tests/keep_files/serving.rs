//! Files for those who may see them.

use reqwest::Method;
use reqwest::header::HeaderMap;
use testkit::{Client, each_database};

use crate::stage::{comes_to, id, sends};

struct Got {
    status: u16,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }
}

async fn get(client: &Client, method: Method, path: &str, headers: &[(&str, &str)]) -> Got {
    let mut request = client.request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    Got {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        bytes: answer.bytes().await.unwrap().to_vec(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_file_is_served_by_ranges_to_its_own_tenant_only() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let file: Vec<u8> = b"\0\0\0\x18ftypisom"
            .iter()
            .copied()
            .chain((0..100_000_u32).map(|n| n as u8))
            .collect();
        let message = id(&sends(app, &shop, 1, "video", Some(&file)).await);
        comes_to(&shop.api, &message, "stored").await;
        let path = format!("/api/v1/messages/{message}/media");
        let whole = get(&shop.api, Method::GET, &path, &[]).await;
        assert_eq!((whole.status, whole.bytes == file), (200, true));
        assert_eq!(whole.header("accept-ranges"), "bytes");
        assert_eq!(whole.header("content-type"), "video/mp4");
        assert_eq!(whole.header("x-content-type-options"), "nosniff");
        assert!(whole.header("content-security-policy").contains("sandbox"));
        let etag = whole.header("etag").to_owned();
        let head = get(&shop.api, Method::HEAD, &path, &[]).await;
        assert_eq!(
            (head.status, head.bytes.len(), head.header("content-length")),
            (200, 0, file.len().to_string().as_str())
        );
        let part = get(
            &shop.api,
            Method::GET,
            &path,
            &[("range", "bytes=50000-50009")],
        )
        .await;
        assert_eq!(
            (part.status, part.bytes.as_slice()),
            (206, &file[50_000..50_010])
        );
        assert_eq!(
            part.header("content-range"),
            format!("bytes 50000-50009/{}", file.len())
        );
        let end = get(&shop.api, Method::GET, &path, &[("range", "bytes=-5")]).await;
        assert_eq!(
            (end.status, end.bytes.as_slice()),
            (206, &file[file.len() - 5..])
        );
        let beyond = get(
            &shop.api,
            Method::GET,
            &path,
            &[("range", "bytes=999999999-")],
        )
        .await;
        assert_eq!(
            (beyond.status, beyond.header("content-range")),
            (416, format!("bytes */{}", file.len()).as_str())
        );
        let same = get(
            &shop.api,
            Method::GET,
            &path,
            &[("range", "bytes=0-4"), ("if-range", &etag)],
        )
        .await;
        assert_eq!((same.status, same.bytes.len()), (206, 5));
        let another = get(
            &shop.api,
            Method::GET,
            &path,
            &[("range", "bytes=0-4"), ("if-range", "\"other\"")],
        )
        .await;
        assert_eq!((another.status, another.bytes.len()), (200, file.len()));
        let known = get(&shop.api, Method::GET, &path, &[("if-none-match", &etag)]).await;
        assert_eq!((known.status, known.bytes.len()), (304, 0));
        for foreign in [&other.api, &app.admin()] {
            let refused = get(foreign, Method::GET, &path, &[("range", "bytes=0-4")]).await;
            assert!([403, 404].contains(&refused.status), "{}", refused.status);
        }
        assert_eq!(
            get(&app.anybody(), Method::GET, &path, &[]).await.status,
            401
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_has_a_thumbnail_and_a_hostile_one_has_none_and_harms_nobody() {
    each_database(async |app| {
        let (shop, other) = (app.tenant(1).await, app.tenant(2).await);
        let picture = id(&sends(app, &shop, 1, "image", None).await);
        let row = comes_to(&shop.api, &picture, "stored").await;
        assert_eq!(
            (&row["media"]["thumbnail"], &row["media"]["width"]),
            (&true.into(), &32.into()),
            "{row}"
        );
        let path = format!("/api/v1/messages/{picture}/thumbnail");
        let small = get(&shop.api, Method::GET, &path, &[]).await;
        assert_eq!(
            (small.status, small.header("content-type")),
            (200, "image/jpeg")
        );
        assert!(small.bytes.starts_with(b"\xff\xd8\xff"), "no JPEG came");
        assert_eq!(get(&other.api, Method::GET, &path, &[]).await.status, 404);
        // A picture of 60,000 × 60,000 pixels in 60 bytes.
        let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bomb.extend([
            0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 6, 0, 0, 0, 0, 0, 0, 0,
        ]);
        let bomb = id(&sends(app, &shop, 1, "image", Some(&bomb)).await);
        let row = comes_to(&shop.api, &bomb, "stored").await;
        assert_eq!(row["media"]["thumbnail"], false, "{row}");
        let none = shop
            .api
            .get(&format!("/api/v1/messages/{bomb}/thumbnail"))
            .await;
        none.expect_problem(404, "no_thumbnail");
    })
    .await;
}
