//! A mistake in an authored file: where it is, what is wrong, how to mend it.

use std::fmt;
use std::ops::Range;

/// One mistake. Lines and columns count from 1; columns count characters.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Mistake {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub mend: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.line, self.column, self.what
        )?;
        if !self.mend.is_empty() {
            write!(f, ". {}", self.mend)?;
        }
        Ok(())
    }
}

/// The most mistakes listed, so that a file of another kind does not fill memory.
const MOST: usize = 1000;

/// Collects mistakes while a file is read, so that all are reported at once.
pub(super) struct Mistakes<'a> {
    text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
    list: Vec<(usize, Mistake)>,
    more: bool,
    /// Set once the file has syntax mistakes: what is missing may then only have been unreadable.
    pub(super) unreadable: bool,
}

impl<'a> Mistakes<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            lines: std::iter::once(0)
                .chain(text.match_indices('\n').map(|(i, _)| i + 1))
                .collect(),
            list: Vec::new(),
            more: false,
            unreadable: false,
        }
    }

    /// Notes a mistake at a byte range of the file.
    pub(super) fn add(
        &mut self,
        at: &Range<usize>,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) {
        if self.list.len() >= MOST {
            self.more = true;
            return;
        }
        let mut start = at.start.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let line = self.lines.partition_point(|begin| *begin <= start);
        let begin = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let mistake = Mistake {
            line: line.max(1),
            column: self.text.get(begin..start).unwrap_or("").chars().count() + 1,
            what: what.into(),
            mend: mend.into(),
        };
        if !self.list.iter().any(|(_, known)| *known == mistake) {
            self.list.push((start, mistake));
        }
    }

    /// Notes that something is missing, unless unreadable lines may have held it.
    pub(super) fn missing(
        &mut self,
        at: &Range<usize>,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) {
        if !self.unreadable {
            self.add(at, what, mend);
        }
    }

    pub(super) fn count(&self) -> usize {
        self.list.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All mistakes in the order of the file.
    pub(super) fn into_list(mut self) -> Vec<Mistake> {
        self.list.sort_by_key(|(start, _)| *start);
        let mut list: Vec<Mistake> = self.list.into_iter().map(|(_, mistake)| mistake).collect();
        if self.more {
            list.push(Mistake {
                line: self.lines.len(),
                column: 1,
                what: format!("there are more than {MOST} mistakes; the others are not listed"),
                mend: "Is this a procedure file?".to_owned(),
            });
        }
        list
    }
}

/// The known word nearest to a mistyped one, if any is near.
pub(super) fn nearest<'w>(
    typed: &str,
    known: impl IntoIterator<Item = &'w str>,
) -> Option<&'w str> {
    let folded = typed.to_lowercase().replace(['_', ' '], "-");
    known
        .into_iter()
        .map(|word| {
            (
                distance(&folded, &word.to_lowercase().replace(' ', "-")),
                word,
            )
        })
        .filter(|(far, word)| *far <= 1 + word.len() / 4)
        .min_by_key(|(far, _)| *far)
        .map(|(_, word)| word)
}

/// "Did you mean …?" where something is near, else the list of what is allowed.
pub(super) fn suggest<'w>(typed: &str, known: impl IntoIterator<Item = &'w str> + Clone) -> String {
    if let Some(word) = nearest(typed, known.clone()) {
        return format!("Did you mean \"{word}\"?");
    }
    let all: Vec<&str> = known.into_iter().collect();
    if all.is_empty() {
        String::new()
    } else {
        format!("Allowed here: {}", all.join(", "))
    }
}

/// Edits between two short words: a letter added, dropped or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        for (cell, cb) in row.iter_mut().skip(1).zip(&b) {
            let up = *cell;
            left = (up + 1).min(left + 1).min(corner + usize::from(ca != *cb));
            corner = up;
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_near_and_far() {
        for (a, b, want) in [
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("same", "same", 0),
            ("tilte", "title", 2),
        ] {
            assert_eq!(distance(a, b), want, "{a} {b}");
        }
        assert_eq!(nearest("tilte", ["title", "detail"]), Some("title"));
        assert_eq!(
            nearest("device_types", ["device-types"]),
            Some("device-types")
        );
        assert_eq!(nearest("xyz", ["title", "detail"]), None);
    }

    #[test]
    fn columns_count_characters() {
        let mut mistakes = Mistakes::new("a = 1\nµµ = x");
        mistakes.add(&(6 + 7..6 + 8), "w", "m");
        let list = mistakes.into_list();
        assert_eq!((list[0].line, list[0].column), (2, 6));
    }
}
