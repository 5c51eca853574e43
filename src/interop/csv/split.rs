//! Text to records and cells: quotation marks, doubled quotation marks, line breaks inside quotation marks.
//!
//! Invariants: every line of the text belongs to exactly one record; a quotation mark that is never closed spoils its
//! own line only, never the rest of the file. A quotation mark inside a quoted cell that no separator follows is taken
//! as an inch mark (`"12" monitor"`).

use std::borrow::Cow;
use std::ops::Range;

/// One record: a line, or several when a quoted cell holds line breaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record<'a> {
    /// Its first line, from 1.
    pub line: usize,
    /// Where it stands in the text, line break left out.
    pub range: Range<usize>,
    /// Where its last separator stands, if it has one.
    pub last_separator: Option<usize>,
    /// The cells, as meant.
    pub cells: Vec<Cow<'a, str>>,
    /// A quotation mark was opened and never closed; the marks were then taken as plain text.
    pub unclosed: bool,
}

impl Record<'_> {
    /// True when no cell holds anything.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// Longest quoted cell, in bytes: a spreadsheet cell holds 32,767 characters. What runs on longer was never closed.
const LONGEST_CELL: usize = 128 * 1024;

/// Reads records one after another.
#[derive(Debug)]
pub struct Records<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    separator: u8,
}

impl<'a> Records<'a> {
    /// Records of a text whose cells stand between this separator, which must be ASCII.
    pub fn new(text: &'a str, separator: u8) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
            separator,
        }
    }

    fn byte(&self, at: usize, end: usize) -> Option<u8> {
        (at < end)
            .then(|| self.text.as_bytes().get(at).copied())
            .flatten()
    }

    fn slice(&self, range: Range<usize>) -> &'a str {
        // Every bound stands beside an ASCII byte or at an end, so it is a character boundary.
        self.text.get(range).unwrap_or_default()
    }

    /// Where the next byte of these stands, `end` if nowhere before.
    fn seek(&self, from: usize, end: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.as_bytes().get(from..end).unwrap_or_default();
        rest.iter()
            .position(|b| wanted(*b))
            .map_or(end, |found| from + found)
    }

    /// A cell that begins with a quotation mark at `start`: text, where it ends, and its line breaks; nothing if it is
    /// never closed, or closes only after a line break and a stray mark.
    fn quoted(&self, start: usize, end: usize) -> Option<(Cow<'a, str>, usize, usize)> {
        let end = end
            .min(start.saturating_add(LONGEST_CELL))
            .min(self.text.len());
        let mut own: Option<String> = None;
        let mut piece = start + 1;
        let mut at = start + 1;
        let mut breaks = 0;
        let mut stray = false;
        loop {
            let mark = self.seek(at, end, |b| b == b'"');
            if mark >= end {
                return None;
            }
            breaks += line_breaks(self.text.as_bytes().get(at..mark).unwrap_or_default());
            if self.byte(mark + 1, end) == Some(b'"') {
                own.get_or_insert_default()
                    .push_str(self.slice(piece..mark + 1));
                piece = mark + 2;
                at = mark + 2;
                continue;
            }
            let after = self.seek(mark + 1, self.text.len(), |b| b != b' ');
            let closes = self
                .byte(after, self.text.len())
                .is_none_or(|b| b == self.separator || is_break(b));
            if closes {
                // A separator beside a stray mark: the cell may as well have ended before it.
                let inside = self.text.as_bytes().get(start..mark).unwrap_or_default();
                if stray && inside.contains(&self.separator) {
                    return None;
                }
                let last = self.slice(piece..mark);
                let cell = match own {
                    Some(mut text) => {
                        text.push_str(last);
                        Cow::Owned(text)
                    }
                    None => Cow::Borrowed(last),
                };
                return Some((cell, after, breaks));
            }
            if breaks > 0 {
                return None;
            }
            stray = true;
            at = mark + 1;
        }
    }

    /// The record that begins here, looking no further than `end`; a mark that is not closed before makes it nothing,
    /// or plain text when `lenient`.
    fn record(&self, end: usize, lenient: bool) -> Option<(Record<'a>, usize)> {
        let mut at = self.at;
        let mut cells = Vec::new();
        let mut last_separator = None;
        let mut breaks = 0;
        let mut unclosed = false;
        loop {
            let content = self.seek(at, end, |b| b != b' ');
            let mut cell = None;
            if self.byte(content, end) == Some(b'"') {
                cell = self.quoted(content, end);
                if cell.is_none() {
                    unclosed = true;
                    if !lenient {
                        return None;
                    }
                }
            }
            let (cell, stop, inside) = cell.unwrap_or_else(|| {
                let stop = self.seek(at, end, |b| b == self.separator || is_break(b));
                (Cow::Borrowed(self.slice(at..stop)), stop, 0)
            });
            cells.push(cell);
            breaks += inside;
            at = stop;
            if self.byte(at, end) == Some(self.separator) {
                last_separator = Some(at);
                at += 1;
            } else {
                break;
            }
        }
        let record = Record {
            line: self.line,
            range: self.at..at,
            last_separator,
            cells,
            unclosed,
        };
        Some((record, breaks))
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let whole = self.text.len();
        if self.at >= whole {
            return None;
        }
        let (record, breaks) = self.record(whole, false).or_else(|| {
            let line_end = self.seek(self.at, whole, is_break);
            self.record(line_end, true)
        })?;
        let end = record.range.end;
        self.line += breaks + 1;
        self.at = match (self.byte(end, whole), self.byte(end + 1, whole)) {
            (Some(b'\r'), Some(b'\n')) => end + 2,
            _ => end + 1,
        };
        Some(record)
    }
}

const fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Line breaks in a text, a carriage return with line feed counted once.
fn line_breaks(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .enumerate()
        .filter(|(i, b)| match b {
            b'\n' => *i == 0 || bytes.get(i - 1) != Some(&b'\r'),
            b'\r' => true,
            _ => false,
        })
        .count()
}

/// A cell written so that it reads back as it is.
#[cfg(test)]
pub fn quote(cell: &str, separator: u8) -> String {
    let plain = !cell
        .bytes()
        .any(|b| b == separator || matches!(b, b'"' | b'\n' | b'\r'))
        && cell.trim() == cell;
    if plain {
        cell.to_owned()
    } else {
        format!("\"{}\"", cell.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<(usize, Vec<String>, bool)> {
        Records::new(text, b',')
            .map(|r| {
                let cells = r.cells.iter().map(ToString::to_string).collect();
                (r.line, cells, r.unclosed)
            })
            .collect()
    }

    #[test]
    fn cells_are_read_as_meant() {
        let cases: &[(&str, &[&str])] = &[
            ("a,b", &["a", "b"]),
            ("a,", &["a", ""]),
            ("\"a,b\",c", &["a,b", "c"]),
            ("\"say \"\"hi\"\"\"", &["say \"hi\""]),
            ("\"12\" monitor\",x", &["12\" monitor", "x"]),
            ("19\" rack,x", &["19\" rack", "x"]),
            (" \"a\" ,b", &["a", "b"]),
            ("\"two\nlines\",x", &["two\nlines", "x"]),
            ("\"\",x", &["", "x"]),
        ];
        for (text, want) in cases {
            let got = read(text);
            assert_eq!(got.len(), 1, "{text}");
            assert_eq!(got[0].1, *want, "{text}");
        }
    }

    #[test]
    fn line_numbers_count_lines_inside_quotes_and_blank_ones() {
        let lines: Vec<usize> = read("a\r\n\"b\r\nb\"\r\n\r\nc\rd\n")
            .iter()
            .map(|r| r.0)
            .collect();
        assert_eq!(lines, [1, 2, 4, 5, 6]);
    }

    #[test]
    fn an_unclosed_mark_spoils_its_own_line_only() {
        let got = read("a,b\n1,\"open\n2,\"fine\"\n3,x\n");
        assert_eq!(got.len(), 4);
        assert_eq!(got[1], (2, vec!["1".to_owned(), "\"open".to_owned()], true));
        let doubtful = read("\"ED,x,19\" rack,\"y\"\n");
        assert!(doubtful[0].2, "{doubtful:?}");
        assert_eq!(got[2], (3, vec!["2".to_owned(), "fine".to_owned()], false));
    }

    proptest! {
        #[test]
        fn written_cells_read_back(rows in proptest::collection::vec(proptest::collection::vec("[ -~\n\r\"é,]{0,12}", 1..5), 1..6)) {
            let text: String = rows
                .iter()
                .map(|r| r.iter().map(|c| quote(c, b',')).collect::<Vec<_>>().join(",") + "\r\n")
                .collect();
            let got: Vec<Vec<String>> = read(&text).into_iter().map(|r| r.1).collect();
            prop_assert_eq!(got, rows);
        }

        #[test]
        fn no_text_panics_and_every_byte_has_its_record(text in "[a\",; \n\ré]{0,60}") {
            let mut end = 0;
            for record in Records::new(&text, b',') {
                prop_assert!(record.range.start >= end && record.range.end <= text.len());
                prop_assert!(text[end..record.range.start].chars().all(|c| c == '\n' || c == '\r'));
                end = record.range.end;
            }
            prop_assert!(text[end..].chars().all(|c| c == '\n' || c == '\r'));
        }
    }
}
