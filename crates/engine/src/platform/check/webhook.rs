//! A real round trip to our own webhook address, as Meta makes it: over the public network, through every proxy.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use memchr::memmem;
use meta::graph::empty_webhook;
use secrecy::ExposeSecret as _;
use store::seal::{Place, Sealer};
use store::webhook_log::{Position, WebhookLog};

use super::{Check, Installation, State, WITHIN, dashboard};

/// The header by which an installation proves that it answered: the challenge, sealed with its key.
pub const PROOF: &str = "trunkline-proof";
/// Challenges of ours begin so; Meta's are digits.
const OURS: &str = "trunkline-";
/// Frames of the intake log that are looked through at once.
const FRAMES: usize = 200;

fn place(challenge: &str) -> Place<'_> {
    Place {
        owner: "platform",
        table: "webhook",
        column: "challenge",
        row: challenge,
    }
}

/// The proof for a challenge of ours; none for Meta's.
pub fn proof(sealer: &Sealer, challenge: &str) -> Option<String> {
    if !challenge.starts_with(OURS) || challenge.len() > 100 {
        return None;
    }
    let sealed = sealer.seal(place(challenge), challenge).ok()?;
    Some(URL_SAFE_NO_PAD.encode(sealed))
}

fn is_proof(sealer: &Sealer, challenge: &str, proof: Option<&str>) -> bool {
    let sealed = proof.and_then(|proof| URL_SAFE_NO_PAD.decode(proof).ok());
    let opened = sealed.and_then(|sealed| sealer.open(place(challenge), &sealed).ok());
    opened.is_some_and(|opened| opened.expose_secret() == challenge)
}

/// The verification, and a signed post that has to arrive in our own intake log.
pub(super) async fn webhook(it: &Installation<'_>) -> Vec<Check> {
    const NAMES: [&str; 2] = ["webhook_verification", "webhook_delivery"];
    let Some(url) = it.webhook_url else {
        let skipped = |name| Check::new(name, State::Skipped, "check-public-url-unknown", &[]);
        return NAMES.map(skipped).to_vec();
    };
    let verified = verified(it, url).await;
    let delivered = if verified.state == State::Ok {
        delivered(it, url).await
    } else {
        Check::new(NAMES[1], State::Skipped, "check-needs-verification", &[])
    };
    vec![verified, delivered]
}

fn nonce() -> String {
    hex::encode(rand::random::<[u8; 12]>())
}

async fn verified(it: &Installation<'_>, url: &str) -> Check {
    const NAME: &str = "webhook_verification";
    let Some(token) = &it.known.verify_token else {
        return Check::new(NAME, State::Wrong, "check-verify-token-missing", &[])
            .mend("check-verify-token-mend", &[]);
    };
    let challenge = format!("{OURS}{}", nonce());
    let call = it.graph.verify_callback(url, token, &challenge, PROOF);
    let answer = match in_time(NAME, url, call).await {
        Ok(answer) => answer,
        Err(check) => return check,
    };
    let status = answer.status.to_string();
    let with = [("url", url), ("status", status.as_str())];
    if answer.status == 403 {
        return Check::new(NAME, State::Wrong, "check-webhook-other-token", &with)
            .mend("check-webhook-other-mend", &[]);
    }
    if answer.status != 200 || answer.body.trim() != challenge {
        return Check::new(NAME, State::Wrong, "check-webhook-not-ours", &with)
            .mend("check-webhook-reach-mend", &with);
    }
    if is_proof(it.sealer, &challenge, answer.header.as_deref()) {
        Check::new(NAME, State::Ok, "check-webhook-verified", &with)
    } else {
        Check::new(NAME, State::Wrong, "check-webhook-another", &with)
            .mend("check-webhook-other-mend", &[])
    }
}

async fn delivered(it: &Installation<'_>, url: &str) -> Check {
    const NAME: &str = "webhook_delivery";
    let (Some(secret), Some(log)) = (&it.known.app_secret, it.log) else {
        return Check::new(NAME, State::Wrong, "check-app-no-secret", &[])
            .mend("check-app-mend", &[])
            .at(dashboard(it, "settings/basic/"));
    };
    let mark = nonce();
    let Ok(before) = log.last().await else {
        return Check::new(NAME, State::Wrong, "check-log-unreadable", &[]);
    };
    let call = it.graph.post_callback(url, secret, empty_webhook(&mark));
    let answer = match in_time(NAME, url, call).await {
        Ok(answer) => answer,
        Err(check) => return check,
    };
    let status = answer.status.to_string();
    let with = [("url", url), ("status", status.as_str())];
    match answer.status {
        200 => match arrived(log, before, &mark).await {
            Ok(true) => Check::new(NAME, State::Ok, "check-delivery-ok", &with),
            Ok(false) => Check::new(NAME, State::Wrong, "check-delivery-elsewhere", &with)
                .mend("check-webhook-other-mend", &[]),
            Err(_) => Check::new(NAME, State::Wrong, "check-log-unreadable", &[]),
        },
        401 => Check::new(NAME, State::Wrong, "check-delivery-signature", &with)
            .mend("check-delivery-signature-mend", &[]),
        _ => Check::new(NAME, State::Wrong, "check-delivery-refused", &with)
            .mend("check-webhook-reach-mend", &with),
    }
}

/// What is durable is in the log before the 200 is answered, so it is there now or never.
async fn arrived(log: &WebhookLog, before: Position, mark: &str) -> store::Result<bool> {
    let wanted = memmem::Finder::new(mark);
    let mut after = before;
    loop {
        let frames = log.read_after(after, FRAMES).await?;
        let Some(last) = frames.last() else {
            return Ok(false);
        };
        after = last.position;
        let mut posts = frames.iter().flat_map(|frame| &frame.posts);
        if posts.any(|post| wanted.find(&post.body).is_some()) {
            return Ok(true);
        }
    }
}

/// What the address answered, if it did in time.
async fn in_time<T>(
    name: &'static str,
    url: &str,
    call: impl Future<Output = Result<T, String>>,
) -> Result<T, Check> {
    match tokio::time::timeout(WITHIN, call).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(why)) => {
            let with = [("url", url), ("why", why.as_str())];
            Err(
                Check::new(name, State::Wrong, "check-webhook-unreached", &with)
                    .mend("check-webhook-reach-mend", &with),
            )
        }
        Err(_) => {
            let seconds = WITHIN.as_secs().to_string();
            let with = [("url", url), ("seconds", seconds.as_str())];
            Err(Check::new(name, State::Wrong, "check-webhook-late", &with)
                .mend("check-webhook-reach-mend", &with))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_proves_a_challenge_and_only_that_challenge() {
        let (ours, theirs) = ("11".repeat(32), "22".repeat(32));
        let ours = Sealer::new([ours.as_str()]).unwrap();
        let theirs = Sealer::new([theirs.as_str()]).unwrap();
        let mine = proof(&ours, "trunkline-1").unwrap();
        assert!(is_proof(&ours, "trunkline-1", Some(&mine)));
        assert!(!is_proof(&ours, "trunkline-2", Some(&mine)));
        assert!(!is_proof(&theirs, "trunkline-1", Some(&mine)));
        assert!(!is_proof(&ours, "trunkline-1", None));
        assert_eq!(
            proof(&ours, "1158201444"),
            None,
            "Meta's challenges get none"
        );
    }
}
