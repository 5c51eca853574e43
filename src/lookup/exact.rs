//! Large made fleets: the engine must answer as the plain reference does, key by key and between changes.
//!
//! A few queries by default. `TAGOUT_LOOKUP_DEVICES=1000000 TAGOUT_LOOKUP_QUERIES=10000 cargo test --release --lib
//! lookup::exact` takes as long as it takes.

use super::tests::typed;
use super::*;

#[path = "../../benches/support/fleet.rs"]
#[allow(dead_code)]
mod fleet;

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

/// A query of one to four words, each a piece of a device, often with a mistake; or one of those that people type.
fn query(dice: &mut fleet::Dice, cards: &[DeviceCard]) -> String {
    if dice.below(4) == 0 {
        let (_, query) = fleet::QUERIES[dice.below(fleet::QUERIES.len())];
        let end = 1 + dice.below(query.len());
        return query.get(..end).unwrap_or(query).to_owned();
    }
    let words = 1 + dice.below(4) * dice.below(2);
    let words: Vec<String> = (0..words)
        .map(|_| {
            let other = char::from(b'0' + dice.below(70) as u8);
            let piece = (
                dice.below(cards.len()),
                dice.below(12),
                dice.below(20),
                1 + dice.below(8),
                dice.below(14) as u8,
                other,
            );
            typed(cards, &piece)
        })
        .collect();
    words.join(" ")
}

#[test]
fn large_fleets_are_answered_as_by_the_reference() {
    let devices = number("TAGOUT_LOOKUP_DEVICES", 8_500);
    let queries = number("TAGOUT_LOOKUP_QUERIES", 8);
    let mut dice = fleet::Dice::new(number("TAGOUT_LOOKUP_SEED", 1) as u64);
    let mut cards = fleet::fleet(devices);
    // Long and foreign identifiers, and twins of others.
    for turn in 0..devices / 50 {
        let (at, other) = (dice.below(devices), dice.below(devices));
        match turn % 4 {
            0 => cards[at].serial = format!("LOT-2024/{:015}-X", dice.below(1_000_000_000)),
            1 => cards[at].serial = format!("ÄЖ{}", cards[other].serial),
            2 => cards[at].serial = cards[other].serial.clone(),
            _ => cards[at].merged = true,
        }
    }
    let mut index = Index::of(cards.clone());
    let mut plain = reference::Fleet::new(&cards);
    let mut asked = 0;
    while asked < queries {
        for _ in 0..(queries / 8).clamp(1, 100) {
            let text = query(&mut dice, &cards);
            // Letter by letter: what is remembered of a shorter text must not show in the longer one's answer.
            for (end, _) in text.char_indices().skip(1) {
                let _ = index.rank_only(&text[..end], 50);
            }
            let (expected, nearest) = plain.find(&text);
            let found = index.find(&text, 50, &FindOptions::default());
            let got: Vec<(EntityId, u32)> =
                found.hits.iter().map(|hit| (hit.id, hit.total)).collect();
            assert_eq!(got[..], expected[..expected.len().min(50)], "{text:?}");
            assert_eq!(
                (found.total, found.nearest),
                (expected.len(), nearest),
                "{text:?}"
            );
            asked += 1;
        }
        for _ in 0..30 {
            let (at, other) = (dice.below(devices), dice.below(devices));
            let mut card = fleet::device(other, &mut dice);
            card.id = cards[at].id;
            if dice.below(3) > 0 {
                card.tag.clone_from(&cards[at].tag);
            }
            card.merged = dice.below(5) == 0;
            index.upsert(card.clone());
            cards[at] = card;
        }
        plain = reference::Fleet::new(&cards);
    }
}
