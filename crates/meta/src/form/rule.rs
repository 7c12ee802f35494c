//! Rules between the members of an object.

use serde_json::{Map, Value};

use super::check::{Path, Problems};

/// What must hold between the members of an object. A route leads to values inside it; `*` stands for each thing of a
/// list.
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    /// Exactly one of these members is there.
    OneOf {
        /// Which.
        of: &'static [&'static str],
        /// What Meta answers when there are several.
        several: i64,
        /// What Meta answers when there is none.
        none: i64,
    },
    /// At least one of these members is there and not empty (131009).
    SomeOf(&'static [&'static str]),
    /// No two of the texts at the end of the route are the same (131009).
    Unique(&'static [&'static str]),
    /// The things at the end of the route are so many in all (131009).
    Total {
        /// The way to them.
        route: &'static [&'static str],
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
        /// What they are called.
        what: &'static str,
    },
    /// When the list has several things, each needs the member (131008).
    WhenSeveral {
        /// The list.
        list: &'static str,
        /// The member of its things.
        member: &'static str,
    },
    /// The member of each thing of the list is its place from 0 (131009).
    Place {
        /// The list.
        list: &'static str,
        /// The member of its things.
        member: &'static str,
    },
}

impl Rule {
    pub(super) fn check(self, map: &Map<String, Value>, path: &Path<'_>, problems: &mut Problems) {
        let given = |name: &&str| map.get(*name).is_some_and(|value| !value.is_null());
        match self {
            Self::OneOf { of, several, none } => match of.iter().filter(|name| given(name)).count()
            {
                0 => problems.add(path, none, format!("needs one of {}", of.join(", "))),
                1 => {}
                _ => problems.add(
                    path,
                    several,
                    format!("may have only one of {}", of.join(", ")),
                ),
            },
            Self::SomeOf(of) => {
                let filled = |name: &&str| {
                    map.get(*name)
                        .and_then(Value::as_str)
                        .is_some_and(|text| !text.is_empty())
                };
                if !of.iter().any(filled) {
                    problems.add(
                        path,
                        131_009,
                        format!("needs at least one of {}", of.join(", ")),
                    );
                }
            }
            Self::Unique(route) => {
                let mut seen = Vec::new();
                walk(map, route, path, &mut |value, path| {
                    let Some(text) = value.as_str() else { return };
                    if seen.contains(&text.to_owned()) {
                        problems.add(path, 131_009, format!("{text:?} is there twice"));
                    }
                    seen.push(text.to_owned());
                });
            }
            Self::Total {
                route,
                min,
                max,
                what,
            } => {
                let mut count = 0;
                walk(map, route, path, &mut |_, _| count += 1);
                if !(min..=max).contains(&count) {
                    let list = route.first().copied().unwrap_or_default();
                    problems.add(
                        &path.member(list),
                        131_009,
                        format!(
                            "has {count} {what} in all, {} to {max} are allowed",
                            min.max(1)
                        ),
                    );
                }
            }
            Self::WhenSeveral { list, member } => {
                let things = map.get(list).and_then(Value::as_array);
                let things = things.filter(|things| things.len() > 1);
                for (place, thing) in things.into_iter().flatten().enumerate() {
                    if thing.get(member).is_none_or(Value::is_null) {
                        let (list, thing) = (path.member(list), place);
                        problems.add(
                            &list.place(thing).member(member),
                            131_008,
                            "is missing: it is required when there are several".to_owned(),
                        );
                    }
                }
            }
            Self::Place { list, member } => {
                let things = map.get(list).and_then(Value::as_array);
                for (place, thing) in things.into_iter().flatten().enumerate() {
                    let Some(given) = thing.get(member).filter(|given| !given.is_null()) else {
                        continue;
                    };
                    if given.as_u64() != u64::try_from(place).ok() {
                        problems.add(
                            &path.member(list).place(place).member(member),
                            131_009,
                            format!("must be {place}, its place from 0"),
                        );
                    }
                }
            }
        }
    }
}

fn walk(
    map: &Map<String, Value>,
    route: &[&'static str],
    path: &Path<'_>,
    visit: &mut dyn FnMut(&Value, &Path<'_>),
) {
    let Some((name, rest)) = route.split_first() else {
        return;
    };
    if let Some(value) = map.get(*name).filter(|value| !value.is_null()) {
        step(value, rest, &path.member(name), visit);
    }
}

fn step(
    value: &Value,
    route: &[&'static str],
    path: &Path<'_>,
    visit: &mut dyn FnMut(&Value, &Path<'_>),
) {
    match (route.split_first(), value) {
        (None, _) => visit(value, path),
        (Some((&"*", rest)), Value::Array(things)) => {
            for (place, thing) in things.iter().enumerate() {
                step(thing, rest, &path.place(place), visit);
            }
        }
        (Some(_), Value::Object(map)) => walk(map, route, path, visit),
        (Some(_), _) => {}
    }
}
