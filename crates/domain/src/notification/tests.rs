//! Rules and events together.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::clock::Timestamp;

fn order() -> Value {
    json!({ "type": "purchase_order.created", "id": "po-1", "data": {
        "supplier": { "name": "Harinas del Norte", "phone": "+34 600 000 001", "tags": ["bio", "local"] },
        "order": { "number": "OC-1", "total": 1250.5, "currency": "EUR", "due": "2026-11-30", "at": "2026-11-30T10:00:00+01:00" },
    } })
}

fn rule(more: Value) -> Value {
    let mut rule = json!({
        "name": "Orders", "event_type": "purchase_order.created",
        "recipient": { "path": "data.supplier.phone", "name_path": "data.supplier.name" },
        "template": { "name": "po_notification", "language": { "is": "es" } },
        "parameters": { "body": [{ "path": "data.supplier.name" }] },
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        rule[name.as_str()] = value.clone();
    }
    rule
}

fn read(more: Value) -> Rule {
    Rule::read(&rule(more)).unwrap_or_else(|error| panic!("{:?}", error.0))
}

fn shown(parameter: Value, language: &str) -> Result<String, Wrong> {
    let rule = read(json!({ "parameters": { "body": [parameter] } }));
    let facts = Facts {
        language,
        time_zone: None,
    };
    match fill(&rule.parameters, "parameters", &order(), &facts) {
        Ok(Filled {
            body: FilledTexts::Ordered(mut texts),
            ..
        }) => Ok(texts.remove(0)),
        Ok(other) => panic!("{other:?}"),
        Err(mut wrongs) => Err(wrongs.remove(0)),
    }
}

fn money(value: Value, currency: &str, language: &str) -> String {
    let parameter: Parameter = serde_json::from_value(
        json!({ "path": "data.x", "format": { "kind": "money", "currency": currency } }),
    )
    .unwrap();
    let parameters = Parameters {
        body: Texts::Ordered(vec![parameter]),
        ..Parameters::default()
    };
    let event = json!({ "data": { "x": value } });
    match fill(
        &parameters,
        "parameters",
        &event,
        &Facts {
            language,
            time_zone: None,
        },
    ) {
        Ok(Filled {
            body: FilledTexts::Ordered(mut texts),
            ..
        }) => texts.remove(0),
        other => panic!("{other:?}"),
    }
}

#[test]
fn money_is_written_as_each_language_does() {
    for (value, currency, language, expected) in [
        (json!(1250.5), "EUR", "es", "1250,50 €"),
        (json!(12_500.5), "EUR", "es", "12.500,50 €"),
        (json!(1250.5), "EUR", "de", "1.250,50 €"),
        (json!("1250.5"), "EUR", "en_US", "€1,250.50"),
        (json!(1250.5), "USD", "en_US", "$1,250.50"),
        (json!(1250.5), "MXN", "es_MX", "$1,250.50"),
        (json!(1250.5), "USD", "es_MX", "USD 1,250.50"),
        (json!(1250.5), "BRL", "pt_BR", "R$ 1.250,50"),
        (json!(1250), "JPY", "ja", "¥1,250"),
        (json!(-3), "EUR", "es", "-3,00 €"),
        (json!(0.005), "EUR", "es", "0,01 €"),
        (json!(0.1), "KWD", "en", "KWD 0.100"),
        (json!(1_234_567), "INR", "hi", "₹12,34,567.00"),
    ] {
        assert_eq!(
            money(value.clone(), currency, language),
            expected,
            "{value} {currency} {language}"
        );
    }
}

#[test]
fn dates_are_written_as_each_language_does() {
    let date = |style: &str| json!({ "path": "data.order.due", "format": { "kind": "date", "style": style } });
    assert_eq!(
        shown(date("long"), "es").unwrap(),
        "30 de noviembre de 2026"
    );
    assert_eq!(
        shown(date("full"), "es").unwrap(),
        "lunes, 30 de noviembre de 2026"
    );
    assert_eq!(shown(date("long"), "en_US").unwrap(), "November 30, 2026");
    assert_eq!(shown(date("short"), "es").unwrap(), "30/11/26");
    let time = json!({ "path": "data.order.at", "format": { "kind": "time" } });
    assert_eq!(
        shown(time.clone(), "es").unwrap(),
        "10:00",
        "as it is written"
    );
    assert_eq!(shown(time, "en_US").unwrap(), "10:00 AM");
    let mexico = json!({ "path": "data.order.at", "format": { "kind": "datetime", "style": "medium", "time_zone": "America/Mexico_City" } });
    assert!(
        shown(mexico, "es").unwrap().ends_with("3:00"),
        "the same moment on another clock"
    );
}

#[test]
fn numbers_texts_and_what_is_missing() {
    assert_eq!(
        shown(
            json!({ "path": "data.order.total", "format": { "kind": "number", "decimals": 0 } }),
            "es"
        )
        .unwrap(),
        "1251"
    );
    assert_eq!(
        shown(
            json!({ "path": "data.order.number", "format": { "kind": "lower" } }),
            "es"
        )
        .unwrap(),
        "oc-1"
    );
    assert_eq!(
        shown(json!({ "path": "data.nowhere", "if_missing": "—" }), "es").unwrap(),
        "—"
    );
    for (parameter, reason) in [
        (json!({ "path": "data.nowhere" }), Reason::ParameterMissing),
        (json!({ "path": "data.supplier" }), Reason::PathFindsObject),
        (
            json!({ "path": "data.supplier.tags" }),
            Reason::PathFindsObject,
        ),
        (
            json!({ "path": "data.supplier.tags[*]" }),
            Reason::PathFindsSeveral,
        ),
        (
            json!({ "path": "data.order.number", "format": { "kind": "number" } }),
            Reason::NotANumber,
        ),
        (
            json!({ "path": "data.order.number", "format": { "kind": "date" } }),
            Reason::NotADate,
        ),
        (
            json!({ "path": "data.order.total", "format": { "kind": "money", "currency_path": "data.order.number" } }),
            Reason::NoCurrency,
        ),
    ] {
        let wrong = shown(parameter.clone(), "es").expect_err(&parameter.to_string());
        assert_eq!(
            (wrong.reason, wrong.field.as_str()),
            (reason, "parameters.body[0]"),
            "{parameter}: {wrong:?}"
        );
    }
    let lenient = json!({ "path": "data.order.number", "format": { "kind": "money", "currency": "EUR", "or_text": true } });
    assert_eq!(shown(lenient, "es").unwrap(), "OC-1");
}

#[test]
fn a_rule_that_cannot_work_is_refused_with_the_member_that_is_wrong() {
    for (more, field) in [
        (json!({ "name": " " }), "name"),
        (json!({ "event_type": "two words" }), "event_type"),
        (json!({ "recipient": {} }), "recipient"),
        (
            json!({ "recipient": { "phone": "123" } }),
            "recipient.phone",
        ),
        (
            json!({ "recipient": { "path": "data.x", "country": "ZZ" } }),
            "recipient.country",
        ),
        (
            json!({ "template": { "name": "PO Notification" } }),
            "template.name",
        ),
        (
            json!({ "template": { "name": "x", "language": { "is": "Spanish" } } }),
            "template.language.is",
        ),
        (
            json!({ "template": { "name": "x", "language": { "tenant": true, "is": "es" } } }),
            "template.language",
        ),
        (
            json!({ "parameters": { "body": [{ "path": "$.a[" }] } }),
            "parameters.body[0].path",
        ),
        (
            json!({ "parameters": { "body": [{}] } }),
            "parameters.body[0]",
        ),
        (
            json!({ "parameters": { "body": [{ "path": "a", "text": "b" }] } }),
            "parameters.body[0]",
        ),
        (
            json!({ "parameters": { "body": { "total": { "path": "a", "format": { "kind": "money" } } } } }),
            "parameters.body.total.format.currency",
        ),
        (
            json!({ "parameters": { "body": [{ "path": "a", "format": { "kind": "date", "time_zone": "Mars" } }] } }),
            "parameters.body[0].format.time_zone",
        ),
        (
            json!({ "parameters": { "header": { "link": "ftp://x" } } }),
            "parameters.header.link",
        ),
        (
            json!({ "conditions": [{ "path": "a", "op": "in", "value": 3 }] }),
            "conditions[0].value",
        ),
        (
            json!({ "conditions": [{ "path": "a", "op": "like" }] }),
            "conditions[0].op",
        ),
        (
            json!({ "cancelled_by": [{ "event_type": "x.y", "key_path": "id" }] }),
            "cancelled_by",
        ),
        (json!({ "batch": "a b" }), "batch"),
        (json!({ "colour": "red" }), "colour"),
    ] {
        let flaws = Rule::read(&rule(more.clone()))
            .expect_err(&more.to_string())
            .0;
        assert!(
            flaws.iter().any(|flaw| flaw.field == field),
            "{more}: {flaws:?}"
        );
    }
}

#[test]
fn a_rule_reads_back_what_it_wrote() {
    let whole = read(json!({
        "conditions": [{ "path": "$.data.order.total", "op": "gt", "value": 100 }],
        "fallback_template": { "name": "other", "parameters": { "body": { "a": { "text": "x" } } } },
        "parameters": { "header": { "link_path": "data.pdf", "filename_path": "data.name" }, "body": [{ "path": "data.x" }], "buttons": [{ "index": 0, "path": "data.slug" }] },
        "schedule": { "at_path": "data.at", "offset_seconds": -86400 }, "key_path": "data.id",
        "cancelled_by": [{ "event_type": "appointment.*", "key_path": "data.id" }], "quiet_hours": "ignore", "ignore_opt_out": true, "batch": "b",
    }));
    let text = serde_json::to_value(&whole).unwrap();
    assert_eq!(Rule::read(&text).unwrap(), whole);
}

#[test]
fn conditions_compare_numbers_as_numbers_and_dates_as_dates() {
    for (condition, met) in [
        (
            json!({ "path": "data.order.total", "op": "gt", "value": "1000" }),
            true,
        ),
        (
            json!({ "path": "data.order.total", "op": "lte", "value": 1250.5 }),
            true,
        ),
        (
            json!({ "path": "data.order.total", "op": "eq", "value": "1250.50" }),
            true,
        ),
        (
            json!({ "path": "data.order.due", "op": "lt", "value": "2026-12-01" }),
            true,
        ),
        (
            json!({ "path": "data.order.number", "op": "gt", "value": 5 }),
            false,
        ),
        (
            json!({ "path": "data.order.number", "op": "in", "value": ["OC-2", "OC-1"] }),
            true,
        ),
        (
            json!({ "path": "data.supplier.tags", "op": "contains", "value": "bio" }),
            true,
        ),
        (
            json!({ "path": "data.supplier.tags[*]", "op": "eq", "value": "local" }),
            true,
        ),
        (
            json!({ "path": "data.supplier.name", "op": "contains", "value": "Norte" }),
            true,
        ),
        (json!({ "path": "data.nowhere", "op": "missing" }), true),
        (
            json!({ "path": "data.nowhere", "op": "ne", "value": 1 }),
            true,
        ),
        (
            json!({ "path": "data.nowhere", "op": "lt", "value": 1 }),
            false,
        ),
        (json!({ "path": "data.supplier", "op": "exists" }), true),
    ] {
        let rule = read(json!({ "conditions": [condition] }));
        assert_eq!(
            rule.applies(&order()).is_ok(),
            met,
            "{condition}: {:?}",
            rule.applies(&order())
        );
    }
}

#[test]
fn a_number_without_its_country_gets_that_of_the_rule() {
    let phone = |text: &str, country: Option<&str>| {
        let recipient = Recipient {
            path: Path::parse("data.p").ok(),
            country: country.map(str::to_owned),
            ..Recipient::default()
        };
        recipient
            .resolve(&json!({ "data": { "p": text } }))
            .map(|resolved| resolved.phone)
    };
    for (text, country, expected) in [
        ("612 345 678", Some("ES"), "34612345678"),
        ("612345678", Some("34"), "34612345678"),
        ("+34 612 345 678", Some("MX"), "34612345678"),
        ("0034612345678", Some("ES"), "34612345678"),
        ("34612345678", Some("ES"), "34612345678"),
        ("0171 1234567", Some("DE"), "491711234567"),
        ("55 1234 5678", Some("MX"), "525512345678"),
        ("55 99123-4567", Some("BR"), "5555991234567"),
        ("55 11 99123-4567", Some("BR"), "5511991234567"),
        ("34600000001.0", None, "34600000001"),
        ("34600000001.000", None, "34600000001"),
    ] {
        assert_eq!(
            phone(text, country).unwrap(),
            expected,
            "{text} {country:?}"
        );
    }
    for (text, reason) in [
        ("", Reason::RecipientMissing),
        ("n/a", Reason::RecipientInvalid),
        ("12", Reason::RecipientInvalid),
        ("34600000001.25", Reason::RecipientInvalid),
        ("34600000001.125", Reason::RecipientInvalid),
        ("-34600000001", Reason::RecipientInvalid),
        ("3.46e10", Reason::RecipientInvalid),
        ("\u{200b}", Reason::RecipientMissing),
    ] {
        assert_eq!(phone(text, None).unwrap_err().reason, reason, "{text}");
    }
}

#[test]
fn the_languages_that_are_tried_begin_with_the_wanted_one() {
    let rule = read(
        json!({ "template": { "name": "x", "language": { "path": "data.language" }, "fallback_languages": ["en_US"] }, "fallback_template": { "name": "y" } }),
    );
    let tried = rule.choices(&json!({ "data": { "language": "es-mx" } }), "pt_BR");
    assert_eq!(tried[0].languages, ["es_MX", "es", "en_US", "en"]);
    assert_eq!(
        (tried[1].name, &tried[1].languages),
        ("y", &tried[0].languages)
    );
    assert_eq!(
        rule.choices(&json!({}), "pt_BR")[0].languages,
        ["pt_BR", "pt", "en_US", "en"]
    );
}

#[test]
fn a_reminder_is_due_before_its_date_and_not_in_the_past() {
    let rule =
        read(json!({ "schedule": { "at_path": "data.order.at", "offset_seconds": -86400 } }));
    let schedule = rule.schedule.unwrap();
    let (event, date) = (order(), Timestamp::parse("2026-11-30T09:00:00Z").unwrap());
    let day = std::time::Duration::from_secs(86_400);
    assert_eq!(
        schedule.due(&event, None, date.minus(day * 3)),
        Ok(Due::At(date.minus(day)))
    );
    assert_eq!(
        schedule.due(&event, None, date).unwrap_err().reason,
        Reason::TooLate
    );
    let at_once = Schedule {
        not_if_past: false,
        ..schedule.clone()
    };
    assert_eq!(at_once.due(&event, None, date), Ok(Due::Now));
    assert_eq!(
        schedule.due(&event, None, Timestamp(0)).unwrap_err().reason,
        Reason::TooFar
    );
    assert_eq!(
        schedule.due(&json!({}), None, date).unwrap_err().reason,
        Reason::ScheduleDate
    );
    let local = Schedule {
        at_path: Path::parse("data.order.due").unwrap(),
        offset_seconds: 0,
        not_if_past: true,
    };
    let due = local.due(&event, Some("Europe/Madrid"), date.minus(day * 3));
    assert_eq!(
        due,
        Ok(Due::At(Timestamp::parse("2026-11-29T23:00:00Z").unwrap()))
    );
}

#[test]
fn patterns_choose_by_whole_words() {
    let pattern = |text: &str| TypePattern::parse(text).unwrap();
    assert!(pattern("order.*").matches("order.created") && pattern("*").matches("x"));
    assert!(!pattern("order.*").matches("orders.created") && !pattern("order.*").matches("order"));
    assert!(TypePattern::parse("order*").is_none());
}

#[test]
fn a_posted_event_tells_every_mistake_at_once() {
    let wrong = check_posted(
        &json!({ "type": "no good", "id": "", "data": [], "occurred_at": "yesterday", "more": 1 }),
    )
    .unwrap_err();
    let fields: Vec<_> = wrong.iter().map(|(field, _)| *field).collect();
    assert_eq!(fields, ["", "type", "id", "data", "occurred_at"]);
    assert!(
        check_posted(&json!({ "type": "a.b", "id": 7, "data": {} }))
            .is_ok_and(|posted| posted.id == "7")
    );
}

#[test]
fn the_same_content_in_another_order_is_the_same() {
    let read = |text: &str| {
        check_posted(&serde_json::from_str(text).unwrap())
            .unwrap()
            .canonical()
    };
    let one = read(r#"{"type":"a.b","id":"1","data":{"x":{"b":1,"a":[1,2]},"y":null}}"#);
    assert_eq!(
        one,
        read(r#"{"data":{"y":null,"x":{"a":[1,2],"b":1}},"id":"1","type":"a.b"}"#)
    );
    assert_ne!(
        one,
        read(r#"{"data":{"y":null,"x":{"a":[2,1],"b":1}},"id":"1","type":"a.b"}"#)
    );
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("JSON has no such number", |n| n.is_finite())
            .prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-c]{1,2}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_an_event_carries_a_value_is_shown_on_one_line_or_explained(
        data in json_value(), kind in 0..8_usize, language in 0..6_usize,
    ) {
        let kind = ["text", "money", "number", "date", "time", "datetime", "upper", "lower"][kind];
        let language = ["es", "en_US", "ar", "hi", "pt_BR", "xx_YY"][language];
        let mut format = json!({ "kind": kind });
        if kind == "money" { format["currency"] = json!("EUR"); }
        let parameters: Parameters = serde_json::from_value(json!({ "body": [{ "path": "data.a", "format": format }] })).unwrap();
        let event = json!({ "data": data });
        match fill(&parameters, "parameters", &event, &Facts { language, time_zone: None }) {
            Ok(Filled { body: FilledTexts::Ordered(texts), .. }) => {
                prop_assert!(!texts[0].is_empty() && !texts[0].contains(['\n', '\t']) && !texts[0].contains("    "), "{:?}", texts);
            }
            Ok(other) => prop_assert!(false, "{:?}", other),
            Err(wrongs) => prop_assert!(!wrongs[0].problem.is_empty() && !wrongs[0].field.is_empty()),
        }
    }

    #[test]
    fn no_text_breaks_the_reader_of_paths(text in ".{0,40}") {
        if let Ok(path) = Path::parse(&text) {
            prop_assert_eq!(Path::parse(path.as_str()).unwrap(), path.clone());
            path.all(&json!({ "data": {} }));
        }
    }

    #[test]
    fn a_condition_and_its_opposite_never_agree(data in json_value(), wanted in json_value()) {
        prop_assume!(!wanted.is_null());
        let event = json!({ "data": data });
        let condition = |op: &str| serde_json::from_value::<Condition>(json!({ "path": "data", "op": op, "value": wanted })).unwrap();
        prop_assert_ne!(condition("eq").is_met(&event), condition("ne").is_met(&event));
    }
}
