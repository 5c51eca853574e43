//! How a command ends: what it prints, what it says when it could not be done, and the exit code.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::bench::Failure;
use crate::bench::sync::FileTrouble;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::identify::text::clean;

/// A command's answer, in both forms.
#[derive(Clone, Debug)]
pub struct Done {
    /// For people; lines of it are cleaned when they are made.
    pub text: String,
    /// For programs.
    pub json: Value,
    /// The exit code: not 0 where an answer is itself bad news (nothing found, a damaged store).
    pub code: i32,
}

impl Done {
    /// Done, with an answer in both forms.
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        Self {
            text: text.into(),
            json,
            code: 0,
        }
    }

    /// The same answer with another exit code.
    pub fn code(self, code: i32) -> Self {
        Self { code, ..self }
    }

    /// Prints the answer and gives the exit code. A reader that has gone away is no error.
    pub fn print(&self, json: bool) -> i32 {
        let mut out = if json {
            pretty(&self.json)
        } else {
            self.text.clone()
        };
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        let mut stdout = std::io::stdout().lock();
        match stdout
            .write_all(out.as_bytes())
            .and_then(|()| stdout.flush())
        {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                let _ = writeln!(
                    std::io::stderr(),
                    "error: the answer could not be written: {error}"
                );
                1
            }
            _ => self.code,
        }
    }
}

/// Indented JSON. Strings hold no raw control characters: JSON writes them as escapes.
pub fn pretty(json: &Value) -> String {
    serde_json::to_string_pretty(json).unwrap_or_else(|_| json.to_string())
}

/// Why a command was not done.
#[derive(Debug)]
pub enum Trouble {
    /// The bench says so.
    Bench(Failure),
    /// The command line makes no sense.
    Usage {
        /// What is wrong.
        what: String,
        /// What would do.
        hint: String,
    },
    /// The terminal face cannot run, or the terminal failed.
    Terminal {
        /// What happened.
        what: String,
        /// The exit code.
        code: i32,
    },
    /// A file could not be read or written. The store is as it was.
    File {
        /// What happened.
        what: String,
        /// What to do.
        hint: String,
    },
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Bench(failure)
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Bench(refusal.into())
    }
}

impl From<FileTrouble> for Trouble {
    fn from(trouble: FileTrouble) -> Self {
        match trouble {
            FileTrouble::File { what, hint } => Self::File { what, hint },
            FileTrouble::Bench(
                Some(path),
                Failure::Store {
                    words,
                    read_only,
                    refused,
                },
            ) => Self::Bench(Failure::Store {
                words: format!("{}: {words}", path.display()),
                read_only,
                refused,
            }),
            FileTrouble::Bench(_, failure) => Self::Bench(failure),
        }
    }
}

impl Trouble {
    /// Wrong use.
    pub fn usage(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage {
            what: what.into(),
            hint: hint.into(),
        }
    }

    /// A file that could not be read or written.
    pub fn file(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::File {
            what: format!(
                "Could not {doing} {}: {error}. Nothing was recorded.",
                path.display()
            ),
            hint: "Check the path and its permissions.".to_owned(),
        }
    }

    /// The exit code.
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::Bench(failure) => failure.exit_code(),
            Self::Usage { .. } => 2,
            Self::Terminal { code, .. } => *code,
            Self::File { .. } => 1,
        }
    }

    fn what(&self) -> String {
        match self {
            Self::Bench(failure) => failure.to_string(),
            Self::Usage { what, .. } | Self::Terminal { what, .. } | Self::File { what, .. } => {
                what.clone()
            }
        }
    }

    fn hint(&self) -> Option<&str> {
        match self {
            Self::Bench(failure) => failure.hint(),
            Self::Usage { hint, .. } | Self::File { hint, .. } => Some(hint),
            Self::Terminal { .. } => None,
        }
    }

    /// The stable word for programs.
    fn kind(&self) -> &'static str {
        match self {
            Self::Bench(Failure::Refused(refusal)) => match refusal.kind {
                RefusalKind::NotFound => "not-found",
                RefusalKind::Rule => "rule",
                RefusalKind::BadInput => "bad-input",
                RefusalKind::Changed => "changed",
                RefusalKind::NeedsChoice => "needs-choice",
                RefusalKind::NotAllowed => "not-allowed",
            },
            Self::Bench(Failure::Store { refused: true, .. }) => "refused",
            Self::Bench(Failure::Store { .. }) => "store",
            Self::Bench(Failure::Key(_)) => "key",
            Self::Usage { .. } => "usage",
            Self::Terminal { .. } => "terminal",
            Self::File { .. } => "file",
        }
    }

    /// Notes it in the log. What was typed, and so may be a reading, a name or a secret, is quoted in refusals: of those
    /// only the kind is noted.
    fn log(&self) {
        match self {
            Self::Bench(Failure::Store {
                words,
                refused: false,
                ..
            }) => {
                tracing::error!(kind = self.kind(), "not done: {words}");
            }
            _ => tracing::warn!(kind = self.kind(), "not done"),
        }
    }

    fn choices(&self) -> &[(String, String)] {
        match self {
            Self::Bench(Failure::Refused(refusal)) => &refusal.choices,
            _ => &[],
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut out = format!("error: {}\n", clean(&self.what()));
        for (id, words) in self.choices() {
            say!(out, "  {}  {}\n", clean(id), clean(words));
        }
        if let Some(hint) = self.hint() {
            say!(out, "hint: {}\n", clean(hint));
        }
        out
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let choices: Vec<Value> = self
            .choices()
            .iter()
            .map(|(id, words)| json!({"id": id, "words": words}))
            .collect();
        json!({"error": self.what(), "hint": self.hint(), "kind": self.kind(), "choices": choices})
    }
}

/// Says on standard error why a command was not done, and gives the exit code.
pub fn fail(json: bool, trouble: &Trouble) -> i32 {
    trouble.log();
    let mut stderr = std::io::stderr().lock();
    let _ = if json {
        writeln!(stderr, "{}", trouble.json())
    } else {
        stderr.write_all(trouble.text().as_bytes())
    };
    trouble.exit_code()
}

/// Says something beside the answer on standard error.
pub fn note(json: bool, words: &str) {
    let mut stderr = std::io::stderr().lock();
    let words = clean(words);
    let _ = if json {
        writeln!(stderr, "{}", json!({"note": words}))
    } else {
        writeln!(stderr, "note: {words}")
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_has_its_code_and_word() {
        let refusal = |kind| Trouble::from(Refusal::new(kind, "No.", "Yes."));
        let store = |refused| {
            Trouble::from(Failure::Store {
                words: "broken".to_owned(),
                read_only: false,
                refused,
            })
        };
        for (trouble, code, kind) in [
            (refusal(RefusalKind::NotFound), 1, "not-found"),
            (refusal(RefusalKind::Rule), 1, "rule"),
            (refusal(RefusalKind::NeedsChoice), 1, "needs-choice"),
            (Trouble::usage("a", "b"), 2, "usage"),
            (store(true), 1, "refused"),
            (store(false), 3, "store"),
            (Trouble::from(Failure::Key("k".to_owned())), 1, "key"),
        ] {
            assert_eq!((trouble.exit_code(), trouble.kind()), (code, kind));
        }
    }

    #[test]
    fn words_hold_no_control_characters() {
        let mut refusal = Refusal::rule("bad \u{1b}[2J tag", "see\u{7}");
        refusal
            .choices
            .push(("1".to_owned(), "x\u{1b}]0;y".to_owned()));
        let text = Trouble::from(refusal).text();
        assert!(
            !text.chars().any(|c| c.is_control() && c != '\n'),
            "{text:?}"
        );
        assert_eq!(text, "error: bad [2J tag\n  1  x]0;y\nhint: see\n");
    }
}
