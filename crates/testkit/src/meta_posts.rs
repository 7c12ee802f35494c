//! What Meta, or somebody who pretends to be Meta, posts to the webhook.

use reqwest::Method;

use crate::app::{APP_SECRET, TestApp};
use crate::client::{Answer, Client};

/// The header that carries the signature.
const SIGNATURE: &str = "X-Hub-Signature-256";

impl TestApp {
    /// Posts a body as Meta does: signed with the app's secret.
    pub async fn deliver(&self, body: impl Into<Vec<u8>>) -> Answer {
        let body = body.into();
        let signature = sim::sign(APP_SECRET, &body);
        self.deliver_with(Some(&signature), body).await
    }

    /// Posts a body that must be taken, and waits until it is projected.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn delivered(&self, body: impl Into<Vec<u8>>) {
        self.deliver(body).await.expect(200);
        self.projected().await;
    }

    /// Posts a body signed with another secret.
    pub async fn deliver_forged(&self, body: impl Into<Vec<u8>>) -> Answer {
        let body = body.into();
        let signature = sim::sign("somebody else's secret", &body);
        self.deliver_with(Some(&signature), body).await
    }

    /// Posts a body with this signature header, or with none.
    pub async fn deliver_with(&self, signature: Option<&str>, body: Vec<u8>) -> Answer {
        let meta = Client::new(self.http.clone(), &self.url, None);
        let mut request = meta
            .request(Method::POST, "/webhooks/meta")
            .header("Content-Type", "application/json");
        if let Some(signature) = signature {
            request = request.header(SIGNATURE, signature);
        }
        Answer::of(request.body(body)).await
    }

    /// Every body in the intake log, in order, byte for byte.
    ///
    /// # Panics
    /// When the log cannot be read.
    pub async fn kept(&self) -> Vec<bytes::Bytes> {
        let (mut after, mut bodies) = (0, Vec::new());
        loop {
            let frames = self.engine.log.read_after(after, 1_000).await;
            let frames = frames.expect("the intake log can be read");
            let Some(last) = frames.last() else {
                return bodies;
            };
            after = last.position;
            let posts = frames.into_iter().flat_map(|frame| frame.posts);
            bodies.extend(posts.map(|post| post.body));
        }
    }
}
