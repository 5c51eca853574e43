//! The ranking once more, card by card and as plainly as it can be said: the engine must answer the same.
//!
//! Shared with the engine are only the folding, the scorer and the reading of the query. Matches are found by trying
//! every place of every field of every card; remembered is only what a word is worth against a text.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use crate::domain::device::DeviceCard;
use crate::domain::id::EntityId;

use super::fold::{alike, fold, ident, lower};
use super::query::{Query, Subject, Word};
use super::row::{FieldName, texts};
use super::{Scorer, Skim};

/// Ids in order with their totals, and whether they are only near.
pub(super) type Answer = (Vec<(EntityId, u32)>, bool);

struct Id {
    field: FieldName,
    text: Vec<char>,
    short: Option<Vec<char>>,
}

fn ids(card: &DeviceCard) -> Vec<Id> {
    let mut all = vec![
        (FieldName::Tag, card.tag.clone()),
        (FieldName::Serial, card.serial.clone()),
        (FieldName::Ip, card.ip.clone()),
        (FieldName::Mac, card.mac.clone()),
        (FieldName::UdiDi, card.udi_di.clone()),
    ];
    all.extend(card.aliases.iter().map(|a| (FieldName::Alias, a.clone())));
    all.into_iter()
        .map(|(field, raw)| {
            let text: Vec<char> = ident(&raw, field == FieldName::Ip).chars().collect();
            let short = match field {
                FieldName::Tag => {
                    let mut rest = text.clone();
                    while rest.first().is_some_and(|c| !c.is_ascii_digit()) {
                        rest.remove(0);
                    }
                    while rest.first() == Some(&'0')
                        && rest.get(1).is_some_and(char::is_ascii_digit)
                    {
                        rest.remove(0);
                    }
                    Some(rest)
                }
                FieldName::UdiDi => Some(text.iter().copied().skip_while(|c| *c == '0').collect()),
                _ => None,
            };
            Id { field, text, short }
        })
        .filter(|id| !id.text.is_empty())
        .collect()
}

fn distance(a: &[char], b: &[char]) -> usize {
    let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            d[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let mut least = (d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]))
                    .min(d[i - 1][j] + 1)
                    .min(d[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(d[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    d[a.len()][b.len()]
}

/// Level of `word` in `text`, both lower case.
fn level(text: &str, word: &str) -> u32 {
    let (text, word): (Vec<char>, Vec<char>) = (text.chars().collect(), word.chars().collect());
    if text == word {
        return 8;
    }
    let mut best = 0;
    for at in 0..=text.len().saturating_sub(word.len()) {
        if at + word.len() > text.len() || text[at..at + word.len()] != word[..] {
            continue;
        }
        let begins = at == 0 || !text[at - 1].is_alphanumeric();
        let ends = at + word.len() == text.len() || !text[at + word.len()].is_alphanumeric();
        best = best.max(if begins && ends {
            7
        } else if begins && at == 0 {
            6
        } else if begins {
            5
        } else if word.len() > 1 {
            3
        } else {
            0
        });
    }
    best
}

fn typo(text: &str, word: &Word) -> u32 {
    let typed: Vec<char> = word.low.chars().collect();
    if typed.iter().filter(|c| c.is_alphabetic()).count() < 3 || word.literal {
        return 0;
    }
    let most = match typed.len() {
        4..=7 => 1,
        8.. => 2,
        _ => return 0,
    };
    let mut best = 0;
    for part in text.split(|c: char| !c.is_alphanumeric()) {
        let part: Vec<char> = part.chars().collect();
        let swapped = part.len() > 1 && part[0] == typed[1] && part[1] == typed[0];
        if part.is_empty() || !(part[0] == typed[0] || swapped) {
            continue;
        }
        for end in 0..=part.len() {
            let edits = distance(&part[..end], &typed);
            if edits <= most {
                best = best.max(200 - 60 * edits as u32);
            }
        }
    }
    best
}

fn id_level(id: &Id, word: &Word) -> u32 {
    let wanted: Vec<char> = word.ident_for(id.field).chars().collect();
    if wanted.is_empty() {
        return 0;
    }
    let is = |form: &Vec<char>| *form == wanted;
    let number: Vec<char> = word.number.chars().collect();
    let number_is = matches!(id.field, FieldName::Tag | FieldName::UdiDi)
        && !number.is_empty()
        && id.short.as_ref() == Some(&number);
    if is(&id.text) || id.short.as_ref().is_some_and(is) || number_is {
        9
    } else if word.exact {
        0
    } else if id.text.starts_with(&wanted)
        || id.short.as_ref().is_some_and(|s| s.starts_with(&wanted))
    {
        4
    } else if wanted.len() < 2 {
        0
    } else if id.text.ends_with(&wanted) {
        3
    } else if id.text.windows(wanted.len()).any(|part| part == wanted) {
        2
    } else {
        0
    }
}

fn near(id: &Id, word: &Word) -> u32 {
    let typed: Vec<char> = word.ident.chars().map(alike).collect();
    if word.literal || !(6..=15).contains(&typed.len()) {
        return 0;
    }
    let text: Vec<char> = id.text.iter().copied().map(alike).collect();
    // One edit leaves all characters of the word in the text but one.
    let mut rest = text.clone();
    let missing = typed.iter().filter(|c| {
        let at = rest.iter().position(|other| other == *c);
        at.map(|at| rest.swap_remove(at)).is_none()
    });
    if missing.count() > 1 {
        return 0;
    }
    if text == typed {
        return 56;
    }
    if distance(&text, &typed) <= 1 {
        return 48;
    }
    for from in 0..=text.len() {
        for to in from..=text.len().min(from + typed.len() + 1) {
            if distance(&text[from..to], &typed) <= 1 {
                return 40;
            }
        }
    }
    0
}

/// What a word is worth against a text, by that text alone.
fn text_worth(scorer: &Skim, text: &str, word: &Word, typos: bool) -> u32 {
    let (cased, low) = (fold(text), lower(text));
    let level = level(&low, &word.low);
    let score = scorer.score(&cased, &word.low);
    let scattered = score.filter(|score| {
        level == 0 && !word.literal && word.chars >= 3 && *score >= 17 * word.chars as u32
    });
    if word.exact {
        0
    } else if level > 0 {
        level * 1024 + score.unwrap_or(0)
    } else if let Some(score) = scattered {
        1024 + score
    } else if typos {
        typo(&low, word)
    } else {
        0
    }
}

/// A word, and what was found of it so far: the same text comes up again and again in a large fleet.
struct Asked<'q> {
    word: &'q Word,
    typos: bool,
    run: u32,
    texts: RefCell<HashMap<String, u32>>,
}

impl<'q> Asked<'q> {
    fn new(scorer: &Skim, word: &'q Word, typos: bool) -> Self {
        let run = fold(&word.ident).to_lowercase();
        Self {
            word,
            typos,
            run: scorer.score(&run, &run).unwrap_or(0),
            texts: RefCell::default(),
        }
    }

    fn text(&self, scorer: &Skim, text: &str) -> u32 {
        if let Some(known) = self.texts.borrow().get(text) {
            return *known;
        }
        let worth = text_worth(scorer, text, self.word, self.typos);
        self.texts.borrow_mut().insert(text.to_owned(), worth);
        worth
    }
}

/// A card with its texts and identifiers taken out.
struct Card {
    of: DeviceCard,
    texts: Vec<(FieldName, String)>,
    ids: Vec<Id>,
}

fn worth(scorer: &Skim, card: &Card, asked: &Asked<'_>, nearest: bool) -> u32 {
    let mut best = 0;
    for (field, text) in &card.texts {
        let worth = asked.text(scorer, text);
        if *field == FieldName::Name && worth / 1024 != 1 {
            continue;
        }
        let priority = if worth >= 1024 { field.priority() } else { 0 };
        best = best.max(worth + priority);
    }
    for id in &card.ids {
        let level = id_level(id, asked.word);
        if level > 0 {
            let wanted: Vec<char> = asked.word.ident_for(id.field).chars().collect();
            let whole = if id.text == wanted { 4 } else { 0 };
            best = best.max(level * 1024 + asked.run + id.field.priority() + whole);
        }
        if nearest {
            best = best.max(near(id, asked.word));
        }
    }
    best
}

fn passes(card: &Card, query: &Query) -> bool {
    let texts = &card.texts;
    query.filters.iter().all(|filter| {
        let yes = match filter.subject {
            Subject::Texts(fields) => texts.iter().any(|(field, text)| {
                let words: Vec<String> = lower(text)
                    .split(|c: char| !c.is_alphanumeric())
                    .filter(|w| !w.is_empty())
                    .map(str::to_owned)
                    .collect();
                fields.contains(field)
                    && (0..words.len())
                        .any(|at| words[at..].join(" ").starts_with(filter.wanted.trim()))
            }),
            Subject::Idents(fields) => card.ids.iter().any(|id| {
                fields.contains(&id.field)
                    && id.text.iter().collect::<String>().contains(&filter.wanted)
            }),
            Subject::Risk => match filter.wanted.as_str() {
                "high" => card.of.high_risk != Some(false),
                "low" => card.of.high_risk == Some(false),
                _ => false,
            },
        };
        yes != filter.exclude
    }) && !query.without.iter().any(|word| {
        texts
            .iter()
            .any(|(_, text)| level(&lower(text), &word.low) >= 5)
            || card
                .ids
                .iter()
                .any(|id| matches!(id_level(id, word), 9 | 4))
    })
}

fn pass(fleet: &Fleet, query: &Query, nearest: bool) -> Vec<(EntityId, u32)> {
    let scorer = Skim::default();
    let asked: Vec<Asked<'_>> = query
        .words
        .iter()
        .map(|word| {
            let held = || fleet.lows.iter().any(|low| low.contains(&word.low));
            Asked::new(&scorer, word, nearest || !held())
        })
        .collect();
    let joined = query.joined();
    let joined = joined.as_ref().map(|word| Asked::new(&scorer, word, false));
    let mut hits = Vec::new();
    for card in &fleet.cards {
        let worths: Vec<u32> = asked
            .iter()
            .map(|asked| worth(&scorer, card, asked, nearest))
            .collect();
        let mut total = None;
        if worths.iter().all(|worth| *worth > 0) {
            let mut sum: u32 = worths.iter().sum();
            for pair in query.words.windows(2) {
                let phrase = format!("{} {}", pair[0].low, pair[1].low);
                sum += card
                    .texts
                    .iter()
                    .filter(|(field, _)| *field != FieldName::Name)
                    .map(|(_, text)| match level(&lower(text), &phrase) {
                        7 | 8 => 1536,
                        5 | 6 => 1024,
                        _ => 0,
                    })
                    .max()
                    .unwrap_or(0);
            }
            total = Some(sum);
        }
        if let Some(joined) = &joined {
            let whole = worth(&scorer, card, joined, false);
            if whole > 0 {
                total = Some(total.unwrap_or(0).max(whole * query.words.len() as u32));
            }
        }
        if let Some(total) = total
            && passes(card, query)
        {
            hits.push((&card.of, total));
        }
    }
    let last =
        |card: &DeviceCard, total: u32| card.gone && (query.words.len() != 1 || total < 9 * 1024);
    hits.sort_by(|(a, x), (b, y)| {
        (last(a, *x), y, &a.tag, a.id).cmp(&(last(b, *y), x, &b.tag, b.id))
    });
    hits.into_iter()
        .map(|(card, total)| (card.id, total))
        .collect()
}

/// The cards of a fleet, to be gone through one by one.
pub(super) struct Fleet {
    cards: Vec<Card>,
    /// Each distinct text without marks and case.
    lows: BTreeSet<String>,
}

impl Fleet {
    pub(super) fn new(cards: &[DeviceCard]) -> Self {
        let cards: Vec<Card> = cards
            .iter()
            .filter(|card| !card.merged)
            .map(|card| Card {
                texts: texts(card)
                    .into_iter()
                    .map(|(field, _, text)| (field, text))
                    .collect(),
                ids: ids(card),
                of: card.clone(),
            })
            .collect();
        let all = cards.iter().flat_map(|card| &card.texts);
        Self {
            lows: all.map(|(_, text)| lower(text)).collect(),
            cards,
        }
    }

    /// What [`super::Index::find`] must answer without a limit.
    pub(super) fn find(&self, text: &str) -> Answer {
        let query = Query::parse(text);
        let hits = pass(self, &query, false);
        if !hits.is_empty() || query.words.is_empty() {
            return (hits, false);
        }
        let hits = pass(self, &query, true);
        let any = !hits.is_empty();
        (hits, any)
    }
}
