//! The whole file: head, sections, and the order in which they are checked.

use toml::Spanned;
use toml::de::DeTable;

use super::check::{ParsedStep, check};
use super::fields::Fields;
use super::limit::Defaults;
use super::mistake::{Mistake, Mistakes, suggest};
use super::step::step;
use crate::domain::procedure::{Procedure, Reference, Section, SourceKind};

/// Reads a procedure from TOML, or lists every mistake in the order of the file.
pub fn read(text: &str) -> Result<Procedure, Vec<Mistake>> {
    let mut mistakes = Mistakes::new(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        mistakes.add(
            &error.span().unwrap_or(0..0),
            format!(
                "this is not TOML: {}",
                error.message().trim().replace('\n', ", ")
            ),
            "Mend this line first",
        );
    }
    mistakes.unreadable = !errors.is_empty();
    let procedure = document(&table, &mut mistakes);
    if mistakes.is_empty() {
        Ok(procedure)
    } else {
        Err(mistakes.into_list())
    }
}

fn document(table: &Spanned<DeTable<'_>>, mistakes: &mut Mistakes<'_>) -> Procedure {
    let mut fields = Fields::new(table.get_ref(), 0..0, "the procedure");
    let code = fields.needed(
        "code",
        "Give a short name that stays the same for all versions, like code = \"infusion-pump\"",
        mistakes,
    );
    if let Some(code) = &code
        && !crate::domain::procedure::StepId::is_valid(&code.value)
    {
        mistakes.add(
            &code.span,
            format!("\"{}\" cannot be a code", code.value),
            "Use lower-case letters, digits and hyphens, at most 64",
        );
    }
    let mut needed = |key, mend| {
        fields
            .needed(key, mend, mistakes)
            .map(|at| at.value)
            .unwrap_or_default()
    };
    let title = needed("title", "Give the full title");
    let activity = needed(
        "activity",
        "Say what kind of work it is, like activity = \"annual PM\"",
    );
    let version = needed("version", "Label this version, like version = \"1\"");
    let source = source(&mut fields, mistakes);
    let reference = fields.value("reference").and_then(|value| {
        let mut inner = Fields::of(value, "the reference", mistakes)?;
        let document = inner.needed(
            "document",
            "Name the instructions or the standard",
            mistakes,
        );
        let revision = inner.text("revision", mistakes).map(|at| at.value);
        inner.done(mistakes);
        Some(Reference {
            document: document?.value,
            revision,
        })
    });
    if source == SourceKind::Manufacturer && !fields.has("reference") {
        mistakes.missing(
            &(0..0),
            "a procedure from the manufacturer names no document",
            "Add [reference] with document and revision",
        );
    }
    let defaults = Defaults::read(&mut fields, mistakes);
    let list =
        |found: Vec<super::fields::At<String>>| found.into_iter().map(|at| at.value).collect();
    let mut procedure = Procedure {
        code: code.map(|at| at.value).unwrap_or_default(),
        title,
        activity,
        device_types: list(fields.texts("device-types", mistakes)),
        models: list(fields.texts("models", mistakes)),
        version,
        source,
        reference,
        banner: fields.text("banner", mistakes).map(|at| at.value),
        credentials: list(fields.texts("credentials", mistakes)),
        minutes: fields.whole("minutes", mistakes),
        frequency: fields.text("frequency", mistakes).map(|at| at.value),
        sections: Vec::new(),
    };
    let mut parsed: Vec<ParsedStep> = Vec::new();
    if !fields.has("section") {
        mistakes.missing(
            &(0..0),
            "the procedure has no sections",
            "Add [[section]] with a title and steps",
        );
    }
    for value in fields.list("section", mistakes) {
        let Some(mut inner) = Fields::of(value, "the section", mistakes) else {
            continue;
        };
        let title = inner.needed("title", "Give the section a heading", mistakes);
        let list = inner.list("step", mistakes);
        if list.is_empty() {
            mistakes.missing(
                &inner.span,
                "the section has no steps",
                "Add [[section.step]]",
            );
        }
        let mut steps = Vec::new();
        for value in list {
            if let Some(one) = Fields::of(value, "the step", mistakes) {
                let one = step(one, &defaults, mistakes);
                steps.push(one.step.clone());
                parsed.push(one);
            }
        }
        inner.done(mistakes);
        procedure.sections.push(Section {
            title: title.map(|at| at.value).unwrap_or_default(),
            steps,
        });
    }
    fields.done(mistakes);
    check(&parsed, mistakes);
    procedure
}

const SOURCES: [(&str, SourceKind); 3] = [
    ("built-in", SourceKind::BuiltIn),
    ("shop", SourceKind::Shop),
    ("manufacturer", SourceKind::Manufacturer),
];

fn source(fields: &mut Fields<'_, '_>, mistakes: &mut Mistakes<'_>) -> SourceKind {
    let Some(text) = fields.text("source", mistakes) else {
        return SourceKind::Shop;
    };
    if let Some((_, kind)) = SOURCES.iter().find(|(word, _)| *word == text.value) {
        return *kind;
    }
    mistakes.add(
        &text.span,
        format!("\"{}\" is no kind of source", text.value),
        suggest(&text.value, SOURCES.map(|(word, _)| word)),
    );
    SourceKind::Shop
}

/// The word for a kind of source in the file.
pub(super) fn source_word(kind: SourceKind) -> &'static str {
    SOURCES
        .iter()
        .find(|(_, known)| *known == kind)
        .map_or("shop", |(word, _)| word)
}
