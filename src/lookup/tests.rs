//! Queries and what must come first, and the engine against the plain reference.

use proptest::prelude::*;

use super::*;
use crate::domain::id::{Dot, SiteId};

fn id(number: u64) -> EntityId {
    EntityId::Made(Dot {
        site: SiteId([1; 16]),
        seq: number,
        index: 0,
    })
}

fn card(number: u64, tag: &str, serial: &str, maker: &str, model: &str) -> DeviceCard {
    let text = str::to_owned;
    DeviceCard {
        id: id(number),
        tag: text(tag),
        serial: text(serial),
        manufacturer: text(maker),
        brand: String::new(),
        model: text(model),
        numbers: Vec::new(),
        udi_di: String::new(),
        type_code: String::new(),
        type_name: String::new(),
        department: String::new(),
        location: String::new(),
        ip: String::new(),
        mac: String::new(),
        aliases: Vec::new(),
        status: text("in-service"),
        holds: Vec::new(),
        high_risk: Some(false),
        gone: false,
        merged: false,
    }
}

fn placed(mut card: DeviceCard, kind: &str, department: &str, location: &str) -> DeviceCard {
    card.type_name = kind.to_owned();
    card.department = department.to_owned();
    card.location = location.to_owned();
    card
}

fn fleet() -> Vec<DeviceCard> {
    let pump = "Infusion pump";
    let mut cards = vec![
        placed(
            card(1, "BME-000101", "AL-778120", "BD", "Alaris 8015"),
            pump,
            "ICU",
            "Bed 12",
        ),
        placed(
            card(2, "BME-000102", "AL-778121", "BD", "Alaris 8015"),
            pump,
            "NICU",
            "Bed 1",
        ),
        placed(
            card(3, "BME-000103", "AL-778122", "BD", "Alaris 8015"),
            pump,
            "3W",
            "Room 12 Bed 3",
        ),
        placed(
            card(4, "BME-008015", "DE03304", "Dräger", "Evita Infinity V500"),
            "Ventilator",
            "ICU",
            "Bed 2",
        ),
        placed(
            card(5, "BME-000105", "US 551 220", "Philips", "IntelliVue MX450"),
            "Monitor",
            "ED",
            "Bay 3",
        ),
        placed(
            card(
                6,
                "BME-000106",
                "CN12345678",
                "Physio-Control",
                "LIFEPAK 20e",
            ),
            "Defibrillator",
            "ED",
            "Crash cart",
        ),
        placed(
            card(7, "BME-000107", "AL-778199", "BD", "Alaris 8015"),
            pump,
            "Stores",
            "Shelf",
        ),
        placed(
            card(8, "BME-000108", "S5-100", "B. Braun", "Infusomat Space"),
            pump,
            "3W",
            "Room 3",
        ),
        placed(
            card(9, "BME-000109", "AL-778120-9", "BD", "Alaris 8015"),
            pump,
            "ICU",
            "Bed 12",
        ),
    ];
    cards[4].ip = "10.20.3.4".to_owned();
    cards[4].mac = "00:1A:2B:3C:4D:5E".to_owned();
    cards[3].udi_di = "04049098000001".to_owned();
    cards[5].aliases = vec!["OLD-77".to_owned()];
    cards[5].high_risk = Some(true);
    cards[5].holds = vec!["do not use".to_owned(), "recall".to_owned()];
    cards[6].gone = true;
    cards[6].status = "missing".to_owned();
    cards[8].merged = true;
    cards
}

fn index(cards: &[DeviceCard]) -> Index {
    let mut index = Index::new();
    for card in cards {
        index.upsert(card.clone());
    }
    index
}

/// The last three digits of the tags of an answer, in order.
fn tags(found: &Found) -> Vec<&str> {
    found
        .hits
        .iter()
        .map(|hit| &hit.card.tag[hit.card.tag.len() - 3..])
        .collect()
}

#[test]
fn queries_and_their_rows() {
    let index = index(&fleet());
    assert_eq!(index.len(), 8);
    let mut wrong = Vec::new();
    for (query, expected) in [
        // Identifiers.
        ("BME-000102", "102"),
        ("*bme000102*", "102"),
        ("102", "102"),
        ("000102", "102"),
        ("8015", "015 101 102 103 107"),
        // Gone, but named.
        ("BME-000107", "107"),
        ("al778199", "107"),
        ("al778121", "102"),
        ("AL-7781", "101 102 103 107"),
        ("778120", "101"),
        ("10.20.3", "105"),
        ("10.20.3.4", "105"),
        ("001a2b3c4d5e", "105"),
        ("00:1a:2b", "105"),
        ("04049098000001", "015"),
        ("4049098000001", "015"),
        ("old77", "106"),
        ("US 551 220", "105"),
        ("us551220", "105"),
        // Texts: every word, any order.
        ("alaris icu", "101 102"),
        ("icu alaris", "101 102"),
        ("icu", "101 015 102"),
        ("bed 12", "101 103 102"),
        ("drager", "015"),
        ("DRÄGER evita", "015"),
        ("mx450", "105"),
        ("lifepak ed", "106"),
        ("braun", "108"),
        ("recall", "106"),
        // Scattered and misspelt.
        ("lpk20", "106"),
        ("lfpk", ""),
        ("alrais", "101 102 103 107"),
        ("evtia", "015"),
        ("infusmat 3w", "108"),
        ("drgaer", "015"),
        // Filters, exclusions, quotes.
        ("dept:icu", "101 015"),
        ("dept:icu alaris", "101"),
        ("type:pump -dept:icu maker:bd", "102 103 107"),
        ("status:missing", "107"),
        ("status:in-serv mx450", "105"),
        ("risk:high", "106"),
        ("hold:do-not-use", "106"),
        ("hold:\"do not use\"", "106"),
        ("loc:\"bed 1\" dept:nicu", "102"),
        ("loc:bay model:mx", "105"),
        ("alaris -icu -stores", "102 103"),
        ("-alaris type:pump", "108"),
        ("\"bed 12\"", "101"),
        ("\"room 12 bed\"", "103"),
        ("\"alrais\"", ""),
        ("serial:778121", "102"),
        ("foo:bar", ""),
        ("status:lost", ""),
        ("zzzz", ""),
    ] {
        let found = index.find(query, 50, &FindOptions::default());
        let got = tags(&found).join(" ");
        if got != expected || found.total != found.hits.len() || found.nearest {
            wrong.push(format!("{query}: {got} instead of {expected}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn one_edit_away_is_marked_as_nearest() {
    let index = index(&fleet());
    for (query, expected) in [
        ("AL-77B121", "102"),
        ("CN1234568", "106"),
        ("BME-O00105", "105"),
        ("DE033049", "015"),
        ("AL-787120", "101"),
    ] {
        let found = index.find(query, 50, &FindOptions::default());
        assert_eq!(tags(&found).first(), Some(&expected), "{query}");
        assert!(found.nearest, "{query}");
    }
    assert!(!index.find("QQQQQQQQ", 50, &FindOptions::default()).nearest);
}

#[test]
fn the_limit_cuts_the_list_and_not_the_count() {
    let index = index(&fleet());
    let all = index.find("bed", 50, &FindOptions::default());
    let two = index.find("bed", 2, &FindOptions::default());
    assert_eq!((two.hits.len(), two.total), (2, all.total));
    assert_eq!(two.hits[..], all.hits[..2]);
    assert_eq!(
        index.find("bed", 0, &FindOptions::default()).total,
        all.total
    );
    // Everything, gone devices last.
    let found = index.find("", 50, &FindOptions::default());
    assert_eq!(tags(&found).join(" "), "101 102 103 105 106 108 015 107");
}

#[test]
fn a_parsed_scan_finds_its_device_only() {
    let mut cards = fleet();
    cards[0].udi_di = "10885403801501".to_owned();
    cards[1].udi_di = "10885403801501".to_owned();
    cards[2].serial = "AL-778120".to_owned();
    let index = index(&cards);
    let scan = |di: &str, serial: &str| {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let options = FindOptions {
            di: some(di),
            serial: some(serial),
        };
        let found = index.find("(01)…", 50, &options);
        (tags(&found).join(" "), found.nearest)
    };
    let answer = |rows: &str, nearest| (rows.to_owned(), nearest);
    assert_eq!(scan("10885403801501", "AL778120"), answer("101 103", false));
    assert_eq!(scan("", "AL-778121"), answer("102", false));
    assert_eq!(scan("10885403801501", ""), answer("101 102", false));
    assert_eq!(scan("4049098000001", ""), answer("015", false));
    // A serial that only begins like it is another device.
    assert_eq!(scan("10885403801501", "AL-77"), answer("101 102", true));
    assert_eq!(scan("", "AL-77"), answer("", false));
}

#[test]
fn matches_are_shown_where_they_are() {
    let index = index(&fleet());
    for (query, tag, field, ranges, why) in [
        (
            "al778",
            "101",
            FieldName::Serial,
            vec![0..6],
            "serial begins so",
        ),
        ("102", "102", FieldName::Tag, vec![7..10], "asset tag"),
        (
            "drager",
            "015",
            FieldName::Manufacturer,
            vec![0..6],
            "manufacturer",
        ),
        (
            "bed 12",
            "101",
            FieldName::Location,
            vec![0..3, 4..6],
            "location",
        ),
        (
            "lpk20",
            "106",
            FieldName::Model,
            vec![0..1, 4..5, 6..7, 8..10],
            "scattered in model",
        ),
        (
            "alrais",
            "101",
            FieldName::Model,
            vec![0..6],
            "almost model",
        ),
        (
            "2b3c",
            "105",
            FieldName::Mac,
            vec![6..11],
            "inside MAC address",
        ),
        (
            "CN1234568",
            "106",
            FieldName::Serial,
            vec![0..10],
            "almost serial",
        ),
        (
            "us 551 220",
            "105",
            FieldName::Serial,
            vec![0..10],
            "serial",
        ),
    ] {
        let found = index.find(query, 50, &FindOptions::default());
        let hit = found
            .hits
            .iter()
            .find(|hit| hit.card.tag.ends_with(tag))
            .unwrap_or_else(|| panic!("{query} does not find {tag}"));
        let mark = hit.highlights.iter().find(|mark| mark.field == field);
        assert_eq!(
            mark.map(|mark| &mark.ranges),
            Some(&ranges),
            "{query}: {hit:?}"
        );
        assert!(hit.why.contains(why), "{query}: {}", hit.why);
    }
    // Scattered over make and model: shown in both.
    let found = index.find("physiolife", 1, &FindOptions::default());
    let fields: Vec<_> = found.hits[0].highlights.iter().map(|m| m.field).collect();
    assert_eq!(fields, [FieldName::Manufacturer, FieldName::Model]);
}

#[test]
fn combined_records_leave() {
    let mut cards = fleet();
    let mut index = index(&cards);
    assert_eq!(index.get(id(9)), None);
    cards[0].merged = true;
    index.upsert(cards[0].clone());
    assert_eq!(index.len(), 7);
    assert!(index.find("BME-000101", 9, &FindOptions::default()).nearest);
    cards[0].merged = false;
    index.upsert(cards[0].clone());
    assert_eq!(index.get(id(1)).as_ref(), Some(&cards[0]));
}

#[test]
fn every_filter_name_filters() {
    let index = index(&fleet());
    for name in filter_names() {
        let found = index.find(&format!("{name}:qqq"), 9, &FindOptions::default());
        assert_eq!(found.total, 0, "{name} is taken as a filter");
        assert_eq!(
            index
                .find(&format!("{name}:"), 9, &FindOptions::default())
                .total,
            8
        );
    }
}

fn any_card() -> impl Strategy<Value = DeviceCard> {
    let pick = |words: &'static [&'static str]| prop::sample::select(words).prop_map(str::to_owned);
    let names = (
        pick(&["BD", "Dräger", "GE Healthcare", "Philips", "B. Braun", ""]),
        pick(&[
            "Alaris 8015",
            "Evita V500",
            "MX450",
            "Carescape B650",
            "Infusomat Space",
            "",
        ]),
        pick(&["Infusion pump", "Ventilator", "Monitor, bedside", "Scale"]),
        pick(&["ICU", "NICU", "3W", "Cath Lab", "ED"]),
        pick(&["Bed 1", "Bed 12", "Room 12 Bed 3", "Bay-3", "PACU", ""]),
        pick(&["FRN", "CBK", "MHX"]),
    );
    let ids = (
        0u32..400,
        "[A-C]{2}-?[0-9O]{4,7}",
        prop::option::of("10\\.[0-9]{1,2}\\.[0-9]\\.[0-9]{1,2}"),
        prop::option::of("00:1A:[0-9A-F]{2}:[0-9A-F]{2}"),
        prop::option::of("0[0-9]{5}"),
        prop::option::of("OLD[0-9]{3}"),
    );
    (names, ids, 0u8..16, any::<bool>()).prop_map(|(names, ids, state, high_risk)| {
        let (maker, model, kind, department, location, code) = names;
        let (tag, serial, ip, mac, di, alias) = ids;
        let mut card = placed(
            card(0, &format!("BME-{tag:05}"), &serial, &maker, &model),
            &kind,
            &department,
            &location,
        );
        card.type_code = code;
        card.ip = ip.unwrap_or_default();
        card.mac = mac.unwrap_or_default();
        card.udi_di = di.unwrap_or_default();
        card.aliases = alias.into_iter().collect();
        card.high_risk = Some(high_risk);
        card.gone = state == 0;
        card.merged = state == 1;
        if card.gone {
            card.status = "retired".to_owned();
        }
        card
    })
}

/// A piece of a card's fields, as typed: cut, misspelt, negated or with a filter name.
fn any_word() -> impl Strategy<Value = (usize, usize, usize, usize, u8, char)> {
    (
        any::<usize>(),
        any::<usize>(),
        any::<usize>(),
        1usize..9,
        0u8..14,
        prop::char::range('0', 'z'),
    )
}

pub(super) fn typed(cards: &[DeviceCard], word: &(usize, usize, usize, usize, u8, char)) -> String {
    let &(which, field, from, length, change, other) = word;
    let card = &cards[which % cards.len()];
    let fields = [
        &card.tag,
        &card.serial,
        &card.manufacturer,
        &card.model,
        &card.type_name,
        &card.department,
        &card.location,
        &card.ip,
        &card.mac,
        &card.udi_di,
        &card.type_code,
        &card.status,
    ];
    let mut chars: Vec<char> = fields[field % fields.len()].chars().collect();
    let from = if change % 2 == 0 {
        0
    } else {
        from % (chars.len() + 1)
    };
    chars = chars
        .into_iter()
        .skip(from)
        .take(length + usize::from(change > 5) * 4)
        .collect();
    let middle = chars.len() / 2;
    match change {
        6 if middle > 0 => chars.swap(middle - 1, middle),
        7 if middle > 0 => chars[middle] = other,
        8 if middle > 0 => {
            chars.remove(middle);
        }
        9 => chars.insert(middle, other),
        _ => {}
    }
    let text: String = chars.into_iter().collect();
    match change {
        10 => format!("-{text}"),
        11 => format!("\"{text}\""),
        12 => format!("dept:{text}"),
        13 => format!("risk:high {text}"),
        _ => text,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_answers_like_the_reference(
        cards in prop::collection::vec(any_card(), 1..300),
        queries in prop::collection::vec(prop::collection::vec(any_word(), 1..4), 1..9),
        changes in prop::collection::vec((any::<usize>(), prop::option::of(any_card())), 0..20),
    ) {
        let mut cards = cards;
        for (number, card) in cards.iter_mut().enumerate() {
            card.id = id(number as u64);
        }
        let mut index = index(&cards);
        // What was looked for before a change must not be remembered after it.
        for words in &queries {
            let text: Vec<String> = words.iter().map(|word| typed(&cards, word)).collect();
            let _ = index.find(&text.join(" "), 1, &FindOptions::default());
        }
        for (which, change) in changes {
            let at = which % cards.len();
            match change {
                Some(mut card) => {
                    card.id = cards[at].id;
                    index.upsert(card.clone());
                    cards[at] = card;
                }
                None if cards.len() > 1 => {
                    index.remove(cards[at].id);
                    cards.remove(at);
                }
                None => {}
            }
        }
        let rebuilt = Index::of(cards.clone());
        let plain = reference::Fleet::new(&cards);
        prop_assert_eq!(index.len(), cards.iter().filter(|card| !card.merged).count());
        for words in &queries {
            let text: Vec<String> = words.iter().map(|word| typed(&cards, word)).collect();
            let text = text.join(" ");
            let found = index.find(&text, usize::MAX, &FindOptions::default());
            let (expected, nearest) = plain.find(&text);
            let got: Vec<(EntityId, u32)> = found.hits.iter().map(|hit| (hit.id, hit.total)).collect();
            prop_assert_eq!(&got, &expected, "{}", text);
            prop_assert_eq!((found.nearest, found.total), (nearest, expected.len()), "{}", text);
            // Highlights stay inside the fields.
            for mark in found.hits.iter().flat_map(|hit| hit.highlights.iter().map(move |mark| (hit, mark))) {
                let text = row::raw(&mark.0.card, mark.1.field, mark.1.nth).unwrap_or("");
                prop_assert!(mark.1.ranges.iter().all(|r| r.start < r.end && r.end <= text.chars().count()));
            }
            prop_assert_eq!(rebuilt.find(&text, 50, &FindOptions::default()), index.find(&text, 50, &FindOptions::default()));
            let top = index.find(&text, 7, &FindOptions::default());
            prop_assert_eq!(&top.hits[..], &found.hits[..found.hits.len().min(7)]);
        }
    }

    #[test]
    fn odd_text_is_survived(
        text in "[\\x00\\x1d\u{301}\u{200d}👩aéß0\"\\-:* ]{0,16}",
        query in "[\\x00\\x1d\u{301}\u{200d}👩aéß0\"\\-:* ]{0,16}",
    ) {
        let mut odd = card(1, &text, &text, &text, &text);
        odd.location = format!("{text}{text}");
        odd.ip.clone_from(&text);
        let index = index(&[odd, card(2, "A0", "a", "é", "ß")]);
        let found = index.find(&query, 9, &FindOptions::default());
        prop_assert!(found.total <= 2);
        let _ = rank_text(&query, [text.as_str(), "a"].into_iter());
    }
}
