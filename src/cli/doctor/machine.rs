//! What the environment says about this session's language and terminal.

use crate::tui::terminal::{Capabilities, ColourDepth};

use super::super::place::Place;
use super::Line;

/// The locale: is it UTF-8?
pub fn locale() -> Line {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "not set".to_owned());
    let utf8 = locale.to_lowercase().replace('-', "").contains("utf8");
    let line = Line::ok("locale", "Locale", locale);
    if utf8 {
        return line;
    }
    line.warn(
        "It is not UTF-8: other characters are shown as `?`. Set LANG to a UTF-8 locale (`locale -a` lists them), or \
         use --ascii.",
    )
}

/// The terminal: its kind, size, colours, and characters.
pub fn terminal(place: &Place) -> Line {
    use std::io::IsTerminal as _;
    let line = |words: String| Line::ok("terminal", "Terminal", words);
    let term = std::env::var("TERM").unwrap_or_else(|_| "not set".to_owned());
    let able = match Capabilities::detect(|name| std::env::var(name).ok(), place.ascii(), false) {
        Ok(able) => able,
        Err(error) => return line(term).warn(error.to_string()),
    };
    let colours = match able.colour {
        ColourDepth::None => "no colours",
        ColourDepth::Sixteen => "16 colours",
        ColourDepth::Indexed => "256 colours",
    };
    let marks = if able.ascii { "ASCII" } else { "UTF-8" };
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok();
    let Some(size) = size.filter(|_| std::io::stdout().is_terminal()) else {
        return line(format!(
            "{term}, {colours}, {marks}; output goes to no terminal"
        ));
    };
    let (wide, high) = (size.ws_col, size.ws_row);
    let line = line(format!("{term}, {wide} by {high}, {colours}, {marks}"));
    match (wide, high) {
        (0, _) | (_, 0) => {
            line.warn("It does not say how large it is. Try `stty rows 24 cols 80`.")
        }
        (..40, _) | (_, ..12) => line
            .fail("It is smaller than 40 by 12: nothing can be worked on. Make the window larger."),
        (..80, _) | (_, ..24) => {
            line.warn("It is smaller than 80 by 24: not everything fits on a screen.")
        }
        _ => line,
    }
}
