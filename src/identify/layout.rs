//! Labels that a scanner typed for another keyboard than the computer's: undone where a check digit proves it.
//!
//! A wedge scanner presses keys. Set to the US layout on a computer that reads them as German, `Z` arrives as `Y`, `/` as
//! `-` and `(` as `)`. Each table says what a US key types on that host; going backwards gives the label.
//! Invariant: a text is changed only when it is no clean label as it stands and exactly one layout makes it one whose
//! check digit or check character fits; otherwise it stays, and a person is told that the layout may be wrong.

/// A host layout: its keys where they differ from the US ones, as (character on the label, what arrives).
struct Layout {
    keys: &'static [(char, &'static str)],
}

/// Letters that swap their places, for both cases.
const SWAP_YZ: &[(char, char)] = &[('y', 'z')];
const SWAP_AQ_ZW: &[(char, char)] = &[('a', 'q'), ('z', 'w')];

/// German, Austrian.
const GERMAN: Layout = Layout {
    keys: &[
        ('-', "ß"),
        ('_', "?"),
        ('=', "´"),
        ('+', "`"),
        ('[', "ü"),
        ('{', "Ü"),
        (']', "+"),
        ('}', "*"),
        (';', "ö"),
        (':', "Ö"),
        ('\'', "ä"),
        ('"', "Ä"),
        ('\\', "#"),
        ('|', "'"),
        ('/', "-"),
        ('?', "_"),
        ('<', ";"),
        ('>', ":"),
        ('@', "\""),
        ('#', "§"),
        ('^', "&"),
        ('&', "/"),
        ('*', "("),
        ('(', ")"),
        (')', "="),
        ('`', "^"),
        ('~', "°"),
    ],
};

/// Swiss, as German with other signs.
const SWISS: Layout = Layout {
    keys: &[
        ('-', "'"),
        ('_', "?"),
        ('=', "^"),
        ('+', "`"),
        ('[', "ü"),
        (']', "¨"),
        ('}', "!"),
        (';', "ö"),
        (':', "é"),
        ('\'', "ä"),
        ('"', "à"),
        ('{', "è"),
        ('\\', "$"),
        ('|', "£"),
        ('/', "-"),
        ('?', "_"),
        ('<', ";"),
        ('>', ":"),
        ('!', "+"),
        ('@', "\""),
        ('#', "*"),
        ('$', "ç"),
        ('^', "&"),
        ('&', "/"),
        ('*', "("),
        ('(', ")"),
        (')', "="),
        ('`', "§"),
        ('~', "°"),
    ],
};

/// French (AZERTY): digits need Shift there.
const FRENCH: Layout = Layout {
    keys: &[
        ('1', "&"),
        ('2', "é"),
        ('3', "\""),
        ('4', "'"),
        ('5', "("),
        ('6', "-"),
        ('7', "è"),
        ('8', "_"),
        ('9', "ç"),
        ('0', "à"),
        ('!', "1"),
        ('@', "2"),
        ('#', "3"),
        ('$', "4"),
        ('%', "5"),
        ('^', "6"),
        ('&', "7"),
        ('*', "8"),
        ('(', "9"),
        (')', "0"),
        ('-', ")"),
        ('_', "°"),
        ('[', "^"),
        ('{', "¨"),
        (']', "$"),
        ('}', "£"),
        (';', "m"),
        (':', "M"),
        ('\'', "ù"),
        ('"', "%"),
        ('\\', "*"),
        ('|', "µ"),
        ('m', ","),
        ('M', "?"),
        (',', ";"),
        ('<', "."),
        ('.', ":"),
        ('>', "/"),
        ('/', "!"),
        ('?', "§"),
    ],
};

/// Spanish.
const SPANISH: Layout = Layout {
    keys: &[
        ('-', "'"),
        ('_', "?"),
        ('=', "¡"),
        ('+', "¿"),
        ('[', "`"),
        ('{', "^"),
        (']', "+"),
        ('}', "*"),
        (';', "ñ"),
        (':', "Ñ"),
        ('\'', "´"),
        ('"', "¨"),
        ('\\', "ç"),
        ('|', "Ç"),
        ('/', "-"),
        ('?', "_"),
        ('<', ";"),
        ('>', ":"),
        ('@', "\""),
        ('#', "·"),
        ('^', "&"),
        ('&', "/"),
        ('*', "("),
        ('(', ")"),
        (')', "="),
        ('`', "º"),
        ('~', "ª"),
    ],
};

/// Italian.
const ITALIAN: Layout = Layout {
    keys: &[
        ('-', "'"),
        ('_', "?"),
        ('=', "ì"),
        ('+', "^"),
        ('[', "è"),
        ('{', "é"),
        (']', "+"),
        ('}', "*"),
        (';', "ò"),
        (':', "ç"),
        ('\'', "à"),
        ('"', "°"),
        ('\\', "ù"),
        ('|', "§"),
        ('/', "-"),
        ('?', "_"),
        ('<', ";"),
        ('>', ":"),
        ('@', "\""),
        ('#', "£"),
        ('^', "&"),
        ('&', "/"),
        ('*', "("),
        ('(', ")"),
        (')', "="),
    ],
};

/// Swedish, Finnish; Danish and Norwegian differ only in signs that no label holds.
const NORDIC: Layout = Layout {
    keys: &[
        ('-', "+"),
        ('_', "?"),
        ('=', "´"),
        ('+', "`"),
        ('[', "å"),
        ('{', "Å"),
        (']', "¨"),
        ('}', "^"),
        (';', "ö"),
        (':', "Ö"),
        ('\'', "ä"),
        ('"', "Ä"),
        ('\\', "'"),
        ('|', "*"),
        ('/', "-"),
        ('?', "_"),
        ('<', ";"),
        ('>', ":"),
        ('@', "\""),
        ('$', "¤"),
        ('^', "&"),
        ('&', "/"),
        ('*', "("),
        ('(', ")"),
        (')', "="),
    ],
};

/// British: only signs differ.
const BRITISH: Layout = Layout {
    keys: &[
        ('"', "@"),
        ('@', "\""),
        ('#', "£"),
        ('\\', "#"),
        ('|', "~"),
        ('~', "¬"),
    ],
};

const LAYOUTS: &[(&Layout, &[(char, char)])] = &[
    (&GERMAN, SWAP_YZ),
    (&SWISS, SWAP_YZ),
    (&FRENCH, SWAP_AQ_ZW),
    (&SPANISH, &[]),
    (&ITALIAN, &[]),
    (&NORDIC, &[]),
    (&BRITISH, &[]),
];

/// A dead accent and the letter after it arrive as one character: both keys again.
fn undead(c: char) -> Option<(char, char)> {
    const DEAD: &[(char, &str, &str)] = &[
        ('`', "ÀÈÌÒÙàèìòù", "AEIOUaeiou"),
        ('´', "ÁÉÍÓÚÝáéíóúý", "AEIOUYaeiouy"),
        ('^', "ÂÊÎÔÛâêîôû", "AEIOUaeiou"),
    ];
    DEAD.iter().find_map(|(accent, made, from)| {
        let at = made.chars().position(|m| m == c)?;
        Some((*accent, from.chars().nth(at)?))
    })
}

/// What the label says if the host has this layout; nothing if a character cannot have come from a label.
fn label(text: &str, layout: &Layout, swaps: &[(char, char)]) -> Option<String> {
    let key = |c: char| -> Option<char> {
        let mut buffer = [0u8; 4];
        let arrived: &str = c.encode_utf8(&mut buffer);
        if let Some((on_label, _)) = layout.keys.iter().find(|(_, a)| *a == arrived) {
            return Some(*on_label);
        }
        for (a, b) in swaps {
            let pairs = [
                (*a, *b),
                (*b, *a),
                (a.to_ascii_uppercase(), b.to_ascii_uppercase()),
                (b.to_ascii_uppercase(), a.to_ascii_uppercase()),
            ];
            if let Some((_, on_label)) = pairs.iter().find(|(from, _)| *from == c) {
                return Some(*on_label);
            }
        }
        c.is_ascii().then_some(c)
    };
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if let Some(on_label) = key(c) {
            out.push(on_label);
        } else {
            let (accent, letter) = undead(c)?;
            out.push(key(accent)?);
            out.push(key(letter)?);
        }
    }
    Some(out)
}

/// What the label may say, one text for each layout that gives another one.
pub fn readings(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (layout, swaps) in LAYOUTS {
        if let Some(reading) = label(text, layout, swaps)
            && reading != text
            && !out.contains(&reading)
        {
            out.push(reading);
        }
    }
    out
}

/// What a host with each layout makes of a label, for tests.
#[cfg(test)]
pub fn arrivals(on_label: &str) -> Vec<String> {
    LAYOUTS
        .iter()
        .map(|(layout, swaps)| {
            on_label
                .chars()
                .map(|c| {
                    if let Some((_, arrived)) = layout.keys.iter().find(|(key, _)| *key == c) {
                        return (*arrived).to_owned();
                    }
                    let lower = c.to_ascii_lowercase();
                    let swapped = swaps.iter().find_map(|(a, b)| match lower {
                        l if l == *a => Some(*b),
                        l if l == *b => Some(*a),
                        _ => None,
                    });
                    let swapped = swapped.unwrap_or(lower);
                    if c.is_ascii_uppercase() {
                        swapped.to_ascii_uppercase().to_string()
                    } else {
                        swapped.to_string()
                    }
                })
                .collect()
        })
        .collect()
}
