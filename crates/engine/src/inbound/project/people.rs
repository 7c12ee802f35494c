//! Who is who in a batch: finds contacts by any identity, adds those that are new, and the
//! conversations between them and the tenant's numbers. Used on the way in and on the way out.

use std::collections::{HashMap, HashSet};

use domain::identity::{Identity, Person};
use domain::{ContactId, ConversationId, TenantId, Timestamp, UserId, phone};
use store::{Tx, contacts, conversations};

/// The people of one batch.
#[derive(Default)]
pub(crate) struct People {
    by_identity: HashMap<(TenantId, Identity), usize>,
    slots: Vec<Slot>,
    new_identities: Vec<contacts::NewIdentity>,
    moved_identities: Vec<contacts::NewIdentity>,
    new_conversations: Vec<conversations::New>,
}

struct Slot {
    tenant: TenantId,
    contact: ContactId,
    on_file: Person,
    changed: bool,
    conversations: HashMap<String, Talk>,
}

/// A conversation as the batch knows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Talk {
    pub(crate) id: ConversationId,
    pub(crate) contact: ContactId,
    /// When it last received a message, the ones of this batch before included.
    pub(crate) last_inbound_at: Option<Timestamp>,
}

/// What is on file about a mention, before anything is made.
pub(crate) struct KnownPerson {
    pub(crate) talk: Option<Talk>,
    /// The person with the number as WhatsApp writes it, where the mention has another form of it.
    pub(crate) as_on_file: Option<Person>,
    /// Whether they have a name.
    pub(crate) is_named: bool,
}

/// One mention of a person.
pub(crate) struct Mention<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) number: &'a str,
    pub(crate) person: &'a Person,
    /// Who the person is from now on, where that was told.
    pub(crate) moved_to: Option<&'a Person>,
}

impl People {
    /// Loads whoever of the mentioned is on file.
    pub(crate) async fn load(
        tx: &mut Tx,
        mentions: impl Iterator<Item = Mention<'_>>,
    ) -> store::Result<Self> {
        let (mut identities, mut mentioned) = (Vec::new(), Vec::new());
        let mut numbers: HashMap<(TenantId, Identity), usize> = HashMap::new();
        for mention in mentions {
            let names = mention.person.identities().into_iter().chain(
                mention
                    .moved_to
                    .iter()
                    .flat_map(|person| person.identities()),
            );
            for identity in names {
                let n = *numbers
                    .entry((mention.tenant, identity))
                    .or_insert_with_key(|key| {
                        identities.push(key.clone());
                        identities.len() - 1
                    });
                mentioned.push((n, mention.number));
            }
        }
        let lookups: Vec<_> = identities
            .iter()
            .enumerate()
            .map(|(n, (tenant, identity))| contacts::Lookup {
                n,
                tenant: tenant.hex(),
                kind: identity.kind.as_str(),
                value: &identity.value,
            })
            .collect();
        let mut people = Self::default();
        let mut by_contact: HashMap<ContactId, usize> = HashMap::new();
        for found in contacts::any_tenant_find(tx, &lookups).await? {
            let Some((tenant, identity)) = identities.get(found.n) else {
                continue;
            };
            let contact = ContactId(found.contact_id);
            let slot = *by_contact.entry(contact).or_insert_with(|| {
                people.slots.push(Slot {
                    tenant: *tenant,
                    contact,
                    on_file: Person::default(),
                    changed: false,
                    conversations: HashMap::new(),
                });
                people.slots.len() - 1
            });
            people.by_identity.insert((*tenant, identity.clone()), slot);
        }
        people.read_files(tx, &identities, mentioned).await?;
        Ok(people)
    }

    /// What is on file about those who were found, and their conversations with the numbers in question.
    async fn read_files(
        &mut self,
        tx: &mut Tx,
        identities: &[(TenantId, Identity)],
        mentioned: Vec<(usize, &str)>,
    ) -> store::Result<()> {
        let pairs: HashSet<(usize, &str)> = mentioned
            .into_iter()
            .filter_map(|(n, number)| {
                let slot = self.by_identity.get(identities.get(n)?)?;
                Some((*slot, number))
            })
            .collect();
        let pairs: Vec<_> = pairs.into_iter().collect();
        let wanted: Vec<_> = pairs
            .iter()
            .map(|&(slot, number)| contacts::OnFileWanted {
                tenant: self.slots[slot].tenant.hex(),
                contact: self.slots[slot].contact.hex(),
                number,
            })
            .collect();
        for row in contacts::any_tenant_on_file(tx, &wanted).await? {
            let Some(&(slot, number)) = pairs.get(row.n) else {
                continue;
            };
            let slot = &mut self.slots[slot];
            slot.on_file = Person {
                wa_id: row.wa_id,
                bsuid: row.bsuid,
                username: row.username,
                profile_name: row.name,
            };
            if let Some(id) = row.conversation_id {
                let talk = Talk {
                    id: ConversationId(id),
                    contact: slot.contact,
                    last_inbound_at: row.last_inbound_at.map(Timestamp),
                };
                slot.conversations.insert(number.to_owned(), talk);
            }
        }
        Ok(())
    }

    /// The conversation between a person and a number, where there is one.
    pub(crate) fn known_talk(&self, mention: &Mention<'_>) -> Option<ConversationId> {
        let slot = mention
            .person
            .identities()
            .into_iter()
            .find_map(|identity| self.by_identity.get(&(mention.tenant, identity)).copied())?;
        let talk = self.slots[slot].conversations.get(mention.number);
        talk.map(|talk| talk.id)
    }

    /// The conversation between a person and a number; contact and conversation are made where they are missing.
    pub(crate) fn talk(&mut self, mention: &Mention<'_>, now: Timestamp) -> Talk {
        self.talk_of(mention, None, now)
    }

    /// The same; a conversation that is made belongs to `holder`.
    pub(crate) fn talk_of(
        &mut self,
        mention: &Mention<'_>,
        holder: Option<UserId>,
        now: Timestamp,
    ) -> Talk {
        let slot = self.find_or_make(mention, now);
        self.slots[slot].update(mention.person);
        if let Some(person) = mention.moved_to {
            for identity in person.identities() {
                self.take_over(slot, identity);
            }
            self.slots[slot].update(person);
        }
        let person = &mut self.slots[slot];
        if let Some(talk) = person.conversations.get(mention.number) {
            return *talk;
        }
        let talk = Talk {
            id: ConversationId::new(now),
            contact: person.contact,
            last_inbound_at: None,
        };
        person.conversations.insert(mention.number.to_owned(), talk);
        self.new_conversations.push(conversations::New {
            id: talk.id.hex(),
            tenant: mention.tenant.hex(),
            number: mention.number.to_owned(),
            contact: talk.contact.hex(),
            holder: holder.map(UserId::hex),
            at: now.0,
        });
        talk
    }

    /// Somebody stands in an address book: they are a contact, without a conversation. A name that is on file stays.
    pub(crate) fn meet(&mut self, mention: &Mention<'_>, now: Timestamp) {
        let slot = self.find_or_make(mention, now);
        let mut says = mention.person.clone();
        if self.slots[slot].on_file.profile_name.is_some() {
            says.profile_name = None;
        }
        self.slots[slot].update(&says);
    }

    fn find_or_make(&mut self, mention: &Mention<'_>, now: Timestamp) -> usize {
        let identities = mention.person.identities();
        let known = identities.iter().find_map(|identity| {
            self.by_identity
                .get(&(mention.tenant, identity.clone()))
                .copied()
        });
        let slot = known.unwrap_or_else(|| {
            self.slots.push(Slot {
                tenant: mention.tenant,
                contact: ContactId::new(now),
                on_file: Person::default(),
                changed: true,
                conversations: HashMap::new(),
            });
            self.slots.len() - 1
        });
        for identity in &identities {
            self.learn(slot, identity);
        }
        slot
    }

    /// Whoever is mentioned, where they are on file; changes nothing.
    pub(crate) fn known(&self, mention: &Mention<'_>) -> KnownPerson {
        let slot = mention
            .person
            .identities()
            .into_iter()
            .find_map(|identity| {
                let slot = self.by_identity.get(&(mention.tenant, identity))?;
                self.slots.get(*slot)
            });
        let on_file = slot.and_then(|slot| slot.on_file.phone());
        let other_form = on_file.filter(|on_file| {
            let given = mention.person.phone();
            given.is_some_and(|given| {
                given != *on_file && phone::canonical(&given) == phone::canonical(on_file)
            })
        });
        KnownPerson {
            is_named: slot.is_some_and(|slot| slot.on_file.profile_name.is_some()),
            talk: slot.and_then(|slot| slot.conversations.get(mention.number).copied()),
            as_on_file: other_form.map(|wa_id| Person {
                wa_id: Some(wa_id),
                ..mention.person.clone()
            }),
        }
    }

    /// Notes that a conversation received a message, for the rules that look back.
    pub(crate) fn received(&mut self, mention: &Mention<'_>, at: Timestamp) {
        let identities = mention.person.identities();
        let slot = identities.iter().find_map(|identity| {
            self.by_identity
                .get(&(mention.tenant, identity.clone()))
                .copied()
        });
        if let Some(talk) =
            slot.and_then(|slot| self.slots[slot].conversations.get_mut(mention.number))
        {
            talk.last_inbound_at = talk.last_inbound_at.max(Some(at));
        }
    }

    /// Writes what is new. Call before the messages are written.
    pub(crate) async fn write(self, tx: &mut Tx, now: Timestamp) -> store::Result<()> {
        let changed: Vec<_> = self
            .slots
            .iter()
            .filter(|slot| slot.changed)
            .map(|slot| slot.row(now))
            .collect();
        contacts::any_tenant_upsert(tx, &changed).await?;
        contacts::any_tenant_add_identities(tx, &self.new_identities).await?;
        contacts::any_tenant_move_identities(tx, &self.moved_identities).await?;
        conversations::any_tenant_add(tx, &self.new_conversations).await
    }

    /// An identity leads to this person from now on. Somebody who wrote under it before the change was told
    /// keeps what they wrote.
    fn take_over(&mut self, slot: usize, identity: Identity) {
        let person = &self.slots[slot];
        let key = (person.tenant, identity);
        if !self.by_identity.contains_key(&key) {
            self.learn(slot, &key.1);
        } else if self.by_identity.get(&key) != Some(&slot) {
            self.moved_identities.push(contacts::NewIdentity {
                tenant: key.0.hex(),
                kind: key.1.kind.as_str(),
                value: key.1.value.clone(),
                contact: person.contact.hex(),
            });
            self.by_identity.insert(key, slot);
        }
    }

    fn learn(&mut self, slot: usize, identity: &Identity) {
        let tenant = self.slots[slot].tenant;
        let contact = self.slots[slot].contact;
        self.by_identity
            .entry((tenant, identity.clone()))
            .or_insert_with(|| {
                self.new_identities.push(contacts::NewIdentity {
                    tenant: tenant.hex(),
                    kind: identity.kind.as_str(),
                    value: identity.value.clone(),
                    contact: contact.hex(),
                });
                slot
            });
    }
}

impl Slot {
    fn update(&mut self, says: &Person) {
        let pairs = [
            (&mut self.on_file.wa_id, &says.wa_id),
            (&mut self.on_file.bsuid, &says.bsuid),
            (&mut self.on_file.username, &says.username),
            (&mut self.on_file.profile_name, &says.profile_name),
        ];
        for (on_file, said) in pairs {
            if said.is_some() && on_file != said {
                on_file.clone_from(said);
                self.changed = true;
            }
        }
    }

    fn row(&self, now: Timestamp) -> contacts::Write {
        contacts::Write {
            id: self.contact.hex(),
            tenant: self.tenant.hex(),
            name: self.on_file.profile_name.clone(),
            wa_id: self.on_file.wa_id.clone(),
            phone: self.on_file.phone(),
            bsuid: self.on_file.bsuid.clone(),
            username: self.on_file.username.clone(),
            at: now.0,
        }
    }
}
