//! Passwords: argon2id, off the async threads, a few at a time.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// What is wrong with a password that somebody wants to have; each is a key of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weak {
    /// Fewer than 10 characters.
    Short,
    /// More than 200 characters.
    Long,
    /// One of the first guesses.
    Easy,
}

impl Weak {
    /// The text that explains it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Short => "password-short",
            Self::Long => "password-long",
            Self::Easy => "password-easy",
        }
    }
}

/// Whether a password may be used for this address. Length is what counts (NIST SP 800-63B §3.1.1.2);
/// no rules about kinds of characters.
///
/// # Errors
/// [`Weak`].
pub fn check_password(password: &str, email: &str) -> Result<(), Weak> {
    let length = password.chars().count();
    if length < 10 {
        return Err(Weak::Short);
    }
    if length > 200 {
        return Err(Weak::Long);
    }
    let lower = password.to_lowercase();
    let local = email.split('@').next().unwrap_or_default();
    let distinct: std::collections::HashSet<char> = lower.chars().collect();
    let run = "01234567890123456789abcdefghijklmnopqrstuvwxyzqwertyuiopasdfghjklzxcvbnm";
    let first_guess = [
        "password",
        "contraseña",
        "contrasena",
        "qwerty",
        "letmein",
        "trunkline",
        "whatsapp",
    ]
    .iter()
    .any(|word| {
        lower
            .strip_prefix(word)
            .is_some_and(|rest| rest.chars().all(|c| !c.is_alphabetic()))
    });
    if distinct.len() < 4
        || lower == email
        || (!local.is_empty() && lower == local)
        || run.contains(&lower)
        || first_guess
    {
        return Err(Weak::Easy);
    }
    Ok(())
}

/// Each takes 19 MiB and some 20 ms of a core; more at a time would only be memory.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// OWASP's first choice: 19 MiB, two passes, one lane.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let turn = AT_ONCE.acquire().await.ok()?;
    // The turn belongs to the work, which goes on when whoever asked has hung up.
    let work = move || {
        let _turn = turn;
        work()
    };
    tokio::task::spawn_blocking(work).await.ok()
}

/// The hash of a password, in PHC form.
pub async fn hash_password(password: &str) -> String {
    let password = password.to_owned();
    let hash = off_thread(move || {
        argon2()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
    });
    // Fails only without randomness or memory; an empty hash opens nothing.
    hash.await.and_then(Result::ok).unwrap_or_default()
}

/// Whether a hash was made with other parameters than today's.
pub(super) fn is_outdated(hash: &str) -> bool {
    let today = "$argon2id$v=19$m=19456,t=2,p=1$";
    !hash.starts_with(today)
}

/// Whether a password is the right one. Without a hash (no such user) it takes as long and says no.
pub(super) async fn is_right(password: &str, hash: Option<&str>) -> bool {
    let password = password.to_owned();
    let hash = hash.map(str::to_owned);
    let right = off_thread(move || match hash.as_deref().map(PasswordHash::new) {
        Some(Ok(hash)) => argon2().verify_password(password.as_bytes(), &hash).is_ok(),
        Some(Err(_)) | None => {
            argon2().hash_password(password.as_bytes()).ok();
            false
        }
    });
    right.await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let hash = hash_password("tres gatos azules").await;
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(!is_outdated(&hash), "{hash}");
        assert!(is_right("tres gatos azules", Some(&hash)).await);
        assert!(!is_right("tres gatos verdes", Some(&hash)).await);
        assert!(!is_right("tres gatos azules", None).await);
        assert!(!is_right("", Some("")).await, "an empty hash opens nothing");
    }

    #[test]
    fn first_guesses_are_refused_and_plain_words_are_not() {
        for (password, weak) in [
            ("corto", Weak::Short),
            ("aaaaaaaaaaaa", Weak::Easy),
            ("Password123!", Weak::Easy),
            ("1234567890", Weak::Easy),
            ("maria@example.com", Weak::Easy),
        ] {
            assert_eq!(
                check_password(password, "maria@example.com"),
                Err(weak),
                "{password}"
            );
        }
        assert_eq!(
            check_password(&"x1y2z3".repeat(50), "m@example.com"),
            Err(Weak::Long)
        );
        assert_eq!(
            check_password("tres gatos azules", "maria@example.com"),
            Ok(())
        );
    }
}
