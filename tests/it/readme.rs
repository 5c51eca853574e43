//! The README says what the program says: its keys and commands are made from the program, every command line in it
//! parses, and its procedure is one. `TAGOUT_README=write cargo test --test it readme` refreshes the made parts.

use std::path::{Path, PathBuf};

/// What to run when a made part is stale.
const REFRESH: &str = "TAGOUT_README=write cargo test --test it readme";

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

fn readme() -> String {
    std::fs::read_to_string(file()).expect("there is a README")
}

/// The text with `made` between the marks of that name.
fn with(text: &str, name: &str, made: &str) -> String {
    let (begin, end) = (
        format!("<!-- {name}:begin -->"),
        format!("<!-- {name}:end -->"),
    );
    let (before, rest) = text.split_once(&begin).expect("a begin mark");
    let (_, after) = rest.split_once(&end).expect("an end mark");
    format!("{before}{begin}\n\n{}\n\n{end}{after}", made.trim())
}

/// The blocks of code in one language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let open = format!("```{language}\n");
    text.split(&open)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

/// Every command line of the program: in blocks of shell, and in running text between backticks.
fn command_lines(text: &str) -> Vec<String> {
    let from_blocks = blocks(text, "sh").join("\n");
    let prose: String = text.split("```").step_by(2).collect::<Vec<_>>().join("\n");
    let in_prose = prose
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect::<Vec<_>>();
    from_blocks
        .lines()
        .map(|line| line.split(" #").next().unwrap_or(line).trim().to_owned())
        .chain(in_prose)
        .map(|line| match line.strip_prefix("cargo run --release -- ") {
            Some(rest) => format!("tagout {rest}"),
            None => line,
        })
        .filter(|line| line == "tagout" || line.starts_with("tagout "))
        .collect()
}

/// The words of a command line as a shell would split them; only double quotes occur.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, piece) in line.split('"').enumerate() {
        if at % 2 == 1 {
            words.push(piece.to_owned());
        } else {
            words.extend(piece.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn the_made_parts_are_what_the_program_says() {
    let kept = readme();
    let keymap = tagout::keymap::load(None, None).keymap;
    let keys = tagout::keymap::tables::markdown(&keymap);
    let made = with(&kept, "keys", &keys);
    let made = with(&made, "commands", &tagout::cli::markdown());
    let example = tagout::interop::procedure::example().trim();
    let made = with(&made, "procedure", &format!("```toml\n{example}\n```"));
    if std::env::var_os("TAGOUT_README").is_some_and(|wish| wish == "write") {
        std::fs::write(file(), made).expect("the README is written");
        return;
    }
    assert!(
        made == kept,
        "README.md no longer says what the program says. Run: {REFRESH}"
    );
}

#[test]
fn every_command_line_parses() {
    let text = readme();
    // The reference writes values in capitals; it is made from the program and needs no check here.
    let text = with(&text, "commands", "");
    let lines = command_lines(&text);
    assert!(lines.len() > 10, "only {lines:?}");
    for line in lines {
        if let Err(error) = tagout::cli::command().try_get_matches_from(words(&line)) {
            assert!(!error.use_stderr(), "README.md says `{line}`:\n{error}");
        }
    }
}

/// Each word that follows `before` anywhere in the text.
fn after<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(before).skip(1).map(|rest| {
        rest.split(|c: char| !c.is_alphanumeric() && c != '-')
            .next()
            .unwrap_or_default()
    })
}

#[test]
fn shipped_keymaps_and_procedures_are_named_right() {
    let text = with(&readme(), "commands", "");
    let keymaps: Vec<_> = after(&text, "`--keymap ").collect();
    assert!(!keymaps.is_empty());
    for name in keymaps {
        assert!(tagout::keymap::load::names().contains(&name), "{name}");
    }
    let codes: Vec<_> = after(&text, "library --import ").collect();
    assert!(!codes.is_empty());
    for code in codes {
        let shipped = tagout::interop::procedure::library::get(code);
        assert!(shipped.is_some(), "{code}");
    }
}

#[test]
fn a_wrong_command_line_is_found() {
    let lines =
        command_lines("Text `tagout nothing` and\n```sh\ntagout verify # all\nls\n```\n`x`");
    assert_eq!(lines, ["tagout verify", "tagout nothing"]);
    assert!(
        tagout::cli::command()
            .try_get_matches_from(words("tagout nothing"))
            .is_err()
    );
    assert_eq!(words("a \"b c\" d"), ["a", "b c", "d"]);
}

#[test]
fn the_procedure_example_is_a_procedure() {
    let examples = blocks(&readme(), "toml");
    let procedures: Vec<_> = examples
        .iter()
        .filter(|block| block.contains("[[step]]") || block.contains("[[section]]"))
        .collect();
    assert!(!procedures.is_empty(), "no procedure in the README");
    for block in procedures {
        if let Err(mistakes) = tagout::interop::procedure::read(block) {
            panic!("{mistakes:#?}");
        }
    }
}

#[test]
fn the_pictures_are_there() {
    let text = readme();
    let named: Vec<_> = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| target.starts_with("screenshots/"))
        .collect();
    assert!(!named.is_empty(), "no picture in the README");
    for target in named {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(target);
        assert!(path.exists(), "{target} is not there");
    }
}
