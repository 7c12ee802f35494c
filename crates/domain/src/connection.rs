//! A tenant's way to WhatsApp, and the words for where it stands.

use std::fmt;
use std::str::FromStr;

/// A word that is none of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not known here")]
pub struct Unknown(pub String);

macro_rules! words {
    ($($(#[$of:meta])* $kind:ident { $($(#[$doc:meta])* $name:ident = $text:literal,)* })*) => { $(
        $(#[$of])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kind { $($(#[$doc])* $name,)* }

        impl $kind {
            /// All of them, in their order.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As it is stored and shown.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }

        impl FromStr for $kind {
            type Err = Unknown;

            fn from_str(text: &str) -> Result<Self, Unknown> {
                match text { $($text => Ok(Self::$name),)* _ => Err(Unknown(text.to_owned())) }
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )* };
}

words! {
    /// Whose account a tenant uses and who pays Meta for it.
    Way {
        /// A number of the platform's own WABA.
        Shared = "shared",
        /// Its own WABA, by Embedded Signup, paid by the platform's line of credit.
        SolutionPartner = "solution_partner",
        /// Its own WABA, by Embedded Signup, paid by itself.
        TechProvider = "tech_provider",
        /// Its own WABA, with a token that somebody typed in.
        OwnCredentials = "own_credentials",
    }
    /// Where a connection stands.
    ConnectionState {
        /// On the way.
        Connecting = "connecting",
        /// It works.
        Connected = "connected",
        /// Somebody has to do something; the problem says what.
        ActionNeeded = "action_needed",
        /// It has ended; what was written stays.
        Disconnected = "disconnected",
    }
    /// Where a WABA's token stands.
    TokenState {
        /// Meta takes it.
        Valid = "valid",
        /// Meta takes it and it ends soon.
        Expiring = "expiring",
        /// Meta does not take it.
        Invalid = "invalid",
        /// There is none.
        None = "none",
    }
    /// Whom Meta's prices reach.
    BillingMode {
        /// Meta bills the tenant.
        Direct = "direct",
        /// The platform pays Meta and bills the tenant.
        Rebilled = "rebilled",
    }
    /// Why a run was begun.
    RunKind {
        /// The first one.
        Connect = "connect",
        /// With fresh access to a WABA that was connected before.
        Reconnect = "reconnect",
        /// Going on where the one before stopped.
        Resume = "resume",
    }
    /// Where a run stands.
    RunState {
        /// At work, or about to try again.
        Running = "running",
        /// Waits for somebody.
        Waiting = "waiting",
        /// Stopped by its cause; it can be resumed.
        Failed = "failed",
        /// At its end.
        Done = "done",
        /// Another run took its place, or the connection was ended.
        Cancelled = "cancelled",
    }
    /// Where a step stands.
    StepState {
        /// Not begun, or about to be tried again.
        Pending = "pending",
        /// Begun.
        Running = "running",
        /// At its end.
        Done = "done",
        /// Not needed on this way.
        Skipped = "skipped",
        /// Stopped by its cause.
        Failed = "failed",
    }
    /// What is done to connect, in this order.
    Step {
        /// The code of Embedded Signup becomes a token.
        ExchangeCode = "exchange_code",
        /// What the token may do, and with which WABAs.
        InspectToken = "inspect_token",
        /// WABA and numbers become the tenant's here.
        ClaimWaba = "claim_waba",
        /// The WABA's webhooks come to the platform's app.
        Subscribe = "subscribe",
        /// The platform's line of credit pays for the WABA.
        ShareCredit = "share_credit",
        /// Numbers are registered for the Cloud API.
        RegisterNumber = "register_number",
        /// What Meta says about WABA and numbers.
        ReadFacts = "read_facts",
        /// The WABA's templates.
        SyncTemplates = "sync_templates",
        /// Contacts and history of the WhatsApp Business app.
        SyncPhone = "sync_phone",
        /// Whether all of it works.
        Verify = "verify",
    }
}

impl Way {
    /// Who is billed on this way, unless the platform decides otherwise.
    pub const fn usual_billing(self) -> BillingMode {
        match self {
            Self::Shared | Self::SolutionPartner => BillingMode::Rebilled,
            Self::TechProvider | Self::OwnCredentials => BillingMode::Direct,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for step in Step::ALL {
            assert_eq!(step.to_string().parse(), Ok(*step));
        }
        for way in Way::ALL {
            assert_eq!(way.to_string().parse(), Ok(*way));
        }
        assert!("magic".parse::<Way>().is_err());
    }
}
