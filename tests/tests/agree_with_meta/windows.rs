//! Windows, against the simulator's own book of them.

use std::time::Duration;

use domain::Timestamp;
use domain::window::{Intake, Window, may_leave};
use proptest::prelude::*;
use sim::Windows;

#[derive(Debug, Clone, Copy)]
enum Event {
    Writes,
    ComesByAd,
    Answers,
    Looks,
}

fn events() -> impl Strategy<Value = Vec<(Event, u64)>> {
    let event = prop_oneof![
        Just(Event::Writes),
        Just(Event::ComesByAd),
        Just(Event::Answers),
        Just(Event::Looks)
    ];
    // Minutes until it happens: mostly hours, often the limits themselves and what lies beside them.
    let gap = prop_oneof![
        0_u64..600,
        0_u64..6_000,
        prop::sample::select(vec![1_439, 1_440, 1_441, 4_319, 4_320, 4_321]),
    ];
    prop::collection::vec((event, gap), 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn windows_open_and_close_as_meta_counts_them(events in events()) {
        const USER: &str = "34600000001";
        let (mut theirs, mut ours, mut minutes) = (Windows::default(), Window::default(), 30_000_000);
        for (event, gap) in events {
            minutes += gap;
            let now_ms = minutes * 60_000;
            let now = Timestamp::from_seconds(i64::try_from(minutes * 60).unwrap_or(i64::MAX));
            match event {
                Event::Writes => {
                    theirs.written(USER, now_ms);
                    ours = ours.received(now, false);
                }
                Event::ComesByAd => {
                    theirs.written(USER, now_ms);
                    theirs.came_by_ad(USER, now_ms);
                    ours = ours.received(now, true);
                }
                Event::Answers => {
                    theirs.answered(USER, now_ms);
                    ours = ours.sent(now);
                }
                Event::Looks => {}
            }
            let service = theirs.service_until(USER, now_ms).map(at);
            prop_assert_eq!(ours.closes_at().filter(|_| ours.is_open(now)), service);
            prop_assert_eq!(ours.free_entry_until(now), theirs.entry_until(USER, now_ms).map(at));
            let leaves = may_leave(true, ours.last_inbound_at, now, Intake::Projected);
            prop_assert_eq!(leaves, service.is_some(), "a free-form message leaves when Meta delivers it");
        }
    }
}

fn at(ms: u64) -> Timestamp {
    Timestamp(0).plus(Duration::from_millis(ms))
}
