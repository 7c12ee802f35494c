use serde_json::json;

use super::*;

const NOW: Timestamp = Timestamp(1_790_000_000_000_000);

fn body(text: &str) -> Value {
    json!([{ "type": "BODY", "text": text }])
}

fn wanted(name: &str) -> Wanted {
    Wanted {
        name: name.to_owned(),
        language: "es".to_owned(),
        says: Some(Said {
            category: "UTILITY".to_owned(),
            components: body("Hola."),
        }),
        others: Vec::new(),
        begun_at: None,
        in_doubt: false,
        known_as: None,
        resubmit: false,
        next_at: NOW,
    }
}

fn there(status: &str, text: &str) -> AtMeta {
    let there = There {
        meta_id: "77".to_owned(),
        status: status.to_owned(),
        category: Some("UTILITY".to_owned()),
        rejected_reason: None,
        components: body(text),
    };
    HashMap::from([(("a".to_owned(), "es".to_owned()), there)])
}

fn one(wanted: Wanted, at_meta: &AtMeta, spent: Spent) -> (Act, Option<Timestamp>) {
    let mut plan = plan(NOW, &[wanted], at_meta, spent, &Limits::of(true));
    assert_eq!(plan.acts.len(), 1, "{plan:?}");
    (plan.acts.remove(0).1, plan.again_at)
}

fn ago(seconds: u64) -> Timestamp {
    NOW.minus(Duration::from_secs(seconds))
}

#[test]
fn what_is_not_there_is_made_and_what_is_there_is_taken_as_it_is() {
    let nothing = AtMeta::new();
    assert_eq!(one(wanted("a"), &nothing, Spent::default()).0, Act::Create);
    for status in ["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED"] {
        let act = one(wanted("a"), &there(status, "Hola."), Spent::default()).0;
        assert_eq!(act, Act::Adopt, "{status}");
    }
}

#[test]
fn a_creation_in_doubt_is_waited_for_before_it_is_done_again() {
    let nothing = AtMeta::new();
    let mut doubted = wanted("a");
    doubted.begun_at = Some(ago(5));
    let (act, again_at) = one(doubted.clone(), &nothing, Spent::default());
    assert_eq!(act, Act::Wait("trouble", ago(5).plus(SETTLES)));
    assert_eq!(again_at, Some(ago(5).plus(SETTLES)));
    doubted.begun_at = Some(ago(31));
    assert_eq!(
        one(doubted.clone(), &nothing, Spent::default()).0,
        Act::Create
    );
    // It did happen, and by now another version is wanted: it is ours.
    let act = one(doubted, &there("APPROVED", "Antes."), Spent::default()).0;
    assert_eq!(act, Act::Edit("77".to_owned()));
}

#[test]
fn a_template_of_the_accounts_own_is_never_touched() {
    let act = one(
        wanted("a"),
        &there("APPROVED", "Algo suyo."),
        Spent::default(),
    )
    .0;
    assert!(
        matches!(&act, Act::Fail(why) if why.title == "name_taken"),
        "{act:?}"
    );
    let mut ours = wanted("a");
    ours.others = vec![body("Algo suyo.")];
    let act = one(ours, &there("APPROVED", "Algo suyo."), Spent::default()).0;
    assert_eq!(
        act,
        Act::Edit("77".to_owned()),
        "an earlier version of ours"
    );
}

#[test]
fn an_edit_in_doubt_that_the_list_does_not_show_did_not_happen_and_is_done_again() {
    let mut doubted = wanted("a");
    doubted.known_as = Some("77".to_owned());
    doubted.in_doubt = true;
    let act = |wanted: &Wanted, status, edits: Vec<Timestamp>| {
        let edits = HashMap::from([("77".to_owned(), edits)]);
        let spent = Spent {
            edits,
            ..Spent::default()
        };
        one(wanted.clone(), &there(status, "Antes."), spent).0
    };
    let lost = |ago: Timestamp| act(&doubted, "APPROVED", vec![ago]);
    assert_eq!(lost(ago(5)), Act::Wait("trouble", ago(5).plus(SETTLES)));
    assert_eq!(lost(ago(31)), Act::Edit("77".to_owned()));
    // The one before it counts all the same.
    let hours = ago(7_200);
    let before = act(&doubted, "APPROVED", vec![hours, ago(31)]);
    assert_eq!(before, Act::Wait("edit_limit", after(hours, DAY)));
    // It happened, and Meta looks at it.
    let seen = act(&doubted, "PENDING", vec![ago(31)]);
    assert_eq!(seen, Act::Wait("review", NOW.plus(REVIEW)));
    // One whose outcome is known counts.
    doubted.in_doubt = false;
    let known = act(&doubted, "APPROVED", vec![ago(31)]);
    assert_eq!(known, Act::Wait("edit_limit", after(ago(31), DAY)));
}

#[test]
fn an_approved_one_is_edited_once_a_day_and_ten_times_a_month() {
    let mut changed = wanted("a");
    changed.known_as = Some("77".to_owned());
    let at_meta = there("APPROVED", "Antes.");
    let spent = |edits: Vec<Timestamp>| Spent {
        edits: HashMap::from([("77".to_owned(), edits)]),
        ..Spent::default()
    };
    let act = |edits| one(changed.clone(), &at_meta, spent(edits)).0;
    let hours = |n: u64| ago(n * 3_600);
    assert_eq!(act(vec![]), Act::Edit("77".to_owned()));
    assert_eq!(act(vec![hours(25)]), Act::Edit("77".to_owned()));
    assert_eq!(
        act(vec![hours(3)]),
        Act::Wait("edit_limit", after(hours(3), DAY))
    );
    let ten: Vec<_> = (2..12).rev().map(|n| hours(n * 30)).collect();
    assert_eq!(
        act(ten.clone()),
        Act::Wait("edit_limit", after(ten[0], MONTH))
    );
    assert_eq!(act(ten[1..].to_vec()), Act::Edit("77".to_owned()));
    // Those that Meta rejected may be edited as often as one likes.
    let rejected = one(
        changed.clone(),
        &there("REJECTED", "Antes."),
        spent(vec![hours(1)]),
    )
    .0;
    assert_eq!(rejected, Act::Edit("77".to_owned()));
    let pending = one(
        changed.clone(),
        &there("PENDING", "Antes."),
        Spent::default(),
    )
    .0;
    assert!(matches!(pending, Act::Wait("review", _)), "{pending:?}");
    let disabled = one(changed, &there("DISABLED", "Antes."), Spent::default()).0;
    assert!(matches!(disabled, Act::Fail(_)), "{disabled:?}");
}

#[test]
fn what_was_rejected_goes_to_review_again_only_when_somebody_asks() {
    let at_meta = there("REJECTED", "Hola.");
    assert_eq!(one(wanted("a"), &at_meta, Spent::default()).0, Act::Adopt);
    let mut again = wanted("a");
    again.resubmit = true;
    assert_eq!(
        one(again.clone(), &at_meta, Spent::default()).0,
        Act::Edit("77".to_owned())
    );
    let approved = there("APPROVED", "Hola.");
    assert_eq!(
        one(again, &approved, Spent::default()).0,
        Act::Adopt,
        "it was decided meanwhile"
    );
}

#[test]
fn no_hour_has_more_creations_or_calls_than_are_allowed() {
    let many: Vec<_> = (0..250).map(|n| wanted(&format!("t{n}"))).collect();
    let mut at_meta = AtMeta::new();
    let (mut now, mut made): (Timestamp, Vec<Timestamp>) = (NOW, Vec::new());
    let limits = Limits::of(true);
    let mut rounds = 0;
    loop {
        rounds += 1;
        assert!(rounds < 1_000, "{} made", made.len());
        let spent = Spent {
            creations: made
                .iter()
                .copied()
                .filter(|at| now.since(*at) < HOUR)
                .collect(),
            ..Spent::default()
        };
        let open: Vec<_> = many
            .iter()
            .filter(|one| !at_meta.contains_key(&(one.name.clone(), "es".to_owned())))
            .cloned()
            .collect();
        if open.is_empty() {
            break;
        }
        let plan = plan(now, &open, &at_meta, spent, &limits);
        let mut created = 0;
        for (place, act) in &plan.acts {
            if *act == Act::Create {
                created += 1;
                made.push(now);
                let one = there("PENDING", "Hola.").into_values().next().unwrap();
                at_meta.insert((open[*place].name.clone(), "es".to_owned()), one);
            }
        }
        assert!(created <= AT_ONCE);
        if created == 0 {
            now = plan.again_at.unwrap();
        } else {
            now = now.plus(Duration::from_millis(700));
        }
    }
    for (n, at) in made.iter().enumerate() {
        let within = made[n..]
            .iter()
            .filter(|later| later.since(*at) < HOUR)
            .count();
        assert!(within <= 100, "{within} creations in an hour");
    }
    assert!(
        now.since(NOW) < 3 * HOUR,
        "250 creations take between two and three hours"
    );
    let mut spent = Spent::default();
    spent.calls.push((ago(1_000), 149));
    let idle = plan(NOW, &many, &AtMeta::new(), spent, &Limits::of(false));
    let creates = idle
        .acts
        .iter()
        .filter(|(_, act)| *act == Act::Create)
        .count();
    assert_eq!(
        creates, 1,
        "150 calls an hour in an account without a number"
    );
}

#[test]
fn what_meta_shows_is_the_same_text_whatever_it_adds() {
    let wanted = json!([
        { "type": "body", "text": "Pedido {{1}} listo.", "example": { "body_text": [["7"]] } },
        { "type": "header", "format": "image", "example": { "header_handle": ["4::abc"] } },
        { "type": "buttons", "buttons": [{ "type": "URL", "text": "Ver", "url": "https://a.example/{{1}}", "example": ["x"] }] },
    ]);
    let shown = json!([
        { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["https://scontent.example/1"] } },
        { "type": "BODY", "text": "Pedido {{1}} listo.", "example": { "body_text": [["7"]] } },
        { "type": "BUTTONS", "buttons": [{ "type": "URL", "text": "Ver", "url": "https://a.example/{{1}}", "example": ["https://a.example/x"] }] },
    ]);
    assert!(same_text(&wanted, &shown));
    for (pointer, value) in [
        ("/1/text", json!("Pedido {{1}}.")),
        ("/0/format", json!("VIDEO")),
        ("/2/buttons/0/url", json!("https://b.example/{{1}}")),
    ] {
        let mut other = shown.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        assert!(!same_text(&wanted, &other), "{pointer}");
    }
    let fewer = json!([shown[0], shown[1]]);
    assert!(!same_text(&wanted, &fewer));
}
