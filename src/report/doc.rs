//! A page before it has a form: headings, facts and lines. Text and HTML are written from the same page, so that they can
//! never say different things.
//!
//! Invariant: texts here are as the store holds them; the writers clean them, every one, at the last moment.

/// How a line is marked, beside its words. The words always say it too.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Mark {
    /// As it is.
    #[default]
    Plain,
    /// Replaced by something later; still to be read.
    Struck,
    /// Not good, missing or unknown.
    Bad,
    /// The name of a step.
    Strong,
}

/// One part of a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Block {
    /// A heading.
    Heading(String),
    /// A label and what it says.
    Fact(String, String, Mark),
    /// A line under a lead; deeper levels stand further in.
    Line {
        /// 0 is the margin.
        level: usize,
        /// A few words before the text; empty when none.
        lead: String,
        /// The text.
        text: String,
        /// Its mark.
        mark: Mark,
    },
}

/// A page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Doc {
    /// What the page is.
    pub title: String,
    /// Words that stand across the whole page: VOID, UNSIGNED.
    pub across: Vec<String>,
    /// Its parts.
    pub blocks: Vec<Block>,
}

impl Doc {
    /// An empty page.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// Adds a heading.
    pub fn heading(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Heading(text.into()));
    }

    /// Adds a fact.
    pub fn fact(&mut self, label: &str, text: impl Into<String>) {
        self.marked_fact(label, text, Mark::Plain);
    }

    /// Adds a fact with a mark.
    pub fn marked_fact(&mut self, label: &str, text: impl Into<String>, mark: Mark) {
        self.blocks
            .push(Block::Fact(label.to_owned(), text.into(), mark));
    }

    /// Adds a fact unless nothing is known of it and nobody needs to be told so.
    pub fn fact_if(&mut self, label: &str, text: &str) {
        if !text.trim().is_empty() {
            self.fact(label, text);
        }
    }

    /// Adds a fact that says "unknown" when nothing is known.
    pub fn fact_or_unknown(&mut self, label: &str, text: &str) {
        if text.trim().is_empty() {
            self.marked_fact(label, "unknown", Mark::Bad);
        } else {
            self.fact(label, text);
        }
    }

    /// Adds a line.
    pub fn line(&mut self, level: usize, lead: &str, text: impl Into<String>, mark: Mark) {
        self.blocks.push(Block::Line {
            level,
            lead: lead.to_owned(),
            text: text.into(),
            mark,
        });
    }

    /// Adds a plain line at the margin.
    pub fn plain(&mut self, text: impl Into<String>) {
        self.line(0, "", text, Mark::Plain);
    }
}
