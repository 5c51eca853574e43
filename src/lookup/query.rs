//! Typed text as words, filters and exclusions.
//!
//! `icu pump` is two words; `"bed 12"` is one, taken literally; `dept:icu` is a filter; a leading `-` excludes. A name
//! before the colon that is no filter makes the whole a word, so that a MAC address can be typed.

use super::fold::{char_mask, ident, lower, plain};
use super::row::{FieldName, pairs};

/// More different words than this are not looked at.
const MOST_WORDS: usize = 8;

/// A word to find, in its compared forms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Word {
    /// Without marks and case.
    pub(super) low: String,
    /// As an identifier.
    pub(super) ident: String,
    /// As an IP address: with dots.
    pub(super) ip: String,
    /// All digits, without leading zeros; else empty.
    pub(super) number: String,
    /// Characters of `low`.
    pub(super) chars: usize,
    /// See [`char_mask`].
    pub(super) mask: u64,
    /// Pairs of the identifier form and of the IP form; see [`pairs`].
    pub(super) pairs: [u128; 2],
    /// Quoted: neither scattered nor misspelt matches.
    pub(super) literal: bool,
    /// From a scan: equals an identifier, or is not found.
    pub(super) exact: bool,
}

impl Word {
    /// A word as typed.
    pub(super) fn new(text: &str) -> Self {
        let low = lower(text);
        let ident_form = ident(text, false);
        let ip = ident(text, true);
        let number = if ident_form.bytes().all(|b| b.is_ascii_digit()) && !ident_form.is_empty() {
            match ident_form.trim_start_matches('0') {
                "" => "0".to_owned(),
                number => number.to_owned(),
            }
        } else {
            String::new()
        };
        let searched = if number.is_empty() {
            &ident_form
        } else {
            &number
        };
        Self {
            chars: low.chars().count(),
            mask: char_mask(&low),
            pairs: [pairs(searched), pairs(&ip)],
            low,
            ident: ident_form,
            ip,
            number,
            literal: false,
            exact: false,
        }
    }

    /// A word that a scan was parsed into.
    pub(super) fn scanned(text: &str) -> Self {
        Self {
            literal: true,
            exact: true,
            ..Self::new(text)
        }
    }

    /// The form that is compared with this identifier.
    pub(super) fn ident_for(&self, field: FieldName) -> &str {
        if field == FieldName::Ip {
            &self.ip
        } else {
            &self.ident
        }
    }

    /// How many edits a misspelt word may be away: one from four characters, two from eight, none where it has fewer
    /// than three letters.
    pub(super) fn edits(&self) -> usize {
        let letters = self.low.chars().filter(|c| c.is_alphabetic()).count();
        match self.chars {
            _ if letters < 3 || self.literal => 0,
            0..=3 => 0,
            4..=7 => 1,
            8..=64 => 2,
            _ => 0,
        }
    }
}

/// What a filter looks at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Subject {
    /// Texts of these fields.
    Texts(&'static [FieldName]),
    /// Identifiers of these fields.
    Idents(&'static [FieldName]),
    /// The risk class.
    Risk,
}

/// One filter of the query.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Filter {
    pub(super) subject: Subject,
    /// For texts see [`plain`]; for identifiers as compared; for the risk lower case.
    pub(super) wanted: String,
    /// `-name:value`.
    pub(super) exclude: bool,
}

const FILTERS: &[(&str, Subject)] = &[
    ("dept", Subject::Texts(&[FieldName::Department])),
    ("department", Subject::Texts(&[FieldName::Department])),
    (
        "type",
        Subject::Texts(&[FieldName::TypeName, FieldName::TypeCode]),
    ),
    ("status", Subject::Texts(&[FieldName::Status])),
    ("maker", Subject::Texts(&[FieldName::Manufacturer])),
    ("manufacturer", Subject::Texts(&[FieldName::Manufacturer])),
    ("brand", Subject::Texts(&[FieldName::Brand])),
    (
        "model",
        Subject::Texts(&[FieldName::Model, FieldName::Number]),
    ),
    ("loc", Subject::Texts(&[FieldName::Location])),
    ("location", Subject::Texts(&[FieldName::Location])),
    ("hold", Subject::Texts(&[FieldName::Hold])),
    ("risk", Subject::Risk),
    ("tag", Subject::Idents(&[FieldName::Tag, FieldName::Alias])),
    (
        "serial",
        Subject::Idents(&[FieldName::Serial, FieldName::Alias]),
    ),
    ("udi", Subject::Idents(&[FieldName::UdiDi])),
    ("ip", Subject::Idents(&[FieldName::Ip])),
    ("mac", Subject::Idents(&[FieldName::Mac])),
];

/// The names that may stand before a colon, for completion.
pub fn filter_names() -> Vec<&'static str> {
    FILTERS.iter().map(|(name, _)| *name).collect()
}

/// A query taken apart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Query {
    /// Each must be found.
    pub(super) words: Vec<Word>,
    /// These add to the worth of a device that has them.
    pub(super) also: Vec<Word>,
    /// None may begin a word or an identifier.
    pub(super) without: Vec<Word>,
    /// Each must hold.
    pub(super) filters: Vec<Filter>,
}

impl Query {
    /// Reads what a person typed.
    pub(super) fn parse(text: &str) -> Self {
        let mut query = Self::default();
        for piece in pieces(code39(text.trim_matches(is_blank))) {
            query.add(piece);
        }
        query
    }

    /// Reads what a person typed where there are no fields to filter by.
    pub(super) fn parse_words(text: &str) -> Self {
        let mut query = Self::default();
        for mut piece in pieces(code39(text.trim_matches(is_blank))) {
            if let Some(name) = piece.name.take() {
                piece.text = format!("{name}:{}", piece.text);
            }
            query.add(piece);
        }
        query
    }

    fn add(&mut self, piece: Piece) {
        let Piece {
            exclude,
            name,
            text,
            quoted,
        } = piece;
        let subject = name
            .as_deref()
            .and_then(|name| FILTERS.iter().find(|(known, _)| *known == lower(name)));
        if let Some((_, subject)) = subject {
            let wanted = match subject {
                Subject::Texts(_) => plain(&text),
                Subject::Idents(fields) => ident(&text, *fields == [FieldName::Ip]),
                Subject::Risk => lower(&text),
            };
            // "dept:" while it is being typed.
            if !wanted.is_empty() {
                self.filters.push(Filter {
                    subject: *subject,
                    wanted,
                    exclude,
                });
            }
            return;
        }
        let text = match name {
            Some(name) => format!("{name}:{text}"),
            None => text,
        };
        let mut word = Word::new(&text);
        word.literal = quoted;
        if word.low.is_empty() {
            return;
        }
        let list = if exclude {
            &mut self.without
        } else {
            &mut self.words
        };
        if list.len() < MOST_WORDS && list.iter().all(|known| known.low != word.low) {
            list.push(word);
        }
    }

    /// One scanned identifier.
    pub(super) fn scan(word: Word) -> Self {
        Self {
            words: vec![word],
            ..Self::default()
        }
    }

    /// All words as one identifier, where a person or a scanner put blanks into it.
    pub(super) fn joined(&self) -> Option<Word> {
        let plain_words = self.words.iter().all(|word| !word.literal);
        (self.words.len() > 1 && plain_words).then(|| {
            let text: String = self.words.iter().map(|word| word.low.as_str()).collect();
            Word::scanned(&text)
        })
    }
}

struct Piece {
    exclude: bool,
    name: Option<String>,
    text: String,
    quoted: bool,
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// Without the start and stop character of Code 39, which some scanners send.
fn code39(text: &str) -> &str {
    text.strip_prefix('*')
        .and_then(|rest| rest.strip_suffix('*'))
        .unwrap_or(text)
}

/// Splits at blanks outside quotes. A quote that is not closed runs to the end.
fn pieces(text: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut rest = text.trim_start_matches(is_blank);
    while !rest.is_empty() {
        let exclude = rest.strip_prefix('-').filter(|rest| !rest.is_empty());
        let mut body = exclude.unwrap_or(rest);
        let mut name = None;
        let end = body
            .find(|c: char| is_blank(c) || c == '"')
            .unwrap_or(body.len());
        if let Some((before, after)) = body
            .get(..end)
            .and_then(|head| head.find(':'))
            .and_then(|colon| Some((body.get(..colon)?, body.get(colon + 1..)?)))
        {
            name = Some(before.to_owned());
            body = after;
        }
        let (text, quoted, after) = if let Some(inner) = body.strip_prefix('"') {
            let (text, after) = inner.split_once('"').unwrap_or((inner, ""));
            (text.trim_matches(is_blank).to_owned(), true, after)
        } else {
            let (text, after) = body.split_at(body.find(is_blank).unwrap_or(body.len()));
            (text.to_owned(), false, after)
        };
        // A dash alone is nothing yet.
        if text != "-" || name.is_some() || quoted {
            out.push(Piece {
                exclude: exclude.is_some(),
                name,
                text,
                quoted,
            });
        }
        rest = after.trim_start_matches(is_blank);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(words: &[Word]) -> Vec<&str> {
        words.iter().map(|word| word.low.as_str()).collect()
    }

    #[test]
    fn typed_text_is_taken_apart() {
        let query = Query::parse(
            "  Alaris -nicu dept:\"Cardiac ICU\" \"Bed 12\" -status:missing alaris 00:1a ",
        );
        assert_eq!(words(&query.words), ["alaris", "bed 12", "00:1a"]);
        assert!(query.words[1].literal && !query.words[0].literal);
        assert_eq!(words(&query.without), ["nicu"]);
        assert_eq!(query.filters.len(), 2);
        assert_eq!(query.filters[0].wanted, " cardiac icu");
        assert!(query.filters[1].exclude);
        assert_eq!(query.words[2].ident, "001A");
        assert_eq!(query.words[2].number, "");
    }

    #[test]
    fn half_typed_text_is_no_obstacle() {
        for text in ["", " ", "-", "\"", "\"\"", "dept:", "-dept:", "dept:\""] {
            let query = Query::parse(text);
            assert_eq!(query, Query::default(), "{text}");
        }
        assert_eq!(words(&Query::parse("foo:bar").words), ["foo:bar"]);
        assert_eq!(words(&Query::parse("*bme-1*").words), ["bme-1"]);
        assert_eq!(words(&Query::parse("a\u{1d}b").words), ["a", "b"]);
        assert_eq!(words(&Query::parse("\"bed 1").words), ["bed 1"]);
        assert_eq!(Query::parse("a b c d e f g h i j").words.len(), MOST_WORDS);
        assert_eq!(Query::parse("0007").words[0].number, "7");
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[a-c0:\"\\-* \\x00\\x1d\u{301}é]{0,20}") {
            let query = Query::parse(&text);
            prop_assert!(query.words.iter().all(|word| !word.low.is_empty()));
        }
    }
}
