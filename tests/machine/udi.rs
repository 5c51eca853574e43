//! UDI parsing over the real files: published vectors, and device identifiers from FDA's database.

use chrono::NaiveDate;
use serde_json::Value;
use tagout::identify::{Issuer, Scan, Warning, hibcc_check_character, looks_like_udi, parse_udi};

use crate::shared::shared;

fn reference_day(year: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(i32::try_from(year).expect("a year"), 6, 15).expect("a day")
}

/// What differs between the vector's expectation and the scan, field by field.
fn differences(vector: &Value, scan: &Scan) -> Vec<String> {
    let read = serde_json::to_value(scan).expect("a scan is JSON");
    let mut out = Vec::new();
    let mut compare = |name: &str, want: &Value, have: &Value| {
        if want != have {
            out.push(format!("{name}: want {want}, have {have}"));
        }
    };
    compare("issuer", &vector["issuer"], &read["issuer"]);
    let expect = vector["expect"].as_object().expect("expect is an object");
    for (name, want) in expect {
        if name != "additional" {
            compare(name, want, &read[name]);
        }
    }
    // `gudid_id` notes how the registry stores this identifier: a fact of the registry, not of the symbol. Such a vector
    // says nothing about the parts of the symbol, so only its other entries are compared.
    let want = expect["additional"].as_object().expect("an object");
    let mut have = read["additional"].as_object().expect("an object").clone();
    let mut want = want.clone();
    if want.remove("gudid_id").is_some() {
        have.retain(|name, _| want.contains_key(name));
    }
    compare("additional", &Value::Object(want), &Value::Object(have));
    assert_eq!(
        read.as_object().map(serde_json::Map::len),
        Some(expect.len() + 1)
    );
    out
}

pub fn shared_vectors_read_as_expected() {
    let text = shared("udi/udi-vectors.json");
    let file: Value = serde_json::from_str(&text).expect("the vectors are JSON");
    let today = reference_day(file["reference_year"].as_i64().expect("a year"));
    let vectors = file["vectors"].as_array().expect("a list");
    assert!(vectors.len() >= 28);
    let mut wrong = Vec::new();
    for vector in vectors {
        let input = vector["input"].as_str().expect("a text");
        let scan = parse_udi(input, today);
        for difference in differences(vector, &scan) {
            wrong.push(format!("{} {input:?}: {difference}", vector["id"]));
        }
        if let Some(stored) = vector["expect"]["additional"]["gudid_id"].as_str() {
            assert!(
                scan.di_forms().iter().any(|form| form == stored),
                "{stored}"
            );
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differences:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

pub fn shared_device_identifiers_are_all_read() {
    let text = shared("udi/gudid-2016-device-identifiers.csv");
    let today = reference_day(2026);
    let (mut gs1, mut hibcc, mut bad_check) = (0, 0, 0);
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    for row in rows.records() {
        let row = row.expect("a row");
        let (id, agency) = (&row[0], &row[2]);
        // One GTIN is registered under the wrong agency; HIBCC identifiers begin with a letter.
        if agency == "GS1" || id.starts_with(|c: char| c.is_ascii_digit()) {
            gs1 += 1;
            let scan = parse_udi(&format!("01{id:0>14}17291231\u{1d}10A7"), today);
            assert_eq!(scan.issuer, Issuer::Gs1, "{id}");
            assert_eq!(
                scan.di.as_deref(),
                Some(format!("{id:0>14}").as_str()),
                "{id}"
            );
            assert_eq!(scan.lot.as_deref(), Some("A7"), "{id}");
            assert!(scan.di_forms().iter().any(|form| form == id), "{id}");
            assert_eq!(scan.error, None, "{id}");
            let bare = parse_udi(id, today);
            assert_eq!((bare.di, &bare.warnings), (scan.di, &scan.warnings), "{id}");
            if scan.warnings.is_empty() {
                assert!(looks_like_udi(id), "{id}");
            } else {
                assert_eq!(scan.warnings, [Warning::CheckDigit], "{id}");
                bad_check += 1;
            }
        } else {
            hibcc += 1;
            // Most are stored with their check character, some without.
            let (body, last) = id.split_at(id.len() - 1);
            let stored_with_check =
                hibcc_check_character(&format!("+{body}")) == last.chars().next();
            let di = if stored_with_check { body } else { id };
            let check = hibcc_check_character(&format!("+{di}")).expect("Code 39 characters");
            let label = format!("+{di}{check}");
            let scan = parse_udi(&label, today);
            assert_eq!(scan.issuer, Issuer::Hibcc, "{id}");
            assert_eq!(scan.error, None, "{id}");
            assert!(!scan.warnings.contains(&Warning::CheckCharacter), "{id}");
            assert!(scan.di_forms().iter().any(|form| form == id), "{id}");
            assert!(looks_like_udi(&label), "{id}");
        }
    }
    assert_eq!((gs1, hibcc), (4743, 1056));
    assert!(bad_check >= 11, "{bad_check} wrong check digits");
}
