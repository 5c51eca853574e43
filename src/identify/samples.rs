//! Sample labels, one line each: what is scanned or typed, and what it must read as.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::{Scan, ScanError, Warning, join_hibcc_pair, parse_udi};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 15).unwrap()
}

/// The scan in one line: issuer, then each filled field; warnings after `?`, the error after `!`.
fn line(scan: &Scan) -> String {
    let json = serde_json::to_value(scan).unwrap();
    let text = |v: &serde_json::Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let mut out = text(&json["issuer"]);
    for (name, short) in [
        ("di", "di"),
        ("lot", "lot"),
        ("serial", "sn"),
        ("manufactured", "made"),
        ("expires", "exp"),
        ("quantity", "qty"),
    ] {
        if !json[name].is_null() {
            let _ = write!(out, " {short}={}", text(&json[name]));
        }
    }
    for (name, value) in json["additional"].as_object().unwrap() {
        let _ = write!(out, " {name}:{}", text(value));
    }
    for warning in json["warnings"].as_array().unwrap() {
        let _ = write!(out, " ?{}", text(warning));
    }
    if !json["error"].is_null() {
        let _ = write!(out, " !{}", text(&json["error"]));
    }
    out
}

fn check(samples: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (input, want) in samples {
        let have = line(&parse_udi(input, today()));
        if have != *want {
            wrong.push(format!("{input:?}\n  want {want}\n  have {have}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn gs1_labels() {
    check(&[
        ("0104012345678901", "GS1 di=04012345678901"),
        (
            "(01)04012345678901(17)271130(10)AB-12(21)S/77",
            "GS1 di=04012345678901 lot=AB-12 sn=S/77 exp=2027-11-30",
        ),
        (
            " ( 01 ) 0 4012345 678901 (21) S 77 ",
            "GS1 di=04012345678901 sn=S 77 ?invalid_character",
        ),
        ("UDI: (01)04012345678901(21)9", "GS1 di=04012345678901 sn=9"),
        ("[01]04012345678901[21]9", "GS1 di=04012345678901 sn=9"),
        ("(01)4012345678901(21)9", "GS1 di=04012345678901 sn=9"),
        (
            "(01)04012345678901(10)A(5)B(21)C(x)",
            "GS1 di=04012345678901 lot=A(5)B sn=C(x)",
        ),
        (
            "(17)271100(21)7(01)04012345678901",
            "GS1 di=04012345678901 sn=7 exp=2027-11-30",
        ),
        ("]C1010401234567890121X1\t", "GS1 di=04012345678901 sn=X1"),
        ("]e0\u{1d}0104012345678901", "GS1 di=04012345678901"),
        ("]Q30104012345678901", "GS1 di=04012345678901"),
        ("]J10104012345678901\r\n", "GS1 di=04012345678901"),
        (
            "\u{1d}010401234567890121X1\u{1d}10L2\u{1d}",
            "GS1 di=04012345678901 lot=L2 sn=X1",
        ),
        ("]E04012345678901", "GS1 di=04012345678901"),
        ("4012345678901", "GS1 di=04012345678901"),
        ("4012345678902", "GS1 di=04012345678902 ?check_digit"),
        ("96385074", "GS1 di=00000096385074"),
        ("96385075", "unknown !not_a_udi"),
        (
            "010401234567890117000000",
            "GS1 di=04012345678901 ?invalid_date",
        ),
        (
            "010401234567890111240200",
            "GS1 di=04012345678901 made=2024-02-29",
        ),
        (
            "010401234567890111770101",
            "GS1 di=04012345678901 made=1977-01-01",
        ),
        (
            "010401234567890111260616",
            "GS1 di=04012345678901 made=2026-06-16 ?manufactured_in_future",
        ),
        ("01040123456789013012", "GS1 di=04012345678901 qty=12"),
        (
            "0104012345678901\u{1d}7003271130143021A",
            "GS1 di=04012345678901 sn=A exp=2027-11-30T14:30",
        ),
        (
            "01040123456789018008260102030405",
            "GS1 di=04012345678901 made=2026-01-02T03:04",
        ),
        (
            "010401234567890131030012502007240REF9\u{1d}21A",
            "GS1 di=04012345678901 sn=A 20:07 240:REF9 3103:001250",
        ),
        (
            "0104012345678901800499887766554AB",
            "GS1 di=04012345678901 8004:99887766554AB",
        ),
        ("800499887766554AB", "GS1 8004:99887766554AB ?no_di"),
        (
            "]C1004012345123456789",
            "GS1 00:4012345123456789 !truncated",
        ),
        ("00340123451234567895", "GS1 00:340123451234567895 ?no_di"),
        (
            "1727113010LOT\u{1d}21SER",
            "GS1 lot=LOT sn=SER exp=2027-11-30 ?no_di",
        ),
        // One field twice: the same value is no news, another one is kept and said.
        ("010401234567890121A\u{1d}21A", "GS1 di=04012345678901 sn=A"),
        (
            "010401234567890121A\u{1d}21B",
            "GS1 di=04012345678901 sn=A 21:B ?repeated_field",
        ),
        // Lost separators: certain where a field is too long, possible where a tail reads as further fields.
        (
            "010401234567890110LOT123456789211234567890",
            "GS1 di=04012345678901 !separator_lost",
        ),
        (
            "01040123456789013012A21X",
            "GS1 di=04012345678901 !separator_lost",
        ),
        (
            "010401234567890110LOT121SER",
            "GS1 di=04012345678901 lot=LOT121SER ?separator_lost_possible",
        ),
        (
            "010401234567890110LOT17271130",
            "GS1 di=04012345678901 lot=LOT17271130 ?separator_lost_possible",
        ),
        (
            "010401234567890110LOT17271399",
            "GS1 di=04012345678901 lot=LOT17271399",
        ),
        (
            "010401234567890110LOT121SER\u{1d}21X",
            "GS1 di=04012345678901 lot=LOT121SER sn=X",
        ),
        (
            "010401234567890110L\u{1d}21S1012",
            "GS1 di=04012345678901 lot=L sn=S1012",
        ),
        // Cut off, or not in the tables.
        ("01040123456788", "GS1 01:040123456788 !truncated"),
        ("0104012345", "GS1 01:04012345 !truncated"),
        (
            "01040123456789011727",
            "GS1 di=04012345678901 17:27 !truncated",
        ),
        (
            "0104012345678901 x",
            "GS1 di=04012345678901 unknown: x ?unknown_field",
        ),
        (
            "(01)04012345678901(05)zz",
            "GS1 di=04012345678901 05:zz ?unknown_field",
        ),
        (
            "(01)0401234567890(21)9",
            "GS1 di=00401234567890 sn=9 ?check_digit",
        ),
        ("(01)(21)9", "GS1 sn=9 !truncated"),
    ]);
}

#[test]
fn gs1_digital_links() {
    check(&[
        (
            "https://example.com/some/path/01/04012345678901/10/AB%2F1/21/77?17=271130&linkType=all",
            "GS1 di=04012345678901 lot=AB/1 sn=77 exp=2027-11-30",
        ),
        (
            "HTTPS://ID.GS1.ORG/01/4012345678901/21/A#top",
            "GS1 di=04012345678901 sn=A",
        ),
        (
            "http://x.org/gtin/96385074/lot/L/ser/S?exp=271130",
            "GS1 di=00000096385074 lot=L sn=S exp=2027-11-30",
        ),
        (
            "id.gs1.org/8004/4012345ASSET7",
            "GS1 8004:4012345ASSET7 ?no_di",
        ),
        (
            "https://x.org/01/04012345678902",
            "GS1 di=04012345678902 ?check_digit",
        ),
        ("https://x.org/01/about", "unknown !not_a_udi"),
        ("https://x.org/", "unknown !not_a_udi"),
    ]);
}

#[test]
fn hibcc_labels() {
    for (body, want) in [
        (
            "+B789PUMP421",
            "HIBCC di=B789PUMP421 lic:B789 pcn:PUMP42 um:1",
        ),
        ("+B789PUMP421/$LOT7", "HIBCC di=B789PUMP421 lot=LOT7"),
        ("+B789PUMP421/$+SER7", "HIBCC di=B789PUMP421 sn=SER7"),
        (
            "+B789PUMP421/$$1127LOT7",
            "HIBCC di=B789PUMP421 lot=LOT7 exp=2027-11",
        ),
        ("+B789PUMP421/$$0127", "HIBCC di=B789PUMP421 exp=2027-01"),
        (
            "+B789PUMP421/$$2113027LOT7",
            "HIBCC di=B789PUMP421 lot=LOT7 exp=2027-11-30",
        ),
        (
            "+B789PUMP421/$$3271130LOT7",
            "HIBCC di=B789PUMP421 lot=LOT7 exp=2027-11-30",
        ),
        (
            "+B789PUMP421/$$427113023LOT7",
            "HIBCC di=B789PUMP421 lot=LOT7 exp=2027-11-30T23",
        ),
        (
            "+B789PUMP421/$$527334LOT7",
            "HIBCC di=B789PUMP421 lot=LOT7 exp=2027-11-30",
        ),
        (
            "+B789PUMP421/$$62733408LOT7",
            "HIBCC di=B789PUMP421 lot=LOT7 exp=2027-11-30T08",
        ),
        ("+B789PUMP421/$$7LOT7", "HIBCC di=B789PUMP421 lot=LOT7"),
        ("+B789PUMP421/$$+7SER7", "HIBCC di=B789PUMP421 sn=SER7"),
        (
            "+B789PUMP421/$$+3271130SER7",
            "HIBCC di=B789PUMP421 sn=SER7 exp=2027-11-30",
        ),
        (
            "+B789PUMP421/$$8053271130LOT7",
            "HIBCC di=B789PUMP421 lot=LOT7 exp=2027-11-30 qty=5",
        ),
        ("+B789PUMP421/$$900250", "HIBCC di=B789PUMP421 qty=250"),
        (
            "+B789PUMP421/27334LOT7/Q12",
            "HIBCC di=B789PUMP421 lot=LOT7 exp=2027-11-30 qty=12",
        ),
        (
            "+B789PUMP421/16D20200102/14D20271130/S9",
            "HIBCC di=B789PUMP421 sn=9 made=2020-01-02 exp=2027-11-30",
        ),
        (
            "+B789PUMP421/16D20300102",
            "HIBCC di=B789PUMP421 made=2030-01-02 ?manufactured_in_future",
        ),
        (
            "+B789PUMP421/$$3271131LOT7",
            "HIBCC di=B789PUMP421 lot=LOT7 ?invalid_date",
        ),
        (
            "+B789PUMP421/$$32711",
            "HIBCC di=B789PUMP421 unknown:32711 !truncated",
        ),
        (
            "+B789PUMP421/25P77",
            "HIBCC di=B789PUMP421 25P:77 ?unknown_field",
        ),
        (
            "+B789PUMP421/SA/SB",
            "HIBCC di=B789PUMP421 sn=A serial:B ?repeated_field",
        ),
        ("+B7891", "HIBCC unknown:B7891 !truncated"),
    ] {
        let check_character = super::hibcc_check_character(body).unwrap();
        let label = format!("{body}{check_character}");
        for spelling in [
            label.clone(),
            format!("*{label}*"),
            format!("]d1{label}\r"),
            label.to_lowercase(),
        ] {
            assert_eq!(line(&parse_udi(&spelling, today())), want, "{spelling}");
        }
    }
    check(&[(
        "+B789PUMP421A",
        "HIBCC di=B789PUMP421 lic:B789 pcn:PUMP42 um:1 ?check_character",
    )]);
}

#[test]
fn a_hibcc_check_character_that_is_a_blank_may_be_trimmed_or_underscored() {
    let body = (0..1000)
        .map(|n| format!("+B789P{n}1"))
        .find(|body| super::hibcc_check_character(body) == Some(' '))
        .unwrap();
    for label in [
        format!("{body} "),
        format!("{body} \r\n"),
        format!("*{body} *"),
        format!("*{body}_*"),
    ] {
        let scan = parse_udi(&label, today());
        assert_eq!(scan.di.as_deref(), body.get(1..), "{label:?}");
        assert!(scan.warnings.is_empty(), "{label:?}");
    }
    let trimmed = parse_udi(&body, today());
    assert_eq!(trimmed.di.as_deref(), body.get(1..));
    assert_eq!(trimmed.warnings, [Warning::CheckCharacter]);
}

#[test]
fn a_hibcc_pair_joins_only_by_its_link_character() {
    let with_check = |body: &str| format!("{body}{}", super::hibcc_check_character(body).unwrap());
    let primary = with_check("+B789PUMP421");
    let link = primary.chars().next_back().unwrap();
    let second = with_check(&format!("+$$3271130LOT7{link}"));
    assert_eq!(
        line(&parse_udi(&second, today())),
        "HIBCC lot=LOT7 exp=2027-11-30 !secondary_without_primary"
    );
    let joined = join_hibcc_pair(&primary, &second, today()).unwrap();
    assert_eq!(
        line(&joined),
        "HIBCC di=B789PUMP421 lot=LOT7 exp=2027-11-30"
    );
    let other = with_check("+B789PUMP431");
    assert_eq!(join_hibcc_pair(&other, &second, today()), None);
    assert_eq!(join_hibcc_pair(&primary, &primary, today()), None);
}

#[test]
fn cut_off_hibcc_labels() {
    check(&[
        ("+", "HIBCC !truncated"),
        ("+B78", "HIBCC unknown:B7 !truncated"),
        ("]d2", "GS1 !truncated"),
    ]);
}

#[test]
fn iccbba_labels() {
    check(&[
        (
            "=+05000=/B1234ABC200T0123=,000042=B12342612345600=>027334=}020002&,1000000000000LOT123",
            "ICCBBA di=B1234ABC200T0123 lot=000000000000LOT123 sn=000042 made=2020-01-02 exp=2027-11-30 donation_id:B12342612345600",
        ),
        ("=/B1234ABC200T0123", "ICCBBA di=B1234ABC200T0123"),
        (
            "]C0=/B1234ABC200T0123 =,000042",
            "ICCBBA di=B1234ABC200T0123 sn=000042",
        ),
        (
            "=)2XY654321B&)QQ87654321",
            "ICCBBA di=2XY654321B lot=QQ87654321",
        ),
        (
            "=/B1234ABC200T0123&>0273341430",
            "ICCBBA di=B1234ABC200T0123 exp=2027-11-30T14:30",
        ),
        (
            "=/B1234ABC200T0123=>027366",
            "ICCBBA di=B1234ABC200T0123 ?invalid_date",
        ),
        ("=,000042", "ICCBBA sn=000042 ?no_di"),
        ("=/B1234", "ICCBBA unknown:B1234 !truncated"),
        ("=SUM(A1:A2)", "unknown !not_a_udi"),
        ("=", "unknown !not_a_udi"),
        (
            "=/B1234ABC200T0123=?zz",
            "ICCBBA di=B1234ABC200T0123 unknown:=?zz ?unknown_field",
        ),
    ]);
}

#[test]
fn stored_forms_of_a_device_identifier() {
    let forms = |text: &str| parse_udi(text, today()).di_forms();
    assert_eq!(
        forms("96385074"),
        [
            "00000096385074",
            "0000096385074",
            "000096385074",
            "96385074"
        ]
    );
    assert_eq!(forms("14012345678908"), ["14012345678908"]);
    assert_eq!(forms("hello"), Vec::<String>::new());
    let hibcc = forms("+A123BJC5D6E71G");
    assert_eq!(hibcc, ["A123BJC5D6E71", "A123BJC5D6E71G"]);
}

#[test]
fn every_code_has_its_words() {
    for warning in [
        Warning::CheckDigit,
        Warning::CheckCharacter,
        Warning::SeparatorLostPossible,
        Warning::InvalidDate,
        Warning::ManufacturedInFuture,
        Warning::NoDi,
        Warning::InvalidLength,
        Warning::InvalidCharacter,
        Warning::UnknownField,
        Warning::RepeatedField,
        Warning::KeyboardLayoutRepaired,
        Warning::KeyboardLayoutSuspected,
    ] {
        assert!(warning.words().ends_with('.'));
    }
    for error in [
        ScanError::NotAUdi,
        ScanError::Truncated,
        ScanError::SeparatorLost,
        ScanError::SecondaryWithoutPrimary,
        ScanError::CompressedLink,
    ] {
        assert!(error.words().ends_with('.'));
    }
}

/// A scanner set to the US layout on hosts of other layouts: what the check digit proves is read, the rest is asked for.
#[test]
fn labels_that_were_typed_for_another_keyboard() {
    let hibcc = "+A123BJC5D6E71/$$3271130LOT-7";
    let hibcc = format!("{hibcc}{}", super::hibcc_check_character(hibcc).unwrap());
    let mut whole = 0;
    for label in [
        "(01)04012345678901(17)271130(10)AZ-12(21)Y/77",
        "]d20104012345678901172711301021AQWZ-1",
        "]C1010401234567890121ZY-77",
        hibcc.as_str(),
        "https://id.gs1.org/01/04012345678901/21/ZY9",
    ] {
        let clean = parse_udi(label, today());
        assert!(
            clean.error.is_none() && clean.warnings.is_empty(),
            "{label}"
        );
        for arrived in super::layout::arrivals(label) {
            let have = parse_udi(&arrived, today());
            if arrived == label {
                assert_eq!(have, clean, "{arrived}");
                continue;
            }
            let mut want = clean.clone();
            if have.warnings == [Warning::KeyboardLayoutSuspected] {
                // More than one layout fits: only what all of them say is kept, and none of it is wrong.
                want.keep_what_agrees(&have);
                want.warn(Warning::KeyboardLayoutSuspected);
                assert_eq!(have.di, clean.di, "{arrived}");
            } else {
                want.warn(Warning::KeyboardLayoutRepaired);
                whole += 1;
            }
            assert_eq!(line(&have), line(&want), "{label} arrives as {arrived}");
            assert!(super::looks_like_udi(&arrived), "{arrived}");
        }
    }
    assert!(whole >= 12, "{whole} labels were repaired whole");
    check(&[
        // German, dead accent and letter in one.
        ("ÀB123456", "unknown ?keyboard_layout_suspected !not_a_udi"),
        // A wrong check digit proves nothing: it is asked for.
        ("àéàéà", "unknown !not_a_udi"),
        (
            "à&à'à&é\"'(-è_çàé",
            "unknown ?keyboard_layout_suspected !not_a_udi",
        ),
        // A number with a wrong check digit is no matter of layouts.
        ("4012345678902", "GS1 di=04012345678902 ?check_digit"),
        (
            "+B789PUMP421A",
            "HIBCC di=B789PUMP421 lic:B789 pcn:PUMP42 um:1 ?check_character",
        ),
    ]);
    let dead = "+A123BJC5D6E71";
    let dead = format!("{dead}{}", super::hibcc_check_character(dead).unwrap());
    let arrived = dead.replacen("+A", "À", 1);
    assert_eq!(
        parse_udi(&arrived, today()).di.as_deref(),
        Some("A123BJC5D6E71"),
        "{arrived}"
    );
}

/// Every spelling of the separator gives the same label.
#[test]
fn separators_in_every_spelling() {
    for gs in [
        "\u{1d}", "<GS>", "<gs>", "{GS}", "[GS]", "^]", "\\x1d", "\\x1D", "\\u001d", "|", "~",
        "%1D", "%1d", "<FNC1>", "{FNC1}", "\u{241d}", "&#29;", "\u{1e}",
    ] {
        for (label, want) in [
            (
                format!("010401234567890110LOT7{gs}21SER9"),
                "GS1 di=04012345678901 lot=LOT7 sn=SER9",
            ),
            (
                format!("]d2{gs}010401234567890121SER9{gs}17271100{gs}"),
                "GS1 di=04012345678901 sn=SER9 exp=2027-11-30",
            ),
        ] {
            assert_eq!(line(&parse_udi(&label, today())), want, "{label:?}");
        }
    }
}

/// The further fields of device labels, fixed and variable, each between two others.
#[test]
fn further_fields_keep_their_place() {
    for (field, name, value) in [
        ("11200102", "made", "2020-01-02"),
        ("12200102", "12", "200102"),
        ("13200102", "13", "200102"),
        ("15200102", "15", "200102"),
        ("16200102", "16", "200102"),
        ("2001", "20", "01"),
        ("22CPV1\u{1d}", "22", "CPV1"),
        ("235TPX\u{1d}", "235", "TPX"),
        ("240REF-9\u{1d}", "240", "REF-9"),
        ("241C1\u{1d}", "241", "C1"),
        ("2421\u{1d}", "242", "1"),
        ("243P1\u{1d}", "243", "P1"),
        ("250S2\u{1d}", "250", "S2"),
        ("251SRC\u{1d}", "251", "SRC"),
        ("3012\u{1d}", "qty", "12"),
        ("3712\u{1d}", "qty", "12"),
        ("3103001250", "3103", "001250"),
        ("400PO7\u{1d}", "400", "PO7"),
        ("422840\u{1d}", "422", "840"),
        ("70032711301430", "exp", "2027-11-30T14:30"),
        ("710NHRN\u{1d}", "710", "NHRN"),
        ("8012V4.2\u{1d}", "8012", "V4.2"),
        ("8200HTTP://X\u{1d}", "8200", "HTTP://X"),
        ("90INT\u{1d}", "90", "INT"),
        ("99INT9\u{1d}", "99", "INT9"),
    ] {
        let label = format!("]d20104012345678901{field}21SER9");
        let have = line(&parse_udi(&label, today()));
        let separator = if name.bytes().all(|b| b.is_ascii_digit()) {
            ':'
        } else {
            '='
        };
        assert!(
            have.contains(&format!(" {name}{separator}{value}")) && have.contains(" sn=SER9"),
            "{label:?}: {have}"
        );
        assert!(
            !have.contains('?') && !have.contains('!'),
            "{label:?}: {have}"
        );
    }
}

#[test]
fn compressed_links_are_refused_in_words() {
    // AI 01 in eight bits, GTIN 04012345678901 in 47, then a serial.
    let gtin: u64 = 4_012_345_678_901;
    let mut bits = format!("{:08b}{gtin:047b}", 1);
    while !bits.len().is_multiple_of(6) {
        bits.push('1');
    }
    let alphabet: Vec<char> = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        .chars()
        .collect();
    let packed: String = bits
        .as_bytes()
        .chunks(6)
        .map(|six| alphabet[usize::from_str_radix(std::str::from_utf8(six).unwrap(), 2).unwrap()])
        .collect();
    for host in [
        "https://id.gs1.org/",
        "https://example.com/some/",
        "id.gs1.org/",
    ] {
        let scan = parse_udi(&format!("{host}{packed}"), today());
        assert_eq!(
            scan.error,
            Some(ScanError::CompressedLink),
            "{host}{packed}"
        );
        assert!(super::looks_like_udi(&format!("{host}{packed}")));
    }
    for other in [
        "https://example.com/products",
        "https://example.com/AQAAAAAAAAA/x",
        "https://x.org/ARTICLES",
    ] {
        assert_eq!(
            parse_udi(other, today()).error,
            Some(ScanError::NotAUdi),
            "{other}"
        );
    }
}
