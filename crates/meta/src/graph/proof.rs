//! `appsecret_proof`: that a caller with a token also knows the secret of the token's app (Graph API, "Securing Graph
//! API requests"). Apps may demand it ("Require app secret"), so it goes along with every call.
//!
//! A token may be of another app, whose secret nobody here knows, and a secret may be mistyped. Meta refuses such a
//! proof before it looks at the call, so the call is made once more without, and the proof is not offered again.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use reqwest::{Request, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};

use super::GraphError;

const PARAMETER: &str = "appsecret_proof";
/// More tokens of other apps than any installation has; with more of them it begins anew.
const MOST: usize = 10_000;

/// What proves, for a client and its clones.
#[derive(Clone, Default)]
pub(super) struct Prover(Arc<RwLock<Known>>);

#[derive(Default)]
struct Known {
    secret: Option<SecretString>,
    /// Proofs that Meta did not take.
    refused: HashSet<String>,
}

impl fmt::Debug for Prover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prover").finish_non_exhaustive()
    }
}

impl Prover {
    fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on this secret proves; without one nothing is proven.
    pub(super) fn prove_with(&self, secret: Option<&SecretString>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.secret = secret.cloned();
    }

    /// Hex of HMAC-SHA256 of the token, keyed with the app's secret; none where Meta does not take it.
    pub(super) fn of(&self, token: &SecretString) -> Option<String> {
        let known = self.known();
        let secret = known.secret.as_ref()?.expose_secret().as_bytes();
        let signed = crate::signature::sign(secret, token.expose_secret().as_bytes());
        let (_, proof) = signed.rsplit_once('=')?;
        (!known.refused.contains(proof)).then(|| proof.to_owned())
    }

    /// Meta has not taken this proof.
    pub(super) fn refused(&self, proof: String) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.refused.len() >= MOST {
            known.refused.clear();
        }
        known.refused.insert(proof);
    }
}

/// Whether Meta refused the proof, and so did not look at the call.
pub(super) fn is_refused(error: &GraphError) -> bool {
    error.code == 100
        && error.message.contains(PARAMETER)
        && error.message.to_ascii_lowercase().contains("invalid")
}

/// A request that can be made again without its proof, where its body allows that.
pub(super) struct Provable {
    client: reqwest::Client,
    request: Request,
}

impl Provable {
    /// # Errors
    /// When the request cannot be made at all.
    pub(super) fn new(request: RequestBuilder) -> reqwest::Result<Self> {
        let (client, request) = request.build_split();
        let request = request?;
        Ok(Self { client, request })
    }

    /// The proof that it carries.
    pub(super) fn proof(&self) -> Option<String> {
        let mut pairs = self.request.url().query_pairs();
        let (_, proof) = pairs.find(|(name, _)| name == PARAMETER)?;
        Some(proof.into_owned())
    }

    /// The same without proof; none where it has a body that is gone once it is sent.
    pub(super) fn unproven(&self) -> Option<Self> {
        let pairs = self.request.url().query_pairs().into_owned();
        let rest: Vec<_> = pairs.filter(|(name, _)| name != PARAMETER).collect();
        let mut request = self.request.try_clone()?;
        request.url_mut().set_query(None);
        if !rest.is_empty() {
            request.url_mut().query_pairs_mut().extend_pairs(rest);
        }
        let client = self.client.clone();
        Some(Self { client, request })
    }

    pub(super) async fn send(self) -> reqwest::Result<Response> {
        self.client.execute(self.request).await
    }
}
