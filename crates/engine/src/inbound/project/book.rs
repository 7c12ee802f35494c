//! Contacts of the phone that shares its number with the platform: whoever is in its address book is a contact here.
//! A name that a person gave themselves stays. Who is taken out of the phone's book stays here, with what was written.

use domain::identity::Person;
use domain::{TenantId, Timestamp};
use store::Tx;

use super::people::{Mention, People};

pub(super) async fn project(
    tx: &mut Tx,
    entries: &[(TenantId, &str, &Person)],
    now: Timestamp,
) -> store::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let mentions = || {
        entries.iter().map(|(tenant, number, person)| Mention {
            tenant: *tenant,
            number,
            person,
            moved_to: None,
        })
    };
    let mut people = People::load(tx, mentions()).await?;
    for mention in mentions() {
        people.meet(&mention, now);
    }
    people.write(tx, now).await
}
