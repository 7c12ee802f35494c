//! What of a tenant's world decides what a rule leads to, read once for a batch of events.

use domain::TenantId;
use domain::notification::{Reason, Rule};
use domain::quiet_hours::QuietHours;
use store::numbers::PhoneNumber;
use store::tenants;

use super::catalogue::Catalogue;
use crate::Engine;
use crate::outbound::request::Refused;
use crate::templates::Templates;

/// A tenant as rules see it.
pub(super) struct World {
    pub(super) language: String,
    pub(super) quiet: Option<QuietHours>,
    /// From which it sends, or why it cannot.
    pub(super) number: Result<PhoneNumber, Reason>,
    /// Its templates; none when Meta cannot be asked.
    pub(super) catalogue: Option<Catalogue>,
}

impl World {
    /// Reads it.
    pub(super) async fn of(
        engine: &Engine,
        templates: &Templates,
        tenant: TenantId,
    ) -> store::Result<Self> {
        let Some(owner) = tenants::get(&engine.db, tenant).await? else {
            return Ok(Self::unable(String::new(), Reason::NoNumber));
        };
        let quiet = owner.quiet_hours.as_deref().and_then(QuietHours::parse);
        let mut world = Self::unable(owner.language.clone(), Reason::NoNumber);
        world.quiet = quiet;
        if owner.status != "active" {
            world.number = Err(Reason::Suspended);
            return Ok(world);
        }
        if !owner.whatsapp_enabled {
            world.number = Err(Reason::WhatsappOff);
            return Ok(world);
        }
        match crate::outbound::sender_of(engine, &owner).await {
            Ok(number) => {
                world.catalogue = Catalogue::of(engine, templates, tenant, &number, None).await?;
                world.number = Ok(number);
            }
            Err(Refused::Store(error)) => return Err(error),
            Err(_) => {}
        }
        Ok(world)
    }

    /// Makes sure of a rule's templates, where what is on file would hold its message.
    pub(super) async fn look_again(
        &mut self,
        engine: &Engine,
        templates: &Templates,
        tenant: TenantId,
        rule: &Rule,
    ) -> store::Result<()> {
        let other = rule.fallback_template.as_ref();
        let names = [Some(&rule.template.name), other.map(|other| &other.name)];
        for name in names.into_iter().flatten() {
            if let Ok(number) = &self.number {
                self.catalogue =
                    Catalogue::of(engine, templates, tenant, number, Some(name)).await?;
            }
        }
        Ok(())
    }

    fn unable(language: String, reason: Reason) -> Self {
        Self {
            language,
            quiet: None,
            number: Err(reason),
            catalogue: None,
        }
    }

    /// The tenant's time zone, where it has told one.
    pub(super) fn zone(&self) -> Option<&str> {
        self.quiet.as_ref().map(|quiet| quiet.time_zone.as_str())
    }
}
