//! Whole lists, as ugly as hospitals export them.

use std::cell::RefCell;

use proptest::prelude::*;

use super::*;
use crate::domain::device::{
    Device, DeviceEvent, Field, FieldChange, Origin, Stage, Value, Whereabouts,
};
use crate::domain::id::{Dot, EntityId, SiteId};
use crate::domain::seen::Seen;
use crate::domain::time::{Moment, Stamp};

const UGLY: &str = include_str!("../../../tests/samples/ugly.csv");

fn sheet(text: &str) -> Sheet {
    read(text.as_bytes(), &CsvOptions::default()).unwrap_or_else(|m| panic!("{text}: {m:?}"))
}

fn row<'s>(sheet: &'s Sheet, tag: &str) -> &'s DeviceRow {
    sheet
        .rows
        .iter()
        .find(|r| r.tag() == Some(tag))
        .unwrap_or_else(|| panic!("no {tag}"))
}

fn shown(row: &DeviceRow, field: Field) -> String {
    row.get(field).map(|v| field.show(v)).unwrap_or_default()
}

#[test]
fn the_ugly_list_is_read_as_a_person_would() {
    let sheet = sheet(UGLY);
    assert_eq!(
        (sheet.delimiter, sheet.header_line, sheet.encoding),
        (';', 5, Encoding::Utf8)
    );
    assert!(!sheet.is_blocked(), "{:#?}", sheet.mistakes);
    let tags: Vec<_> = sheet
        .rows
        .iter()
        .map(|r| r.tag().unwrap_or("(none)"))
        .collect();
    assert_eq!(
        tags,
        [
            "A-1001", "A-1002", "A-1003", "A-1004", "A-1005", "(none)", "A-1009", "A-1014",
            "A-1016", "A-1017", "A-1018", "A-1020", "A-1022", "(none)"
        ]
    );
    let refused: Vec<_> = sheet.refused.iter().map(|r| r.line).collect();
    assert_eq!(refused, [13, 14, 16, 17, 18, 19, 20, 23, 27, 29, 32]);
    let left: Vec<_> = sheet.skipped.iter().map(|s| (s.line, s.why)).collect();
    assert_eq!(
        left,
        [
            (22, "the same row again"),
            (31, "the headings again"),
            (34, "a sum")
        ]
    );
    assert_eq!(sheet.row_count, sheet.rows.len() + sheet.refused.len() + 1);
    assert_eq!(
        sheet.unknown_columns,
        [ColumnRef {
            number: 13,
            name: "Next PM".to_owned()
        }]
    );

    let one = row(&sheet, "A-1001");
    for (field, want) in [
        (Field::Serial, "SN1001"),
        (Field::Model, "Sigma Spectrum"),
        (Field::PurchaseDate, "2019-12-31"),
        (Field::PurchasePrice, "2450"),
        (Field::WarrantyEnd, "2022-12-31"),
        (Field::StoresEphi, "yes"),
        (Field::Location, "3-101"),
    ] {
        assert_eq!(shown(one, field), want, "{field:?}");
    }
    assert_eq!(one.stage, Some(Stage::InService));
    let two = row(&sheet, "A-1002");
    assert_eq!(
        shown(two, Field::PurchaseDate),
        "2019-01-05",
        "decided by 12/31/2019"
    );
    assert_eq!(shown(two, Field::Notes), "two\nlines, one note");
    let three = row(&sheet, "A-1003");
    assert_eq!(shown(three, Field::Serial), "00771203");
    assert_eq!(shown(three, Field::Model), "12\" monitor");
    assert_eq!(shown(three, Field::PurchaseDate), "2020-01-01");
    assert_eq!(three.get(Field::StoresEphi), None);
    assert_eq!(shown(row(&sheet, "A-1005"), Field::Location), "19\" rack");
    assert_eq!(row(&sheet, "A-1005").get(Field::Serial), None);
    assert_eq!(
        row(&sheet, "A-1009").whereabouts.as_ref().map(|w| w.0),
        Some(Hint::Missing)
    );
    assert_eq!(row(&sheet, "A-1022").fields.len(), 6);
    for (tag, word) in [
        ("A-1004", "shortened"),
        ("A-1016", "several tags"),
        ("A-1018", "no serial"),
        ("A-1020", "read as blank"),
    ] {
        let warnings = &row(&sheet, tag).warnings;
        assert!(
            warnings.iter().any(|w| w.text.contains(word)),
            "{tag}: {warnings:?}"
        );
    }
}

#[test]
fn mistakes_name_line_column_and_what_to_do() {
    let sheet = sheet(UGLY);
    for (line, column, word) in [
        (13, None, "neither"),
        (14, Some(8), "status"),
        (16, Some(9), "not a date"),
        (17, Some(9), "not a date"),
        (18, Some(10), "money"),
        (19, None, "19, 20"),
        (23, Some(12), "one of yes, no"),
        (27, None, "17 cells"),
        (29, None, "quotation mark"),
        (32, None, "Only one cell"),
    ] {
        let found = sheet
            .mistakes
            .iter()
            .find(|m| m.line == line)
            .unwrap_or_else(|| panic!("{line}: {:#?}", sheet.mistakes));
        assert!(found.reason.contains(word), "{found}");
        assert_eq!(found.column.as_ref().map(|c| c.number), column, "{found}");
        assert!(!found.hint.is_empty());
    }
    let words = sheet_text(&sheet, 100);
    assert!(words.contains("column 13 \"Next PM\": kept out"), "{words}");
    assert!(sheet_json(&sheet)["unknown_columns"][0]["name"] == "Next PM");
}

#[test]
fn every_encoding_gives_the_same_rows() {
    let plain = sheet(UGLY);
    for encoding in [
        Encoding::Utf8Bom,
        Encoding::Utf16Le,
        Encoding::Utf16Be,
        Encoding::Windows1252,
    ] {
        let bytes = encoding.encode(UGLY);
        let got = read(&bytes, &CsvOptions::default()).unwrap();
        assert_eq!(got.encoding, encoding);
        let fields = |s: &Sheet| s.rows.iter().map(|r| r.fields.clone()).collect::<Vec<_>>();
        assert_eq!(fields(&got), fields(&plain));
        let bad = write_bad(&got, &bytes);
        assert_eq!(Encoding::detect(&bad).0, encoding_of(&bad, encoding));
    }
}

/// Refused rows without a letter beyond ASCII are the same bytes in UTF-8.
fn encoding_of(bytes: &[u8], wanted: Encoding) -> Encoding {
    if wanted == Encoding::Windows1252 && bytes.is_ascii() {
        Encoding::Utf8
    } else {
        wanted
    }
}

#[test]
fn refused_rows_come_back_untouched_and_read_again() {
    let first = sheet(UGLY);
    let bad = write_bad(&first, UGLY.as_bytes());
    let text = String::from_utf8(bad.clone()).unwrap();
    assert!(text.contains("A-1008;SN1008;Zoll;R Series;Defibrillator;ED;;Purple;;;;;;;;Status: This status is not known."), "{text}");
    let again = read(&bad, &CsvOptions::default()).unwrap();
    assert_eq!(again.refused.len(), first.refused.len());
    assert_eq!(again.rows.len(), 0);
    let third = write_bad(&again, &bad);
    let headings = String::from_utf8(third).unwrap();
    assert_eq!(
        headings.matches(";why").count(),
        1,
        "the reasons do not pile up"
    );
    let repaired = text.replace("Purple", "Active");
    assert_eq!(sheet(&repaired).rows.len(), 1);
}

#[test]
fn separators_are_told_from_the_rows() {
    for (separator, name) in [(',', ','), (';', ';'), ('\t', '\t'), ('|', '|')] {
        let text = format!(
            "Tag{separator}Serial{separator}Notes\nA1{separator}S1{separator}\"a, b; c\"\nA2{separator}S2{separator}x\n"
        );
        let sheet = sheet(&text);
        assert_eq!((sheet.delimiter, sheet.rows.len()), (name, 2), "{text}");
        assert_eq!(shown(&sheet.rows[0], Field::Notes), "a, b; c");
    }
    assert_eq!(sheet("tag\nA1\nA2\n").rows.len(), 2);
    for bad in ["", "\n\n", "hello\nworld\n", "PK\u{3}\u{4}x", "a\0b"] {
        let mistakes = read(bad.as_bytes(), &CsvOptions::default()).unwrap_err();
        assert!(
            mistakes
                .iter()
                .all(|m| m.reach == Reach::File && !m.hint.is_empty())
        );
    }
}

#[test]
fn day_and_month_are_decided_by_the_column_or_by_the_person() {
    let list = |dates: &[&str]| {
        let rows: Vec<_> = dates
            .iter()
            .enumerate()
            .map(|(i, d)| format!("A{i},{d}\n"))
            .collect();
        format!("tag,purchase date\n{}", rows.concat())
    };
    let undecided = sheet(&list(&["3/4/2024", "5/6/2024"]));
    assert!(undecided.is_blocked());
    assert_eq!(
        undecided.mistakes.len(),
        1,
        "one question, not one for each row"
    );
    assert!(undecided.mistakes[0].hint.contains("--dates dmy"));
    let torn = sheet(&list(&["3/4/2024", "13/6/2024", "6/13/2024"]));
    assert!(
        torn.is_blocked() && torn.mistakes[0].reason.contains("Line 3"),
        "{:?}",
        torn.mistakes
    );
    assert!(!sheet(&list(&["13/6/2024", "6/13/2024"])).is_blocked());
    for (dates, want) in [
        (DateOrder::Dmy, "2024-04-03"),
        (DateOrder::Mdy, "2024-03-04"),
    ] {
        let options = CsvOptions {
            dates: Some(dates),
            ..CsvOptions::default()
        };
        let told = read(list(&["3/4/2024"]).as_bytes(), &options).unwrap();
        assert_eq!(shown(&told.rows[0], Field::PurchaseDate), want);
    }
    let decided = sheet(&list(&["3/4/2024", "31/12/2023"]));
    assert_eq!(shown(&decided.rows[0], Field::PurchaseDate), "2024-04-03");
}

#[test]
fn columns_are_never_dropped_in_silence() {
    let sheet =
        sheet("Tag,Type,Colour,,Serial,Serial,Model,Model Number\nA1,FRN,red,x,S1,S1,M,N\n");
    let targets: Vec<_> = sheet
        .columns
        .iter()
        .map(|c| c.target.map(Target::key))
        .collect();
    assert_eq!(
        targets,
        [
            Some("tag"),
            Some("type"),
            None,
            None,
            Some("serial"),
            None,
            Some("model"),
            Some("model_number")
        ]
    );
    assert!(
        sheet
            .columns
            .iter()
            .filter(|c| c.target.is_none())
            .all(|c| !c.note.is_empty())
    );
    assert_eq!(sheet.unknown_columns.len(), 3);
    let plain = self::sheet("Tag,Type\nA1,Infusion pump\n");
    assert_eq!(shown(&plain.rows[0], Field::TypeName), "Infusion pump");
    let rival = self::sheet("Asset #,Control No\nA1,C1\n");
    assert!(rival.is_blocked(), "two different tags are a question");
}

#[test]
fn the_map_decides_names_words_defaults_and_blanks() {
    let map = ColumnMap::from_toml(
        "empty = [\"location\"]\n[columns]\n\"Betr.-Nr.\" = \"tag\"\n\"Control No\" = \"ignore\"\n[values.status]\n\"X7\" = \"retired\"\n[defaults]\ndepartment = \"ICU\"\n",
    )
    .unwrap();
    let options = CsvOptions {
        map,
        ..CsvOptions::default()
    };
    let sheet = read(b"Betr Nr;Control No;Status;Location\nA1;C1;x7;\n", &options).unwrap();
    assert_eq!(sheet.rows[0].tag(), Some("A1"));
    assert_eq!(sheet.rows[0].stage, Some(Stage::Retired));
    assert_eq!(sheet.rows[0].emptied, [Field::Location]);
    let planned = plan(&sheet, &|_| Existing::None);
    let Planned::Add { fields, .. } = &planned.rows[0].what else {
        panic!("{planned:?}")
    };
    assert!(fields.contains(&(Field::Department, Value::Text("ICU".to_owned()))));
}

fn stamp(seq: u64) -> Stamp {
    Stamp {
        dot: Dot {
            site: SiteId([1; 16]),
            seq,
            index: 0,
        },
        at: Moment {
            micros: seq as i64,
            offset: 0,
        },
        by: "kim".to_owned(),
    }
}

/// Carries a plan out on plain records, as the deciders would.
fn carry_out(plan: &ImportPlan, devices: &mut Vec<(EntityId, Device)>) {
    for row in &plan.rows {
        let seq = devices.len() as u64 + 1;
        match &row.what {
            Planned::Add {
                fields,
                stage,
                whereabouts,
            } => {
                let mut device = Device::default();
                let mut fields = fields.clone();
                if row.name.starts_with("(no tag)") {
                    fields.push((Field::AssetTag, Value::Text(format!("TMP-{seq:04}"))));
                }
                let changes = fields
                    .into_iter()
                    .map(|(field, value)| FieldChange {
                        field,
                        old: None,
                        new: Some(value),
                        replaces: Vec::new(),
                    })
                    .collect();
                device.apply(
                    &DeviceEvent::Registered {
                        origin: Origin::TakenOver,
                        stage: *stage,
                        changes,
                    },
                    &stamp(seq),
                    &Seen::Everything,
                );
                device.whereabouts = whereabouts.clone().unwrap_or_default();
                devices.push((EntityId::Made(stamp(seq).dot), device));
            }
            Planned::Update {
                device: id,
                changes,
                stages,
                whereabouts,
                ..
            } => {
                let device = &mut devices.iter_mut().find(|(i, _)| i == id).unwrap().1;
                for change in changes {
                    device.fields.entry(change.field).or_default().set(
                        change.new.clone(),
                        &stamp(900),
                        &[stamp(0).dot],
                    );
                }
                if let Some(to) = stages.1.last() {
                    device
                        .stages
                        .set_seen(Some(*to), &stamp(900), &Seen::Everything);
                }
                if let Some(at) = whereabouts {
                    device.whereabouts = at.clone();
                }
            }
            Planned::Same { .. } | Planned::Conflict { .. } => {}
        }
    }
}

fn planned(sheet: &Sheet, devices: &[(EntityId, Device)]) -> ImportPlan {
    let known = KnownDevices::new(devices.iter().cloned());
    plan(sheet, &|row| known.find(row))
}

#[test]
fn a_second_import_changes_nothing_and_a_third_only_what_changed() {
    let first = sheet(UGLY);
    let mut devices = Vec::new();
    let plan = planned(&first, &devices);
    assert_eq!(plan.counts().add, first.rows.len());
    assert_eq!(
        plan.rows
            .iter()
            .map(commands)
            .map(|c| c.len())
            .sum::<usize>(),
        first.rows.len()
    );
    carry_out(&plan, &mut devices);
    let second = planned(&first, &devices);
    assert_eq!(
        second.counts(),
        Counts {
            same: first.rows.len(),
            ..Counts::default()
        },
        "{}",
        plan_text(&second, 50)
    );
    let changed = UGLY
        .replace("3-101", "3-199")
        .replace("A-1002 ;SN1002", "A-1002 ;SN1002X")
        .replace("IN USE", "Retired");
    let third = planned(&sheet(&changed), &devices);
    assert_eq!(third.counts().update, 2, "{}", plan_text(&third, 50));
    let words = plan_text(&third, 50);
    assert!(
        words.contains("change A-1001: Location: 3-101 → 3-199\n"),
        "{words}"
    );
    assert!(words.contains("Stage: in service → retired"), "{words}");
    assert_eq!(commands(&third.rows[1]).len(), 2, "fields and stage");
    assert_eq!(plan_json(&third)["counts"]["update"], 2);
    carry_out(&third, &mut devices);
    assert_eq!(planned(&sheet(&changed), &devices).counts().update, 0);
    let back = planned(&first, &devices);
    assert!(!back.rows.iter().any(|r| matches!(&r.what, Planned::Update { stages, .. } if stages.1.contains(&Stage::InService))));
    assert!(
        back.rows[1]
            .warnings
            .iter()
            .any(|w| w.text.contains("no known device into service"))
    );
}

#[test]
fn a_row_that_could_be_another_device_is_never_guessed() {
    let mut devices = Vec::new();
    let base = sheet(
        "tag,manufacturer,model,serial,location\nA1,Baxter,Sigma,S1,ICU\nA2,Baxter,Sigma,S2,ICU\n,Zoll,R,S3,ED\n",
    );
    carry_out(&planned(&base, &devices), &mut devices);
    for (line, want) in [
        ("A1,Zoll,R,Z9,ICU", "conflict"),
        ("A9,Baxter,Sigma,S1,ICU", "conflict"),
        (",Baxter,Other,S1,ICU", "conflict"),
        ("a-1,Baxter,Sigma,S1,ICU", "same"),
        ("A1,,,,", "refused"),
        ("A1,Baxter,,,", "same"),
        ("A5,Zoll,R,S3,ED", "update"),
        (",Zoll,R,s-3,ED", "update"),
        ("A6,Zoll,R,S6,ED", "add"),
    ] {
        let list = sheet(&format!("tag,manufacturer,model,serial,location\n{line}\n"));
        let plan = planned(&list, &devices);
        let got = plan.rows.first().map_or("refused", |row| match row.what {
            Planned::Add { .. } => "add",
            Planned::Update { .. } => "update",
            Planned::Same { .. } => "same",
            Planned::Conflict { .. } => "conflict",
        });
        assert_eq!(got, want, "{line}: {plan:?}");
        if got == "conflict" {
            let bad = write_bad_with(
                &list,
                format!("tag,manufacturer,model,serial,location\n{line}\n").as_bytes(),
                &plan.conflicts(),
            );
            assert!(String::from_utf8(bad).unwrap().contains(line));
        }
    }
    let retagged = &mut devices[0].1;
    retagged.aliases.push("A1".to_owned());
    retagged.fields.remove(&Field::AssetTag);
    retagged.fields.entry(Field::AssetTag).or_default().set(
        Some(Value::Text("B1".to_owned())),
        &stamp(50),
        &[],
    );
    let plan = planned(&base, &devices);
    assert!(
        matches!(plan.rows[0].what, Planned::Same { .. }),
        "an old tag in the list does not come back: {plan:?}"
    );
    let lost = sheet("tag,status\nA2,lost\n");
    let plan = planned(&lost, &devices);
    let Planned::Update {
        whereabouts: Some(Whereabouts::Missing { .. }),
        ..
    } = &plan.rows[0].what
    else {
        panic!("{plan:?}")
    };
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "tag,serial,cost,purchase date\n[A-Z0-9,;\"\n./ é-]{0,120}") {
        let _ = read(&bytes, &CsvOptions::default());
        if let Ok(sheet) = read(text.as_bytes(), &CsvOptions::default()) {
            prop_assert!(sheet.rows.len() + sheet.refused.len() <= sheet.row_count);
            let _ = write_bad(&sheet, text.as_bytes());
            let _ = sheet_text(&sheet, 3);
        }
    }

    #[test]
    fn a_written_list_reads_back_and_imports_once(rows in proptest::collection::vec(("[A-Z]{2}", "[ -~é]{0,12}", "[ -~é]{0,12}", 1i32..4000), 1..12)) {
        let mut text = "tag,model,location,purchase_date,price\r\n".to_owned();
        let day = |n: &i32| chrono::NaiveDate::from_ymd_opt(2010, 1, 1).unwrap() + chrono::Duration::days(i64::from(*n));
        for (i, (tag, model, location, n)) in rows.iter().enumerate() {
            let cells = [format!("{tag}{i:03}"), model.clone(), location.clone(), day(n).to_string(), format!("{n}.50")];
            let cells: Vec<_> = cells.iter().map(|c| super::split::quote(c, b',')).collect();
            text += &(cells.join(",") + "\r\n");
        }
        let list = sheet(&text);
        prop_assert_eq!(list.rows.len(), rows.len(), "{:?}", list.mistakes);
        for (i, (tag, _, _, n)) in rows.iter().enumerate() {
            prop_assert_eq!(list.rows[i].text(Field::AssetTag), format!("{tag}{i:03}"));
            prop_assert_eq!(list.rows[i].get(Field::PurchaseDate), Some(&Value::Date(day(n))));
        }
        let devices = RefCell::new(Vec::new());
        let first = planned(&list, &devices.borrow());
        carry_out(&first, &mut devices.borrow_mut());
        prop_assert_eq!(planned(&list, &devices.borrow()).counts().same, rows.len());
    }
}
