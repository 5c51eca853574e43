//! The key tables of the README, made from the keymap so that they cannot drift from it.

use std::fmt::Write as _;

use super::describe::{Filter, rows};
use super::{Context, Keymap};

/// A Markdown table of the keys of every context that has any.
pub fn markdown(keymap: &Keymap) -> String {
    let all = rows(keymap, &Filter::default());
    let mut out = String::new();
    for context in Context::ALL {
        let mut here = all
            .iter()
            .filter(|row| row.context == context.id() && !row.keys.is_empty())
            .peekable();
        if here.peek().is_none() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(
            out,
            "**{}** (`{}`)\n\n| Key | Action | What it does |\n| --- | --- | --- |",
            context.title(),
            context.id()
        );
        for row in here {
            let keys: Vec<String> = row.keys.iter().map(|keys| code(keys)).collect();
            let asks = if row.confirms { " Asks first." } else { "" };
            let _ = writeln!(
                out,
                "| {} | `{}` | {}{asks} |",
                keys.join(", "),
                row.action,
                row.help
            );
        }
    }
    out
}

/// A key as Markdown code, also when the key is a bar or a backtick.
fn code(keys: &str) -> String {
    if keys.contains('`') {
        format!("`` {keys} ``")
    } else {
        format!("`{}`", keys.replace('|', "\\|"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Action, load};
    use super::*;

    #[test]
    fn the_table_holds_every_action() {
        let text = markdown(&load(None, None).keymap);
        for action in Action::ALL {
            assert!(text.contains(&format!("| `{action}` |")), "{action}");
        }
        assert!(text.contains("| `q`, `ctrl-c` | `quit` | Leave the program."));
        assert!(text.contains("**Yes or no** (`confirm`)"));
        let rows = text.lines().filter(|line| line.starts_with("| `"));
        for row in rows {
            assert_eq!(row.matches(" | ").count(), 2, "{row}");
        }
    }

    #[test]
    fn awkward_keys_stay_one_cell() {
        assert_eq!(code("|"), "`\\|`");
        assert_eq!(code("`"), "`` ` ``");
    }
}
