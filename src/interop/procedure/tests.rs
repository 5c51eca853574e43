//! Mistakes are found where they are, all at once; what is written reads back.

use super::{example, print, read, write};
use crate::domain::procedure::arbitrary::procedures;
use crate::domain::procedure::{Procedure, StepKind};
use proptest::prelude::*;
use std::collections::BTreeSet;

const HEAD: &str = "code = \"c\"\ntitle = \"T\"\nactivity = \"annual PM\"\nversion = \"1\"\n[[section]]\ntitle = \"S\"\n";

/// A procedure of one section with these steps, whose first line is line 7.
fn with(steps: &str) -> String {
    format!("{HEAD}{steps}")
}

fn mistakes(text: &str) -> Vec<String> {
    match read(text) {
        Ok(_) => Vec::new(),
        Err(list) => list.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn each_mistake_is_named_at_its_place() {
    let measure =
        "[[section.step]]\nid = \"a\"\ntitle = \"A\"\nkind = \"measure\"\nunit = \"ohm\"\n";
    let check = "[[section.step]]\nid = \"x\"\ntitle = \"X\"\nkind = \"check\"\n";
    for (text, want) in [
        (
            with(&format!("{check}tilte = 1\n")),
            "line 11, column 1: the step knows no \"tilte\". Did you mean \"title\"?",
        ),
        (
            with(&format!("{check}{check}")),
            "line 12, column 6: the id \"x\" is there twice. Give every step its own id",
        ),
        (
            with("[[section.step]]\nid = \"a\"\nkind = \"check\"\n"),
            "line 7, column 1: the step has no \"title\". Say in one line what is done",
        ),
        (
            with("[[section.step]]\nid = \"A b\"\ntitle = \"A\"\nkind = \"check\"\n"),
            "line 8, column 6: \"A b\" cannot be the id of a step. Use lower-case letters, digits and hyphens, at most 64",
        ),
        (
            with("[[section.step]]\nid = \"a\"\ntitle = \"A\"\nkind = \"mesure\"\n"),
            "line 10, column 8: \"mesure\" is no kind of step. Did you mean \"measure\"?",
        ),
        (
            with(&format!("{measure}low = 5\nhigh = 4\n")),
            "line 12, column 7: low 5 is more than high 4. Exchange the two",
        ),
        (
            with(&format!("{measure}low = 5\n")),
            "line 12, column 7: low without high. Add high, or write at-least instead of low",
        ),
        (
            with(&format!("{measure}at-most = \"5 V\"\n")),
            "line 12, column 11: V is a unit of voltage, but this step is measured in Ω. Write a number in the unit of the step, or one of the same kind",
        ),
        (
            with(&format!("{measure}at-most = 1e3\n")),
            "line 12, column 11: \"1e3\" is not a number. Type it like 0.12, <1, >200 or OL, with or without the unit. Write a plain number like 0.5, at most 15 digits, no exponent",
        ),
        (
            with(&format!("{measure}nominal = 5\n")),
            "line 12, column 11: a nominal value without a tolerance. Add plus-minus = 3 or percent = 5; with both the larger counts",
        ),
        (
            with(&format!("{measure}nominal = 5\nplus-minus = -1\n")),
            "line 13, column 14: a tolerance cannot be below zero. Write it without the minus; it counts to both sides",
        ),
        (
            with(&format!("{measure}at-most = 1\nat-least = 0\n")),
            "line 7, column 1: there are two kinds of limit. Give one: low and high, or at-most, or at-least, or nominal with plus-minus or percent",
        ),
        (
            with(&format!("{measure}at-most = 1\nverified = true\n")),
            "line 13, column 12: a verified limit does not say what it was verified against. Add source = \"document, revision, page\"",
        ),
        (
            with(&format!("{measure}safety = true\n")),
            "line 12, column 10: this step can never fail, so this says nothing. Take it out, or give the step a limit",
        ),
        (
            with(&measure.replace("ohm", "OHMM")),
            "line 11, column 8: \"OHMM\" is not a known unit. Use a unit like ohm, uA, mmHg, psi, mL/h, degC, J, s, bpm, %",
        ),
        (
            with(&format!(
                "{check}only-if = {{ failed = \"later\" }}\n{}",
                check.replace("\"x\"", "\"later\"")
            )),
            "line 11, column 22: step \"later\" comes later. Only earlier steps can be asked: move that step up or this one down",
        ),
        (
            with(&format!("{measure}{check}only-if = {{ failed = \"b\" }}\n")),
            "line 16, column 22: there is no step \"b\". Did you mean \"a\"?",
        ),
        (
            with(&format!("{check}only-if = {{ failed = \"x\" }}\n")),
            "line 11, column 22: step \"x\" looks at itself. Name an earlier step",
        ),
        (
            with(&format!("{check}only-if = {{ class = \"III\" }}\n")),
            "line 11, column 21: \"III\" is not allowed for \"class\". Did you mean \"II\"?",
        ),
        (
            with(&format!(
                "{check}only-if = {{ battery = true, networked = true }}\n"
            )),
            "line 11, column 11: this is more than one condition. Put them into { all = [ {…}, {…} ] } or { any = [ {…}, {…} ] }",
        ),
        (
            with(&format!(
                "{check}[[section.step]]\nid = \"c\"\ntitle = \"C\"\nkind = \"computed\"\nmean = [\"x\"]\nunit = \"ohm\"\n"
            )),
            "line 15, column 9: step \"x\" is a check and gives no number. Compute from measured, table or computed steps",
        ),
        (
            with(&format!(
                "{measure}[[section.step]]\nid = \"c\"\ntitle = \"C\"\nkind = \"computed\"\nmean = [\"a\"]\nunit = \"V\"\n"
            )),
            "line 16, column 9: this gives a resistance, but the step's unit V is one of voltage. Give the step a unit of that kind",
        ),
        (
            with(&format!("{check}safety = true\nrequired = false\n")),
            "line 12, column 12: a safety step must be answered. Take required = false out",
        ),
        (
            with(
                "[[section.step]]\nid = \"a\"\ntitle = \"A\"\nkind = \"second-person\"\nna = true\n",
            ),
            "line 11, column 6: this step cannot be \"not applicable\". Take na out: a second person and the device itself are always there",
        ),
        (
            with(
                "[[section.step]]\nid = \"a\"\ntitle = \"A\"\nkind = \"timer\"\nduration = \"0 s\"\n",
            ),
            "line 11, column 12: \"0 s\" is not a duration in whole seconds. Write it like duration = \"30 s\", \"15 min\" or \"4 h\", at most 30 days",
        ),
        (
            with(
                "[[section.step]]\nid = \"a\"\ntitle = \"A\"\nkind = \"electrical-safety\"\nprofile = \"nfpa99\"\n",
            ),
            "line 11, column 11: \"nfpa99\" is no profile. Allowed here: nfpa99-2012, iec62353-2014-direct, iec62353-2014-differential, iec62353-2014-alternative",
        ),
        (
            with(&format!("{check}minutes = 5\n")),
            "line 11, column 1: the step knows no \"minutes\". Allowed here: id, title, kind, only-if, safety, required, na, as-left, detail, tool, reference",
        ),
        (
            HEAD.to_owned(),
            "line 5, column 1: the section has no steps. Add [[section.step]]",
        ),
        (
            with(&check.replace("\"X\"", "5")),
            "line 9, column 9: this is a number. Write a text in quotes",
        ),
    ] {
        assert_eq!(mistakes(&text), [want], "in\n{text}");
    }
}

#[test]
fn all_mistakes_come_at_once_in_the_order_of_the_file() {
    let text = with(
        "[[section.step]]\nid = \"a\"\ntitle = \"\"\nkind = \"check\"\nsafty = true\n\
         [[section.step]]\nid = \"a\"\nkind = \"measure\"\nunit = \"furlong\"\n",
    );
    let lines: Vec<usize> = read(&text).unwrap_err().iter().map(|m| m.line).collect();
    assert_eq!(lines, [9, 11, 12, 13, 15]);
}

#[test]
fn an_empty_file_names_everything_that_is_missing() {
    let all = mistakes("").join("\n");
    for key in ["code", "title", "activity", "version", "sections"] {
        assert!(all.contains(key), "{key} in {all}");
    }
}

#[test]
fn broken_toml_is_reported_without_guesses_about_what_is_missing() {
    let text = with("[[section.step]]\nid = \"a\ntitle = \"A\"\nkind = \"check\"\nsafty = true\n");
    let all = read(&text).unwrap_err();
    assert!(
        all.iter()
            .any(|m| m.line == 8 && m.what.contains("not TOML")),
        "{all:?}"
    );
    assert!(
        all.iter().any(|m| m.line == 11 && m.what.contains("safty")),
        "{all:?}"
    );
    assert!(!all.iter().any(|m| m.what.contains("has no")), "{all:?}");
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_are_fine() {
    let plain = read(example()).unwrap();
    let windows = format!("\u{feff}{}", example().replace('\n', "\r\n"));
    assert_eq!(read(&windows), Ok(plain));
    let wrong = format!("\u{feff}{}", with("safty = 1\n").replace('\n', "\r\n"));
    assert!(
        mistakes(&wrong)[0].starts_with("line 5, column 1"),
        "{:?}",
        mistakes(&wrong)
    );
    assert!(
        mistakes(&wrong)[1].starts_with("line 7, column 1"),
        "{:?}",
        mistakes(&wrong)
    );
}

#[test]
fn forged_files_end_quickly_and_in_words() {
    for text in [
        "[".repeat(20_000),
        format!("a = {}", "[".repeat(20_000)),
        format!("a = {}1{}", "{ a = ".repeat(20_000), " }".repeat(20_000)),
        format!("a.{}a = 1", "a.".repeat(20_000)),
        "x = 1 1\n".repeat(20_000),
        (0..20_000).fold(String::new(), |all, i| format!("{all}k{i} = 1\n")),
    ] {
        let list = read(&text).unwrap_err();
        assert!(!list.is_empty() && list.len() <= 1001, "{}", list.len());
    }
}

#[test]
fn formatting_does_not_change_the_hash() {
    let plain = read(example()).unwrap();
    let other = example()
        .replace("nominal = 10,", "nominal = 10.00,")
        .replace("kind = \"check\"", "  kind   =  'check' # same");
    assert_ne!(other, example());
    assert_eq!(read(&other).unwrap().hash(), plain.hash());
    assert_eq!(read(&write(&plain)).unwrap().hash(), plain.hash());
}

#[test]
fn the_example_shows_every_kind() {
    let procedure = read(example()).unwrap();
    let kinds: BTreeSet<&str> = procedure.steps().map(|step| step.kind.word()).collect();
    assert_eq!(kinds.len(), 11, "{kinds:?}");
}

#[test]
fn a_limit_in_its_own_unit_is_converted_exactly() {
    let text = with(
        "[[section.step]]\nid = \"a\"\ntitle = \"A\"\nkind = \"measure\"\nunit = \"degC\"\nnominal = \"98.6 degF\"\nplus-minus = \"0.9 delta degF\"\n",
    );
    let procedure: Procedure = read(&text).unwrap();
    let Some(StepKind::Measure(m)) = procedure.steps().next().map(|s| &s.kind) else {
        panic!("a measure");
    };
    assert_eq!(m.limit.unwrap().describe(m.unit), "37 °C ± 0.5 K");
    let inexact = text.replace("98.6 degF", "100 degF");
    assert!(mistakes(&inexact)[0].contains("has no exact value in °C"));
}

#[test]
fn the_paper_form_of_the_example() {
    insta::assert_snapshot!(print(&read(example()).unwrap(), 72));
}

proptest! {
    #[test]
    fn what_is_written_reads_back(procedure in procedures()) {
        let text = write(&procedure);
        match read(&text) {
            Ok(back) => {
                prop_assert_eq!(&back, &procedure);
                prop_assert_eq!(back.hash(), procedure.hash());
            }
            Err(list) => prop_assert!(false, "{:?}\n{}", list, text),
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn a_damaged_example_never_panics(cut in any::<prop::sample::Index>(), put in "[\\[\\]{}=\"'#\n,.0-9a-zµ-]{0,4}", drop in 0usize..6) {
        let text = example();
        let mut at = cut.index(text.len());
        while !text.is_char_boundary(at) { at -= 1; }
        let mut end = (at + drop).min(text.len());
        while !text.is_char_boundary(end) { end += 1; }
        let damaged = format!("{}{put}{}", &text[..at], &text[end..]);
        if let Err(list) = read(&damaged) {
            let lines = damaged.split('\n').count();
            prop_assert!(!list.is_empty() && list.iter().all(|m| m.line >= 1 && m.line <= lines));
        }
    }

    #[test]
    fn every_paper_form_fits_its_width_and_holds_every_step(procedure in procedures(), width in 40usize..120) {
        let paper = print(&procedure, width);
        for line in paper.lines() {
            prop_assert!(unicode_width::UnicodeWidthStr::width(line) <= width, "{}", line);
            prop_assert!(!line.contains(char::is_control));
        }
        for number in 1..=procedure.steps().count() {
            let lead = format!("{number:>3}. ");
            prop_assert!(paper.lines().any(|line| line.starts_with(&lead)), "{}", lead);
        }
    }
}
