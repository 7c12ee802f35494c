//! Portfolios ("businesses"), their credit lines, the codes of sign-ups, and the tokens that come of them.

use std::collections::BTreeMap;

use crate::chance::Chance;
use crate::config::SimConfig;
use crate::ids;
use crate::seed::{TokenSpec, TokenState};

/// A portfolio.
#[derive(Debug, Clone, Default)]
pub(crate) struct Business {
    pub(crate) name: String,
    /// `verified`, `not_verified`, `pending` …
    pub(crate) verification: String,
}

/// Extended credit, by which its owner pays for others.
#[derive(Debug, Clone)]
pub(crate) struct CreditLine {
    pub(crate) business_id: String,
    pub(crate) legal_entity_name: String,
}

/// What a business received of a credit line.
#[derive(Debug, Clone)]
pub(crate) struct Allocation {
    pub(crate) credit_line_id: String,
    pub(crate) receiving_business_id: String,
    /// What `primary_funding_id` of the accounts that it pays for names.
    pub(crate) credential_id: String,
    pub(crate) deleted: bool,
}

/// Which kind of token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Of a system user of the business itself.
    SystemUser,
    /// Of a business's integration with the app: it came of a sign-up and reaches what that shared.
    Integration,
}

/// A token, and what it reaches.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) wabas: Vec<String>,
    pub(crate) spec: TokenSpec,
    pub(crate) kind: TokenKind,
    pub(crate) business_id: String,
    pub(crate) user_id: String,
    pub(crate) issued_ms: u64,
}

impl Token {
    pub(crate) fn system(chance: Chance, token: &str, business_id: &str, issued_ms: u64) -> Self {
        let user = chance.bits("system-user", token.as_bytes()) % 900_000_000_000_000;
        Self {
            wabas: Vec::new(),
            spec: TokenSpec::default(),
            kind: TokenKind::SystemUser,
            business_id: business_id.to_owned(),
            user_id: (100_000_000_000_000 + user).to_string(),
            issued_ms,
        }
    }

    /// Whether it is still one now: its time may be over.
    pub(crate) fn state(&self, now_ms: u64) -> TokenState {
        match self.spec.expires_at {
            Some(seconds)
                if self.spec.state == TokenState::Valid
                    && seconds.saturating_mul(1_000) <= now_ms =>
            {
                TokenState::Expired
            }
            _ => self.spec.state,
        }
    }
}

/// What the popup of a sign-up gives: good once, for a short time.
#[derive(Debug, Clone)]
pub(crate) struct SignupCode {
    pub(crate) dies_ms: u64,
    pub(crate) used: bool,
    pub(crate) business_id: String,
    pub(crate) wabas: Vec<String>,
    /// The token that comes of it lives so many seconds; `None` for ever.
    pub(crate) token_seconds: Option<u64>,
    pub(crate) spec: TokenSpec,
}

/// Businesses and what belongs to them beside accounts.
#[derive(Debug, Default)]
pub(crate) struct Businesses {
    pub(crate) all: BTreeMap<String, Business>,
    pub(crate) credit_lines: BTreeMap<String, CreditLine>,
    pub(crate) allocations: BTreeMap<String, Allocation>,
    pub(crate) codes: BTreeMap<String, SignupCode>,
    /// Sign-ups so far, behind the ids that they make.
    pub(crate) signups: u64,
}

impl Businesses {
    pub(crate) fn new(config: &SimConfig, seeded: Vec<(String, String)>) -> Self {
        let mut businesses = Self::default();
        businesses.put(&config.business_id, &config.business_name, "verified");
        for (id, name) in seeded {
            businesses.put(&id, &name, "not_verified");
        }
        if let Some(id) = &config.credit_line_id {
            let line = CreditLine {
                business_id: config.business_id.clone(),
                legal_entity_name: config.business_name.clone(),
            };
            businesses.credit_lines.insert(id.clone(), line);
        }
        businesses
    }

    pub(crate) fn put(&mut self, id: &str, name: &str, verification: &str) {
        let business = Business {
            name: name.to_owned(),
            verification: verification.to_owned(),
        };
        self.all.insert(id.to_owned(), business);
    }

    pub(crate) fn name(&self, id: &str) -> &str {
        self.all
            .get(id)
            .map_or("", |business| business.name.as_str())
    }

    /// The living allocation of a credit line to a business.
    pub(crate) fn allocation(
        &self,
        credit_line_id: &str,
        business_id: &str,
    ) -> Option<(&String, &Allocation)> {
        self.allocations.iter().find(|(_, allocation)| {
            !allocation.deleted
                && allocation.credit_line_id == credit_line_id
                && allocation.receiving_business_id == business_id
        })
    }

    /// Shares a credit line with a business; what is shared already stays as it is.
    pub(crate) fn share(
        &mut self,
        chance: Chance,
        credit_line_id: &str,
        business_id: &str,
    ) -> String {
        if let Some((id, _)) = self.allocation(credit_line_id, business_id) {
            return id.clone();
        }
        let subject = format!("{credit_line_id}/{business_id}");
        let count = self.allocations.len() as u64;
        let id = ids::numeric(chance, "allocation", &subject, count);
        let allocation = Allocation {
            credit_line_id: credit_line_id.to_owned(),
            receiving_business_id: business_id.to_owned(),
            credential_id: ids::numeric(chance, "credential", &subject, count),
            deleted: false,
        };
        self.allocations.insert(id.clone(), allocation);
        id
    }
}
