//! The settings one by one: their names, which of them are secrets, and what may stand in them.

use std::borrow::Cow;

use secrecy::{ExposeSecret as _, SecretString};

use super::Known;

/// Something that the platform is at Meta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Setting {
    /// The app.
    AppId,
    /// Its secret.
    AppSecret,
    /// What the verification of the webhook address presents.
    VerifyToken,
    /// Where Meta posts webhooks.
    WebhookUrl,
    /// The version in request paths.
    GraphVersion,
    /// The business portfolio.
    BusinessId,
    /// The system user's token.
    SystemUserToken,
    /// The platform's own WABA.
    WabaId,
    /// The login configuration of Embedded Signup.
    ConfigId,
    /// A solution partner's line of credit.
    CreditLineId,
    /// The solution of two partners.
    SolutionId,
}

/// Where a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The configuration file or the environment: it wins, and cannot be changed on the page.
    Config,
    /// It was typed on the page.
    Page,
    /// It is not set.
    None,
}

impl Source {
    /// The word in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Page => "page",
            Self::None => "none",
        }
    }
}

impl Setting {
    /// All of them, in the order in which an empty installation is set up.
    pub const ALL: [Self; 11] = [
        Self::AppId,
        Self::AppSecret,
        Self::VerifyToken,
        Self::WebhookUrl,
        Self::GraphVersion,
        Self::BusinessId,
        Self::SystemUserToken,
        Self::WabaId,
        Self::ConfigId,
        Self::CreditLineId,
        Self::SolutionId,
    ];

    /// Its name in the configuration and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::AppId => "app_id",
            Self::AppSecret => "app_secret",
            Self::VerifyToken => "verify_token",
            Self::WebhookUrl => "webhook_url",
            Self::GraphVersion => "graph_version",
            Self::BusinessId => "business_id",
            Self::SystemUserToken => "system_user_token",
            Self::WabaId => "waba_id",
            Self::ConfigId => "config_id",
            Self::CreditLineId => "credit_line_id",
            Self::SolutionId => "solution_id",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.name() == name)
    }

    /// Whether it is kept sealed and never shown.
    pub fn is_secret(self) -> bool {
        matches!(
            self,
            Self::AppSecret | Self::VerifyToken | Self::SystemUserToken
        )
    }

    /// What is known of it.
    pub fn of(self, known: &Known) -> Option<Cow<'_, str>> {
        let secret = |secret: &Option<SecretString>| {
            let text = secret.as_ref()?.expose_secret();
            Some(Cow::Owned(text.to_owned()))
        };
        let plain = match self {
            Self::AppSecret => return secret(&known.app_secret),
            Self::VerifyToken => return secret(&known.verify_token),
            Self::SystemUserToken => return secret(&known.system_user_token),
            Self::AppId => &known.app_id,
            Self::WebhookUrl => &known.webhook_url,
            Self::GraphVersion => &known.graph_version,
            Self::BusinessId => &known.business_id,
            Self::WabaId => &known.waba_id,
            Self::ConfigId => &known.config_id,
            Self::CreditLineId => &known.credit_line_id,
            Self::SolutionId => &known.solution_id,
        };
        plain.as_deref().map(Cow::Borrowed)
    }

    /// Puts it in.
    pub(super) fn set(self, known: &mut Known, value: Option<&str>) {
        let (plain, secret) = (
            value.map(str::to_owned),
            value.map(|text| SecretString::from(text.to_owned())),
        );
        match self {
            Self::AppSecret => known.app_secret = secret,
            Self::VerifyToken => known.verify_token = secret,
            Self::SystemUserToken => known.system_user_token = secret,
            Self::AppId => known.app_id = plain,
            Self::WebhookUrl => known.webhook_url = plain,
            Self::GraphVersion => known.graph_version = plain,
            Self::BusinessId => known.business_id = plain,
            Self::WabaId => known.waba_id = plain,
            Self::ConfigId => known.config_id = plain,
            Self::CreditLineId => known.credit_line_id = plain,
            Self::SolutionId => known.solution_id = plain,
        }
    }

    /// Whether a value may stand in it.
    ///
    /// # Errors
    /// What it must be instead.
    pub fn check(self, value: &str) -> Result<(), &'static str> {
        let id = || {
            let harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            (1..=64).contains(&value.len()) && value.bytes().all(harmless)
        };
        let secret = || {
            (1..=2_000).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let version = || {
            let (major, minor) = value.strip_prefix('v')?.split_once('.')?;
            let number = |text: &str| {
                (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
            };
            (number(major) && number(minor)).then_some(())
        };
        let (is_right, must) = match self {
            Self::AppSecret | Self::VerifyToken | Self::SystemUserToken => (
                secret(),
                "must be letters, digits and signs without spaces; copy it whole",
            ),
            Self::WebhookUrl => (
                is_address(value),
                "must be an address that begins with https:// (http:// only for trying out), 200 characters at the most",
            ),
            Self::GraphVersion => (version().is_some(), "must be a version such as v24.0"),
            Self::AppId
            | Self::BusinessId
            | Self::WabaId
            | Self::ConfigId
            | Self::CreditLineId
            | Self::SolutionId => (id(), "must be an id of Meta's: digits, without spaces"),
        };
        if is_right { Ok(()) } else { Err(must) }
    }
}

/// Meta takes callback addresses of up to 200 characters (page "webhooks/override").
fn is_address(value: &str) -> bool {
    let rest = value
        .strip_prefix("https://")
        .or_else(|| value.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    value.len() <= 200
        && value.bytes().all(|byte| byte.is_ascii_graphic())
        && host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_found_by_its_name_and_keeps_what_is_put_in() {
        for setting in Setting::ALL {
            assert_eq!(Setting::named(setting.name()), Some(setting));
            let mut known = Known::default();
            setting.set(&mut known, Some("v1.0"));
            assert_eq!(setting.of(&known).as_deref(), Some("v1.0"), "{setting:?}");
            setting.set(&mut known, None);
            assert_eq!(setting.of(&known), None);
        }
    }

    #[test]
    fn what_meta_would_never_give_is_refused() {
        for (setting, wrong) in [
            (Setting::AppId, "12 34"),
            (Setting::AppId, "../me"),
            (Setting::AppSecret, "two words"),
            (Setting::AppSecret, "se\r\ncret"),
            (Setting::GraphVersion, "24.0"),
            (Setting::GraphVersion, "v24.0/me"),
            (Setting::WebhookUrl, "ftp://example.com"),
            (Setting::WebhookUrl, "https://me:secret@example.com/"),
            (Setting::WebhookUrl, "https:///path"),
        ] {
            assert!(setting.check(wrong).is_err(), "{setting:?} took {wrong:?}");
        }
        assert_eq!(Setting::GraphVersion.check("v25.0"), Ok(()));
        assert_eq!(
            Setting::WebhookUrl.check("https://wa.example.com/webhooks/meta"),
            Ok(())
        );
    }
}
