//! Devices share most of what is said of them: make, place and state are kept once for all that have the same.
//!
//! Invariants: a group lives as long as a device is in it; its number is used again afterwards. Number 0 is nobody's: a
//! row that was taken out has it, and it matches nothing.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

use crate::domain::device::DeviceCard;

use super::intern::Interner;
use super::query::Word;
use super::row::{FieldName, Ident, TextRef, idents_of, pairs, raw, texts_of};

/// Which part of a card a group holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    /// What kind of device it is.
    Make,
    /// Where it belongs.
    Place,
    /// How it stands.
    State,
}

impl Part {
    /// All, in the order in which rows hold their numbers.
    pub(super) const ALL: [Self; 3] = [Self::Make, Self::Place, Self::State];

    /// The part that a text belongs to.
    pub(super) const fn of(field: FieldName) -> Self {
        match field {
            FieldName::Department | FieldName::Location => Self::Place,
            FieldName::Status | FieldName::Hold => Self::State,
            _ => Self::Make,
        }
    }
}

/// What some devices have in common.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) texts: Box<[TextRef]>,
    /// The UDI-DI.
    pub(super) idents: Box<[Ident]>,
    /// See [`pairs`].
    pairs: u128,
    udi: Box<str>,
    pub(super) high_risk: Option<bool>,
    pub(super) gone: bool,
    pub(super) uses: u32,
}

/// The groups of one part.
#[derive(Debug)]
pub(super) struct Groups {
    part: Part,
    all: Vec<Group>,
    numbers: HashTable<u32>,
    free: Vec<u32>,
    hasher: RandomState,
}

impl Groups {
    /// None yet.
    pub(super) fn new(part: Part) -> Self {
        Self {
            part,
            all: vec![Group::default()],
            numbers: HashTable::new(),
            free: Vec::new(),
            hasher: RandomState::new(),
        }
    }

    /// All groups by number; those out of use are empty.
    pub(super) fn all(&self) -> &[Group] {
        &self.all
    }

    fn hash(&self, card: &DeviceCard) -> u64 {
        match self.part {
            Part::Make => self.hasher.hash_one((
                &card.manufacturer,
                &card.brand,
                &card.model,
                &card.numbers,
                &card.type_name,
                &card.type_code,
                &card.udi_di,
            )),
            Part::Place => self.hasher.hash_one((&card.department, &card.location)),
            Part::State => {
                self.hasher
                    .hash_one((&card.status, &card.holds, card.high_risk, card.gone))
            }
        }
    }

    /// The number of a card's group, which one more device is in from now on.
    pub(super) fn take(&mut self, card: &DeviceCard, interner: &mut Interner) -> u32 {
        let hash = self.hash(card);
        let known = self.numbers.find(hash, |number| {
            self.all
                .get(*number as usize)
                .is_some_and(|group| group.is_of(card, self.part, interner))
        });
        if let Some(&number) = known {
            if let Some(group) = self.all.get_mut(number as usize) {
                group.uses += 1;
            }
            return number;
        }
        let group = Group::of(card, self.part, interner);
        let number = self.free.pop().unwrap_or(self.all.len() as u32);
        for text in &group.texts {
            interner.join(text.value, number, text.field);
        }
        match self.all.get_mut(number as usize) {
            Some(slot) => *slot = group,
            None => self.all.push(group),
        }
        let (groups, hasher, part) = (&self.all, &self.hasher, self.part);
        self.numbers.insert_unique(hash, number, |number| {
            groups
                .get(*number as usize)
                .map_or(0, |group| group.hash(hasher, part, interner))
        });
        number
    }

    /// One device less; the last one ends the group.
    pub(super) fn give_back(&mut self, number: u32, interner: &mut Interner) {
        let Some(group) = self.all.get_mut(number as usize) else {
            return;
        };
        group.uses = group.uses.saturating_sub(1);
        if group.uses > 0 || number == 0 {
            return;
        }
        let hash = group.hash(&self.hasher, self.part, interner);
        if let Ok(entry) = self.numbers.find_entry(hash, |known| *known == number) {
            entry.remove();
        }
        for text in &std::mem::take(group).texts {
            interner.part_from(text.value, number, text.field);
            interner.give_back(text.value);
        }
        self.free.push(number);
    }

    /// False where no group has an identifier.
    pub(super) fn has_idents(&self) -> bool {
        self.part == Part::Make
    }

    /// Bytes in use, about.
    pub(super) fn size(&self) -> usize {
        let heap = |group: &Group| {
            group.texts.len() * size_of::<TextRef>()
                + group.idents.len() * (size_of::<Ident>() + 16)
                + group.udi.len()
        };
        self.all.capacity() * size_of::<Group>()
            + self.all.iter().map(heap).sum::<usize>()
            + self.numbers.capacity() * 8
    }
}

impl Group {
    fn of(card: &DeviceCard, part: Part, interner: &mut Interner) -> Self {
        let texts = texts_of(card, |field| Part::of(field) == part)
            .into_iter()
            .map(|(field, nth, text)| TextRef {
                field,
                nth: u16::try_from(nth).unwrap_or(u16::MAX),
                value: interner.take(&text),
            })
            .collect();
        let state = part == Part::State;
        let make = part == Part::Make;
        let idents = if make {
            idents_of(card, |field| field == FieldName::UdiDi)
        } else {
            Box::default()
        };
        Self {
            texts,
            pairs: idents
                .iter()
                .fold(0, |mask, ident| mask | pairs(&ident.text)),
            idents,
            udi: if make {
                card.udi_di.as_str().into()
            } else {
                Box::default()
            },
            high_risk: card.high_risk.filter(|_| state),
            gone: state && card.gone,
            uses: 1,
        }
    }

    /// False where no identifier of the group holds the word.
    pub(super) fn may_hold(&self, word: &Word) -> bool {
        !self.idents.is_empty() && word.pairs.iter().any(|own| own & !self.pairs == 0)
    }

    fn texts_in<'g>(&'g self, field: FieldName, interner: &'g Interner) -> Vec<&'g str> {
        self.texts
            .iter()
            .filter(|text| text.field == field)
            .filter_map(|text| interner.get(text.value))
            .map(|value| &*value.raw)
            .collect()
    }

    fn text_in<'g>(&'g self, field: FieldName, interner: &'g Interner) -> &'g str {
        self.texts
            .iter()
            .find(|text| text.field == field)
            .and_then(|text| interner.get(text.value))
            .map_or("", |value| &value.raw)
    }

    /// Must give what [`Groups::hash`] gives of a card of this group.
    fn hash(&self, hasher: &RandomState, part: Part, interner: &Interner) -> u64 {
        let one = |field| self.text_in(field, interner);
        let many = |field| self.texts_in(field, interner);
        match part {
            Part::Make => hasher.hash_one((
                one(FieldName::Manufacturer),
                one(FieldName::Brand),
                one(FieldName::Model),
                many(FieldName::Number),
                one(FieldName::TypeName),
                one(FieldName::TypeCode),
                &*self.udi,
            )),
            Part::Place => hasher.hash_one((one(FieldName::Department), one(FieldName::Location))),
            Part::State => hasher.hash_one((
                one(FieldName::Status),
                many(FieldName::Hold),
                self.high_risk,
                self.gone,
            )),
        }
    }

    fn is_of(&self, card: &DeviceCard, part: Part, interner: &Interner) -> bool {
        let same = self.texts.iter().all(|text| {
            text.field == FieldName::Name
                || raw(card, text.field, usize::from(text.nth))
                    == interner.get(text.value).map(|value| &*value.raw)
        });
        let count = |texts: &[&str]| texts.iter().filter(|text| !text.is_empty()).count();
        let lists = |texts: &[String]| texts.iter().filter(|text| !text.is_empty()).count();
        let named = usize::from(self.texts.iter().any(|text| text.field == FieldName::Name));
        let texts = self.texts.len() - named;
        same && match part {
            Part::Make => {
                *self.udi == *card.udi_di
                    && texts
                        == lists(&card.numbers)
                            + count(&[
                                &card.manufacturer,
                                &card.brand,
                                &card.model,
                                &card.type_name,
                                &card.type_code,
                            ])
            }
            Part::Place => texts == count(&[&card.department, &card.location]),
            Part::State => {
                (self.high_risk, self.gone) == (card.high_risk, card.gone)
                    && texts == lists(&card.holds) + count(&[&card.status])
            }
        }
    }

    /// Writes what the group says into a card.
    pub(super) fn fill(&self, card: &mut DeviceCard, part: Part, interner: &Interner) {
        for text in &self.texts {
            let Some(value) = interner.get(text.value) else {
                continue;
            };
            let list = match text.field {
                FieldName::Number => Some(&mut card.numbers),
                FieldName::Hold => Some(&mut card.holds),
                _ => None,
            };
            if let Some(list) = list {
                // An empty text before it has no number.
                while list.len() < usize::from(text.nth) {
                    list.push(String::new());
                }
                list.push(value.raw.to_string());
                continue;
            }
            let slot = match text.field {
                FieldName::Manufacturer => &mut card.manufacturer,
                FieldName::Brand => &mut card.brand,
                FieldName::Model => &mut card.model,
                FieldName::TypeName => &mut card.type_name,
                FieldName::TypeCode => &mut card.type_code,
                FieldName::Department => &mut card.department,
                FieldName::Location => &mut card.location,
                FieldName::Status => &mut card.status,
                _ => continue,
            };
            value.raw.as_ref().clone_into(slot);
        }
        match part {
            Part::Make => self.udi.as_ref().clone_into(&mut card.udi_di),
            Part::Place => {}
            Part::State => {
                card.high_risk = self.high_risk;
                card.gone = self.gone;
            }
        }
    }
}
