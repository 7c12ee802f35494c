//! Phone numbers as people type them, against the golden file.

use std::collections::BTreeMap;

use domain::phone::{self, NotAPhone};

const GOLDEN: &str = include_str!("../../../fixtures/phones/golden.tsv");

fn cases() -> impl Iterator<Item = [&'static str; 3]> {
    GOLDEN
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let columns: Vec<_> = line.split('\t').collect();
            <[&str; 3]>::try_from(columns).unwrap_or_else(|_| panic!("three columns: {line:?}"))
        })
}

#[test]
fn every_way_of_typing_a_number_leads_to_one_person_and_to_the_form_that_is_dialled() {
    let (mut accepted, mut refused) = (0, 0);
    for [typed, filed, dialled] in cases() {
        match (phone::normalise(typed), filed) {
            (Err(NotAPhone::Digits(_)), "refused") if dialled == "digits" => refused += 1,
            (Err(NotAPhone::Letter(_)), "refused") if dialled == "letter" => refused += 1,
            (Err(NotAPhone::Domestic), "refused") if dialled == "domestic" => refused += 1,
            (Ok(digits), _) => {
                assert_eq!(phone::canonical(&digits), filed, "{typed:?}: whom it names");
                assert_eq!(
                    phone::dialled(&digits),
                    dialled,
                    "{typed:?}: what is dialled"
                );
                accepted += 1;
            }
            (other, _) => panic!("{typed:?} gave {other:?} instead of {filed} {dialled}"),
        }
    }
    assert!(
        accepted > 40 && refused > 10,
        "the file was read: {accepted}, {refused}"
    );
}

#[test]
fn what_is_dialled_and_what_whatsapp_reports_are_the_person_who_was_typed() {
    let mut by_person: BTreeMap<&str, &str> = BTreeMap::new();
    for [_, filed, dialled] in cases().filter(|[_, filed, _]| *filed != "refused") {
        for form in phone::variants(filed) {
            assert_eq!(phone::canonical(&form), filed);
            assert_eq!(phone::dialled(&form), dialled, "{form}");
        }
        let before = by_person.insert(filed, dialled);
        assert!(before.is_none_or(|before| before == dialled), "{filed}");
    }
}
