//! Codes of authenticator apps (RFC 6238: SHA-1, six digits, 30 seconds). A code works once.

use std::fmt;

use domain::UserId;
use qrcode::QrCode;
use qrcode::render::svg;
use secrecy::{ExposeSecret as _, SecretString};
use store::Tx;
use store::people::users::{self, User};
use store::seal::{Place, SealError, Sealer};
use totp_rs::{Builder, Secret, Totp};

/// A secret that an authenticator app can take in.
pub struct Enrolment {
    /// For typing.
    pub secret: String,
    /// For links.
    pub otpauth_url: String,
    /// For scanning.
    pub qr_svg: String,
}

/// All of it is the secret.
impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrolment").finish_non_exhaustive()
    }
}

fn place(row: &str) -> Place<'_> {
    Place {
        owner: "platform",
        table: "users",
        column: "totp_secret",
        row,
    }
}

fn totp(secret: &str, account: &str) -> Option<Totp> {
    Builder::new()
        .with_secret(Secret::try_from_base32(secret).ok()?)
        .with_account_name(account)
        .with_issuer(Some("Trunkline"))
        .build()
        .ok()
}

/// A new secret for a user, sealed, and what their app needs.
///
/// # Errors
/// When sealing fails.
pub(super) fn enrol(sealer: &Sealer, user: &User) -> Result<(Vec<u8>, Enrolment), SealError> {
    let secret = Secret::from(rand::random::<[u8; 20]>().as_slice()).to_base32();
    // An account's name in the address must not hold a colon; addresses have none.
    let otpauth_url = totp(&secret, &user.email)
        .and_then(|totp| totp.to_url().ok())
        .unwrap_or_default();
    let qr_svg = QrCode::new(&otpauth_url)
        .map(|code| {
            code.render::<svg::Color<'_>>()
                .min_dimensions(180, 180)
                .build()
        })
        .unwrap_or_default();
    let sealed = sealer.seal(place(&user.id.to_string()), &secret)?;
    let enrolment = Enrolment {
        secret,
        otpauth_url,
        qr_svg,
    };
    Ok((sealed, enrolment))
}

fn opened(sealer: &Sealer, id: UserId, sealed: &[u8]) -> Result<SecretString, SealError> {
    sealer.open(place(&id.to_string()), sealed)
}

/// Whether a code is right and was not used before; uses it up.
///
/// # Errors
/// When the database refuses.
pub(super) async fn use_code(
    sealer: &Sealer,
    tx: &mut Tx,
    user: &User,
    code: &str,
    now: domain::Timestamp,
) -> store::Result<bool> {
    let Some(sealed) = &user.totp_secret else {
        return Ok(false);
    };
    let secret = match opened(sealer, user.id, sealed) {
        Ok(secret) => secret,
        Err(error) => {
            tracing::error!(user.id = %user.id, error = %error, "an authenticator's secret cannot be opened");
            return Ok(false);
        }
    };
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = u64::try_from(now.0 / 1_000_000).unwrap_or(0);
    let step = totp(secret.expose_secret(), &user.email)
        .filter(|_| code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|totp| totp.check(&code, seconds));
    let Some(step) = step.and_then(|step| i64::try_from(step).ok()) else {
        return Ok(false);
    };
    users::use_step(tx, user.id, step).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enrolment_can_be_logged_without_its_secret() {
        let enrolment = Enrolment {
            secret: "JBSWY3DP".to_owned(),
            otpauth_url: "otpauth://totp/x?secret=JBSWY3DP".to_owned(),
            qr_svg: "<svg/>".to_owned(),
        };
        assert_eq!(format!("{enrolment:?}"), "Enrolment { .. }");
    }
}
