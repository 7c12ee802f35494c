//! Amounts of money: the number by ICU, the currency's sign and its place by the language (CLDR's standard patterns).

use fixed_decimal::Sign;
use serde_json::Value;

use super::numbers;
use super::reason::Wrong;

/// Currencies without a smaller unit in use, and those with a thousandth (ISO 4217).
const NONE: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
    "XAF", "XOF", "XPF",
];
const THREE: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// Signs that mean one currency everywhere.
const SIGNS: [(&str, &str); 15] = [
    ("EUR", "€"),
    ("GBP", "£"),
    ("JPY", "¥"),
    ("BRL", "R$"),
    ("INR", "₹"),
    ("KRW", "₩"),
    ("ILS", "₪"),
    ("VND", "₫"),
    ("UAH", "₴"),
    ("TRY", "₺"),
    ("PHP", "₱"),
    ("NGN", "₦"),
    ("CRC", "₡"),
    ("PYG", "₲"),
    ("IDR", "Rp"),
];

/// Where a `$` means this currency, by the language's region.
const DOLLARS: [(&str, &str); 10] = [
    ("en", "USD"),
    ("en_US", "USD"),
    ("es_US", "USD"),
    ("es_MX", "MXN"),
    ("es_AR", "ARS"),
    ("es_CO", "COP"),
    ("es_CL", "CLP"),
    ("en_CA", "CAD"),
    ("en_AU", "AUD"),
    ("en_NZ", "NZD"),
];

/// Languages and regions that write the sign first.
const FIRST: [&str; 27] = [
    "en", "es_MX", "es_AR", "es_CO", "es_CL", "es_PE", "es_US", "es_UY", "es_EC", "es_GT", "es_CR",
    "es_PA", "es_DO", "es_PY", "pt_BR", "nl", "ja", "zh", "ko", "hi", "id", "ms", "th", "tr",
    "fil", "de_CH", "de_AT",
];

/// Among those, the ones that leave a blank behind it.
const FIRST_APART: [&str; 8] = [
    "es_AR", "es_CO", "es_PY", "es_UY", "pt_BR", "nl", "de_CH", "de_AT",
];

/// Whether it looks like a currency.
pub(super) fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn among(list: &[&str], language: &str) -> bool {
    let base = language.split('_').next().unwrap_or_default();
    list.contains(&language) || list.contains(&base)
}

fn sign_of(currency: &str, language: &str) -> String {
    if DOLLARS.contains(&(language, currency)) {
        return "$".to_owned();
    }
    let known = SIGNS.iter().find(|(code, _)| *code == currency);
    known.map_or_else(|| currency.to_owned(), |(_, sign)| (*sign).to_owned())
}

/// An amount in a language.
pub(super) fn show(
    value: &Value,
    currency: &str,
    decimals: Option<u8>,
    language: &str,
) -> Result<String, Wrong> {
    let usual = match currency {
        code if NONE.contains(&code) => 0,
        code if THREE.contains(&code) => 3,
        _ => 2,
    };
    let mut number = numbers::rounded(numbers::read(value)?, decimals.unwrap_or(usual));
    let minus = if number.sign() == Sign::Negative && !number.absolute.is_zero() {
        "-"
    } else {
        ""
    };
    number.set_sign(Sign::None);
    let amount = numbers::written(&number, language);
    let sign = sign_of(currency, language);
    Ok(if among(&FIRST, language) {
        let letters = sign.ends_with(char::is_alphabetic);
        let blank = if letters || among(&FIRST_APART, language) {
            " "
        } else {
            ""
        };
        format!("{minus}{sign}{blank}{amount}")
    } else {
        format!("{minus}{amount} {sign}")
    })
}
