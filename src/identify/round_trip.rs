//! Properties: what is put on a label is read back from it, in every spelling, and no text at all breaks a reader.

use chrono::{Datelike, Days, NaiveDate};
use proptest::prelude::*;

use super::check::{gs1_check_digit, hibcc_check_character};
use super::separators::spellings;
use super::{LabelDate, Scan, Warning, classify, join_hibcc_pair, looks_like_udi, parse_udi};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 15).unwrap()
}

/// A production date of the last 40 years, an expiry of the next 20.
fn dates() -> impl Strategy<Value = (NaiveDate, NaiveDate)> {
    (0u64..14_600, 0u64..7_300).prop_map(|(before, after)| {
        (
            today().checked_sub_days(Days::new(before)).unwrap(),
            today().checked_add_days(Days::new(after)).unwrap(),
        )
    })
}

fn yymmdd(day: NaiveDate) -> String {
    format!("{:02}{:02}{:02}", day.year() % 100, day.month(), day.day())
}

fn gtin() -> impl Strategy<Value = String> {
    "[0-9]{13}".prop_map(|body| format!("{body}{}", gs1_check_digit(&body).unwrap()))
}

proptest! {
    #[test]
    fn no_text_breaks_a_reader(text in any::<String>()) {
        let _ = (parse_udi(&text, today()), looks_like_udi(&text), classify(&text, today()));
    }

    #[test]
    fn no_nearly_right_text_breaks_a_reader(
        start in prop::sample::select(vec![
            "", "]d2", "]C1", "+", "+$", "+$$", "*+A123", "=", "=/", "&,1", "=+", "(01)", "[01]", "01", "8004",
            "https://x/01/", "0104012345678901", "=>", "(", "%",
        ]),
        text in "[0-9A-Z$/+=&()\\[\\]%|~é\u{1d}*.#?< >-]{0,60}",
        year in 1900i32..2200,
    ) {
        let today = NaiveDate::from_ymd_opt(year, 2, 28).unwrap();
        let whole = format!("{start}{text}");
        let scan = parse_udi(&whole, today);
        let _ = (looks_like_udi(&whole), classify(&whole, today), scan.di_forms());
        let _ = (join_hibcc_pair(&whole, &whole, today), join_hibcc_pair("+A123BJC5D6E71G", &whole, today));
        let json = serde_json::to_string(&scan).unwrap();
        prop_assert_eq!(serde_json::from_str::<Scan>(&json).unwrap(), scan);
    }

    #[test]
    fn a_gs1_label_is_read_back_in_every_spelling(
        gtin in gtin(),
        lot in "[A-Z0-9./_-]{1,20}",
        serial in "[A-Za-z0-9+!-]{1,20}",
        (made, expires) in dates(),
    ) {
        let (m, e) = (yymmdd(made), yymmdd(expires));
        let mut labels = vec![
            format!("(01){gtin}(11){m}(17){e}(10){lot}(21){serial}"),
            format!("(01) {gtin} (11) {m} (17) {e} (10) {lot} (21) {serial}\r\n"),
            format!("https://x.org/01/{gtin}/10/{}/21/{serial}?11={m}&17={e}", lot.replace('/', "%2F")),
        ];
        for gs in spellings() {
            labels.push(format!("01{gtin}11{m}17{e}10{lot}{gs}21{serial}"));
            labels.push(format!("]d2{gs}01{gtin}21{serial}{gs}11{m}17{e}10{lot}\r"));
        }
        for label in labels {
            let scan = parse_udi(&label, today());
            prop_assert_eq!(scan.di.as_deref(), Some(gtin.as_str()), "{}", label);
            prop_assert_eq!(scan.lot.as_deref(), Some(lot.as_str()), "{}", label);
            prop_assert_eq!(scan.serial.as_deref(), Some(serial.as_str()), "{}", label);
            prop_assert_eq!(scan.manufactured, Some(LabelDate::Day(made)), "{}", label);
            prop_assert_eq!(scan.expires, Some(LabelDate::Day(expires)), "{}", label);
            prop_assert!(scan.warnings.is_empty() && scan.error.is_none(), "{} {:?}", label, scan);
            prop_assert!(looks_like_udi(&label), "{}", label);
        }
    }

    #[test]
    fn a_lost_separator_is_never_silent(gtin in gtin(), lot in "[A-Z0-9]{1,20}", serial in "[A-Z0-9]{1,20}") {
        let scan = parse_udi(&format!("01{gtin}10{lot}21{serial}"), today());
        prop_assert!(scan.error.is_some() || scan.warnings.contains(&Warning::SeparatorLostPossible), "{:?}", scan);
    }

    #[test]
    fn a_changed_digit_warns(gtin in gtin(), at in 0usize..14, add in 1u32..10) {
        let wrong: String = gtin
            .chars()
            .enumerate()
            .map(|(i, c)| {
                let digit = c.to_digit(10).unwrap();
                if i == at { char::from_digit((digit + add) % 10, 10).unwrap() } else { c }
            })
            .collect();
        let scan = parse_udi(&format!("01{wrong}21A"), today());
        prop_assert_eq!(scan.warnings, vec![Warning::CheckDigit]);
        prop_assert_eq!(scan.di, Some(wrong));
    }

    #[test]
    fn a_hibcc_label_is_read_back(
        di in "[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9]",
        lot in "[A-Z0-9]{1,18}",
        serial in "[A-Z0-9]{1,18}",
        (made, expires) in dates(),
        quantity in 1u64..99_999,
    ) {
        let date = match quantity % 4 {
            0 => format!("3{}", yymmdd(expires)),
            1 => format!("2{:02}{:02}{:02}", expires.month(), expires.day(), expires.year() % 100),
            2 => format!("5{:02}{:03}", expires.year() % 100, expires.ordinal()),
            _ => format!("4{}17", yymmdd(expires)),
        };
        let body = format!("+{di}/$$9{quantity:05}{date}{lot}/S{serial}/16D{}", made.format("%Y%m%d"));
        let label = format!("{body}{}", hibcc_check_character(&body).unwrap());
        for spelling in [label.clone(), format!("]d1{label}\r\n"), format!("*{label}*")] {
            let scan = parse_udi(&spelling, today());
            prop_assert_eq!(scan.di.as_deref(), Some(di.as_str()));
            prop_assert_eq!(scan.lot.as_deref(), Some(lot.as_str()));
            prop_assert_eq!(scan.serial.as_deref(), Some(serial.as_str()));
            prop_assert_eq!(scan.manufactured, Some(LabelDate::Day(made)));
            prop_assert_eq!(scan.expires.map(LabelDate::last_day), Some(expires));
            prop_assert_eq!(scan.quantity, Some(quantity));
            prop_assert!(scan.warnings.is_empty() && scan.error.is_none(), "{:?}", scan);
            prop_assert!(looks_like_udi(&spelling));
        }
        // One changed character in the identifier is noticed. A blank at the end is left out: it is either the check
        // character or a slip of the hand, and one label in 43 fits both ways.
        let other = if di.starts_with('A') { 'B' } else { 'A' };
        let wrong = label.replacen(&di, &format!("{other}{}", di.get(1..).unwrap()), 1);
        if !wrong.ends_with(' ') {
            prop_assert!(parse_udi(&wrong, today()).warnings.contains(&Warning::CheckCharacter));
        }
    }

    #[test]
    fn typed_words_and_numbers_are_no_scans(word in "[A-Za-z]{1,12}", number in 0u32..1_000_000, part in 0u32..1000) {
        for text in [word.clone(), format!("{number}"), format!("{number}.{part}"), format!("{word}-{number}"),
                     format!("<{number}"), format!("{word} {number}"), format!("-{number}"), format!("SN{number}")] {
            prop_assert!(!looks_like_udi(&text), "{}", text);
        }
    }
}
