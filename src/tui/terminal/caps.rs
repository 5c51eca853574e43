//! What the terminal in front of us can show, worked out from the environment alone.
//!
//! Invariant: nothing here ever asks the terminal a question; over a slow line the answer may come late or never.
//! `detect` is a pure function of the variables it is given.

use super::TerminalError;

/// How many colours may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColourDepth {
    /// No colour at all: bold, reverse and underline must carry the meaning.
    None,
    /// The sixteen named colours.
    Sixteen,
    /// The 256 indexed colours.
    Indexed,
}

/// What may be written to this terminal. The runtime enforces `colour`, `utf8` and `ascii` on every frame, so a screen
/// that forgets them still comes out readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Colours that may be used; `NO_COLOR`, a monochrome terminal or `--plain` make it `None`.
    pub colour: ColourDepth,
    /// The locale says UTF-8. Without it every character outside ASCII is shown as `?`.
    pub utf8: bool,
    /// Lines, corners and marks are drawn with ASCII only. Text from data stays as it is while `utf8` holds.
    pub ascii: bool,
    /// For screen readers: the program should draw line by line, without panes and frames.
    pub plain: bool,
    /// The value of `TERM`.
    pub term: String,
}

impl Capabilities {
    /// Works out the capabilities from environment variables (`TERM`, `COLORTERM`, `NO_COLOR`, `LC_ALL`, `LC_CTYPE`,
    /// `LANG`) and the two switches of the command line. Refuses a terminal that cannot place the cursor.
    pub fn detect(
        var: impl Fn(&str) -> Option<String>,
        ascii: bool,
        plain: bool,
    ) -> Result<Self, TerminalError> {
        let set = |name: &str| var(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        if matches!(term.as_str(), "" | "dumb" | "unknown") {
            return Err(TerminalError::Refused(format!(
                "TERM={term} cannot show a full screen. Nothing was changed. Set TERM to what your terminal is \
                 (xterm-256color, linux, vt100), or use the line commands: tagout --help."
            )));
        }
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(set)
            .unwrap_or_default()
            .to_ascii_lowercase();
        let utf8 = locale.contains("utf-8") || locale.contains("utf8");
        let old = ["vt1", "vt2", "vt3", "vt5", "linux", "ansi", "cons25"]
            .iter()
            .any(|name| term.starts_with(name));
        let colour = if plain || set("NO_COLOR").is_some() || is_monochrome(&term) {
            ColourDepth::None
        } else if !old && (has_256(&term) || has_256(&set("COLORTERM").unwrap_or_default())) {
            ColourDepth::Indexed
        } else {
            ColourDepth::Sixteen
        };
        Ok(Self {
            colour,
            utf8,
            ascii: ascii || plain || !utf8 || old,
            plain,
            term,
        })
    }
}

fn is_monochrome(term: &str) -> bool {
    term.starts_with("vt") || term.ends_with("-m") || term.ends_with("-mono")
}

fn has_256(name: &str) -> bool {
    [
        "256color",
        "truecolor",
        "24bit",
        "direct",
        "kitty",
        "alacritty",
        "wezterm",
        "ghostty",
        "foot",
    ]
    .iter()
    .any(|known| name.contains(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(vars: &[(&str, &str)]) -> Result<Capabilities, TerminalError> {
        let find = |name: &str| {
            vars.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Capabilities::detect(find, false, false)
    }

    #[test]
    fn colour_and_glyphs_follow_the_environment() {
        use ColourDepth::{Indexed, None, Sixteen};
        type Case<'a> = (&'a [(&'a str, &'a str)], ColourDepth, bool, bool);
        let cases: &[Case] = &[
            (
                &[("TERM", "xterm-256color"), ("LANG", "en_US.UTF-8")],
                Indexed,
                true,
                false,
            ),
            (
                &[("TERM", "xterm"), ("LANG", "C.utf8")],
                Sixteen,
                true,
                false,
            ),
            (
                &[
                    ("TERM", "xterm"),
                    ("COLORTERM", "truecolor"),
                    ("LANG", "C.UTF-8"),
                ],
                Indexed,
                true,
                false,
            ),
            (
                &[
                    ("TERM", "tmux-256color"),
                    ("NO_COLOR", "1"),
                    ("LANG", "C.UTF-8"),
                ],
                None,
                true,
                false,
            ),
            (
                &[
                    ("TERM", "tmux-256color"),
                    ("NO_COLOR", ""),
                    ("LANG", "C.UTF-8"),
                ],
                Indexed,
                true,
                false,
            ),
            (
                &[
                    ("TERM", "linux"),
                    ("COLORTERM", "truecolor"),
                    ("LANG", "C.UTF-8"),
                ],
                Sixteen,
                true,
                true,
            ),
            (&[("TERM", "vt100"), ("LANG", "C.UTF-8")], None, true, true),
            (
                &[("TERM", "xterm-mono"), ("LANG", "C.UTF-8")],
                None,
                true,
                false,
            ),
            (
                &[("TERM", "xterm-kitty"), ("LANG", "C")],
                Indexed,
                false,
                true,
            ),
            (&[("TERM", "xterm-256color")], Indexed, false, true),
            (
                &[("TERM", "xterm"), ("LC_ALL", "POSIX"), ("LANG", "C.UTF-8")],
                Sixteen,
                false,
                true,
            ),
            (
                &[
                    ("TERM", "xterm"),
                    ("LC_ALL", ""),
                    ("LC_CTYPE", "de_DE.UTF-8"),
                    ("LANG", "C"),
                ],
                Sixteen,
                true,
                false,
            ),
            (
                &[("TERM", "xterm"), ("LANG", "en_US.ISO-8859-1")],
                Sixteen,
                false,
                true,
            ),
        ];
        for (vars, colour, utf8, ascii) in cases {
            let got = detect(vars).expect("accepted");
            assert_eq!(
                (got.colour, got.utf8, got.ascii),
                (*colour, *utf8, *ascii),
                "{vars:?}"
            );
        }
    }

    #[test]
    fn a_terminal_that_cannot_place_the_cursor_is_refused_in_words() {
        for vars in [&[("TERM", "dumb")][..], &[("TERM", "")], &[]] {
            let refused = detect(vars).expect_err("refused");
            assert_eq!(refused.exit_code(), 2);
            assert!(refused.to_string().contains("Nothing was changed"));
        }
    }

    #[test]
    fn plain_takes_away_colour_and_frames() {
        let caps = Capabilities::detect(
            |name| (name == "TERM").then(|| "xterm-256color".to_owned()),
            false,
            true,
        )
        .expect("accepted");
        assert_eq!(caps.colour, ColourDepth::None);
        assert!(caps.ascii && caps.plain);
    }
}
