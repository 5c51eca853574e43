//! The stages together, with time passed in.

use proptest::prelude::*;

use super::*;

/// Knows the labels that begin with TAG or 01; letters are harmless in a text field, `p`, `f` and `T` answer.
struct Shop {
    in_text_field: bool,
}

impl Judge for Shop {
    fn is_known(&self, text: &str) -> bool {
        text.starts_with("TAG") || text.starts_with("01") || text.starts_with("[)>")
    }
    fn harmless(&self, _: &KeyEvent) -> bool {
        self.in_text_field
    }
    fn answers(&self, key: &KeyEvent) -> bool {
        !self.in_text_field && matches!(key.code, KeyCode::Char('p' | 'f' | 'T'))
    }
}

/// What is typed (pause before in ms, text), how far apart in ms, and what comes out.
type Case<'a> = (&'a [(u64, &'a str)], u64, &'a str);

const STEPS: Shop = Shop {
    in_text_field: false,
};
const FIELD: Shop = Shop {
    in_text_field: true,
};

/// The key event that crossterm makes of a byte.
fn key(c: char) -> KeyEvent {
    let control = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
    match c {
        '\r' => KeyCode::Enter.into(),
        '\t' => KeyCode::Tab.into(),
        '\u{1b}' => KeyCode::Esc.into(),
        '\u{1c}'..='\u{1f}' => control((c as u8 - 0x1c + b'4') as char),
        '\u{1}'..='\u{1a}' => control((c as u8 - 1 + b'a') as char),
        c if c.is_uppercase() => KeyEvent::new(KeyCode::Char(c), KeyModifiers::SHIFT),
        c => KeyCode::Char(c).into(),
    }
}

/// Plays (pause before in ms, text at one character per `step` ms), ticking whenever the decoder asks for it, as the
/// loop does. A key comes out as its character, a burst key with `~` before it, a repeat with `*`, a scan as
/// `<text>` with the number of shown characters, a broken one as `<text!`, a paste in quotes.
fn play(options: InputOptions, judge: &Shop, parts: &[(u64, &str)], step: u64) -> String {
    let mut decoder = Decoder::new(options);
    let mut now = Instant::now();
    let mut out = Vec::new();
    for (pause, text) in parts {
        for (i, c) in text.chars().enumerate() {
            let gap = if i == 0 { *pause } else { step };
            let next = now + Duration::from_millis(gap);
            while let Some(at) = decoder.wake_at().filter(|at| *at < next) {
                assert!(at <= now + Duration::from_millis(150), "held too long");
                decoder.tick(at, judge, &mut out);
            }
            now = next;
            decoder.feed(&Event::Key(key(c)), now, judge, &mut out);
        }
    }
    while let Some(at) = decoder.wake_at() {
        decoder.tick(at, judge, &mut out);
    }
    written(&out)
}

fn written(out: &[Decoded]) -> String {
    out.iter().map(written_one).collect::<Vec<_>>().concat()
}

fn written_one(one: &Decoded) -> String {
    match one {
        Decoded::Key(press) => {
            let burst = if press.burst { "~" } else { "" };
            let repeat = if press.repeat { "*" } else { "" };
            let control = if press.key.modifiers == KeyModifiers::CONTROL {
                "^"
            } else {
                ""
            };
            let c = match press.key.code {
                KeyCode::Char(c) => c,
                KeyCode::Enter => '\r',
                KeyCode::Tab => '\t',
                KeyCode::Esc => '\u{1b}',
                other => panic!("unexpected {other:?}"),
            };
            format!("{burst}{repeat}{control}{c}")
        }
        Decoded::Scan(scan) if scan.shown > 0 => format!("<{}>{}", scan.text, scan.shown),
        Decoded::Scan(scan) => format!("<{}>", scan.text),
        Decoded::BrokenScan(label) => format!("<{label}!"),
        Decoded::Paste(pasted) => format!("{pasted:?}"),
    }
}

fn with_prefix() -> InputOptions {
    InputOptions {
        prefix: Some((KeyCode::Char('b'), KeyModifiers::CONTROL)),
        ..InputOptions::default()
    }
}

#[test]
fn bursts_that_name_something_are_scans() {
    let cases: &[Case] = &[
        (&[(0, "TAG123\r")], 0, "<TAG123>"),
        (&[(0, "TAG123\t")], 16, "<TAG123>"),
        (&[(0, "TAG123\r\n")], 2, "<TAG123>"),
        // The end mark may take its time.
        (&[(0, "TAG123"), (90, "\r")], 2, "<TAG123>"),
        // Two labels at once.
        (&[(0, "TAG123\rTAG456\r")], 0, "<TAG123><TAG456>"),
        (&[(0, "TAG123\r\nTAG456\r\n")], 1, "<TAG123><TAG456>"),
        // Group separators, as raw byte and as the kitty protocol spells it.
        (&[(0, "01123\u{1d}10AB\r")], 1, "<01123\u{1d}10AB>"),
        // The envelope of a data matrix with its record and end marks.
        (
            &[(0, "[)>\u{1e}06\u{1d}9N1\u{1e}\u{4}\r")],
            1,
            "<[)>\u{1e}06\u{1d}9N1\u{1e}\u{4}>",
        ),
        // A key pressed just before stays a key.
        (&[(0, "x"), (40, "TAG123\r")], 1, "x<TAG123>"),
        // Zeros of a label are no held key.
        (&[(0, "0100000000000000\r")], 16, "<0100000000000000>"),
    ];
    for (parts, step, want) in cases {
        assert_eq!(
            play(InputOptions::default(), &STEPS, parts, *step),
            *want,
            "{parts:?}"
        );
    }
}

#[test]
fn everything_else_stays_keys_in_order() {
    let cases: &[Case] = &[
        (&[(0, "p")], 0, "p"),
        // Too short, and too slow.
        (&[(0, "TAG12\r")], 1, "TAG12\r"),
        (&[(0, "TAG123\r")], 45, "TAG123\r"),
        (&[(0, "TAG123"), (140, "\r")], 1, "~T~A~G~1~2~3\r"),
        // Fast enough, but nobody knows it: marked, so that it answers nothing.
        (&[(0, "XYZ789\r")], 1, "~X~Y~Z~7~8~9~\r"),
        // A line feed without a label is a key.
        (&[(0, "\n")], 0, "^j"),
        (&[(0, "TAG123\r"), (200, "\n")], 1, "<TAG123>^j"),
        // Control keys outside a label.
        (&[(0, "\u{1d}")], 0, "^5"),
        (&[(0, "a\u{4}")], 1, "a^d"),
        (&[(0, "TAG1\u{1e}23\r")], 1, "TAG1^623\r"),
        (&[(0, "\u{1b}")], 0, "\u{1b}"),
        // A key held down on a fast keyboard is no burst.
        (&[(0, "jjjjjjjj")], 25, "j*j*j*j*j*j*j*j"),
    ];
    for (parts, step, want) in cases {
        assert_eq!(
            play(InputOptions::default(), &STEPS, parts, *step),
            *want,
            "{parts:?}"
        );
    }
}

#[test]
fn in_a_text_field_characters_show_at_once() {
    let out = play(
        InputOptions::default(),
        &FIELD,
        &[(0, "ab"), (200, "TAG123\r")],
        1,
    );
    assert_eq!(out, "abTAG123<TAG123>6");
    let mut decoder = Decoder::new(InputOptions::default());
    let mut out = Vec::new();
    decoder.feed(&Event::Key(key('a')), Instant::now(), &FIELD, &mut out);
    assert_eq!(written(&out), "a");
}

#[test]
fn a_harmless_key_waits_behind_a_held_one() {
    struct OnlyDigits;
    impl Judge for OnlyDigits {
        fn is_known(&self, _: &str) -> bool {
            false
        }
        fn harmless(&self, key: &KeyEvent) -> bool {
            matches!(key.code, KeyCode::Char('0'..='9'))
        }
        fn answers(&self, _: &KeyEvent) -> bool {
            false
        }
    }
    let now = Instant::now();
    let mut decoder = Decoder::new(InputOptions::default());
    let mut out = Vec::new();
    for c in "1a2".chars() {
        decoder.feed(&Event::Key(key(c)), now, &OnlyDigits, &mut out);
    }
    assert_eq!(written(&out), "1");
    decoder.tick(now + Duration::from_secs(1), &OnlyDigits, &mut out);
    assert_eq!(written(&out), "1a2");
}

#[test]
fn a_prefix_decides_for_certain() {
    let cases: &[Case] = &[
        (&[(0, "\u{2}unknown label\r")], 1, "<unknown label>"),
        (&[(0, "\u{2}7\r\n")], 1, "<7>"),
        (&[(0, "\u{2}01123\u{1d}10AB\r")], 60, "<01123\u{1d}10AB>"),
        // Without the prefix nothing is a scan, and nothing waits.
        (&[(0, "TAG123\r")], 1, "TAG123\r"),
        (&[(0, "\u{2}cut"), (150, "p")], 1, "<cut!p"),
        (&[(0, "\u{2}cut\u{2}TAG1\r")], 1, "<cut!<TAG1>"),
        (&[(0, "\u{2}\r")], 1, ""),
    ];
    for (parts, step, want) in cases {
        assert_eq!(
            play(with_prefix(), &STEPS, parts, *step),
            *want,
            "{parts:?}"
        );
    }
    let mut decoder = Decoder::new(with_prefix());
    decoder.feed(
        &Event::Key(key('p')),
        Instant::now(),
        &STEPS,
        &mut Vec::new(),
    );
    assert_eq!(decoder.wake_at(), None, "no key is held");
}

#[test]
fn a_held_answer_key_answers_once() {
    for options in [InputOptions::default(), with_prefix()] {
        let out = play(options, &STEPS, &[(0, "p"), (500, "pppppp")], 33);
        assert_eq!(out, "p*p*p*p*p*p*p");
    }
    // Two honest presses.
    let out = play(InputOptions::default(), &STEPS, &[(0, "p"), (500, "p")], 0);
    assert_eq!(out, "pp");
    // A label that begins with the key pressed last.
    let out = play(
        InputOptions::default(),
        &STEPS,
        &[(0, "T"), (500, "TAG123\r")],
        2,
    );
    assert_eq!(out, "T<TAG123>");
}

#[test]
fn a_paste_flushes_what_waits_and_never_acts_as_keys() {
    let mut decoder = Decoder::new(InputOptions::default());
    let now = Instant::now();
    let mut out = Vec::new();
    decoder.feed(&Event::Key(key('x')), now, &STEPS, &mut out);
    decoder.feed(&Event::Paste("p\r\np".into()), now, &STEPS, &mut out);
    decoder.feed(&Event::Paste("TAG1\r\n".into()), now, &STEPS, &mut out);
    assert_eq!(written(&out), "x\"p\\np\"<TAG1>");
}

#[test]
fn clearing_forgets_what_waits() {
    let mut decoder = Decoder::new(InputOptions::default());
    let now = Instant::now();
    let mut out = Vec::new();
    for c in "ab\u{1b}".chars() {
        decoder.feed(&Event::Key(key(c)), now, &STEPS, &mut out);
    }
    decoder.clear();
    assert_eq!(decoder.wake_at(), None);
    decoder.tick(now + Duration::from_secs(1), &STEPS, &mut out);
    assert!(out.is_empty());
}

#[test]
fn releases_of_keys_are_nothing() {
    let mut decoder = Decoder::new(InputOptions::default());
    let mut out = Vec::new();
    let release =
        KeyEvent::new_with_kind(KeyCode::Enter, KeyModifiers::NONE, KeyEventKind::Release);
    decoder.feed(&Event::Key(release), Instant::now(), &STEPS, &mut out);
    assert!(out.is_empty() && decoder.wake_at().is_none());
}

/// Keys with pauses; no Esc (see the joiner's own tests) and no line feed (which may be swallowed).
fn keys_with_pauses() -> impl Strategy<Value = Vec<(u64, char)>> {
    let pause = prop_oneof![0_u64..5, 10_u64..35, 30_u64..160, 140_u64..1300];
    let character = prop_oneof![
        "[ -~]".prop_map(|s| s.chars().next().unwrap_or(' ')),
        prop::sample::select(vec![
            '\r', '\t', '\u{1d}', '\u{1e}', '\u{4}', 'p', 'p', 'T', 'A', 'G'
        ]),
    ];
    prop::collection::vec((pause, character), 0..60)
}

proptest! {
    /// Every character that goes in comes out exactly once and in order: as a key, or within a scan.
    #[test]
    fn nothing_is_lost_doubled_or_reordered(keys in keys_with_pauses(), field in any::<bool>()) {
        let judge = Shop { in_text_field: field };
        let mut decoder = Decoder::new(InputOptions::default());
        let mut now = Instant::now();
        let mut out = Vec::new();
        for (pause, c) in &keys {
            let next = now + Duration::from_millis(*pause);
            while let Some(at) = decoder.wake_at().filter(|at| *at < next) {
                decoder.tick(at, &judge, &mut out);
            }
            now = next;
            decoder.feed(&Event::Key(key(*c)), now, &judge, &mut out);
            prop_assert!(decoder.wake_at().is_none_or(|at| at <= now + Duration::from_millis(100)));
        }
        while let Some(at) = decoder.wake_at() {
            decoder.tick(at, &judge, &mut out);
        }
        let mut seen = Vec::new();
        for one in &out {
            match one {
                Decoded::Key(press) => seen.push(press.key),
                Decoded::Scan(scan) => {
                    prop_assert!(judge.is_known(&scan.text) && scan.text.chars().count() >= 6);
                    let already = seen.len().checked_sub(scan.shown);
                    prop_assert!(already.is_some());
                    seen.truncate(already.unwrap_or(0));
                    seen.extend(scan.text.chars().map(key));
                    // The end mark belongs to the scan; either will do here.
                    let mark = keys.get(seen.len()).map(|(_, c)| key(*c));
                    seen.extend(mark);
                }
                other => prop_assert!(false, "unexpected {:?}", other),
            }
        }
        let want: Vec<_> = keys.iter().map(|(_, c)| key(*c)).collect();
        prop_assert_eq!(seen, want);
    }

    /// Whatever was typed before, a known label at machine speed is one scan and none of its characters acts.
    #[test]
    fn a_label_after_a_pause_is_always_a_scan(
        before in keys_with_pauses(),
        label in "TAG[0-9A-Z]{3,40}",
        step in 0_u64..19,
    ) {
        let mut parts: Vec<(u64, String)> = before.iter().map(|(pause, c)| (*pause, c.to_string())).collect();
        parts.push((160, format!("{label}\r")));
        let parts: Vec<_> = parts.iter().map(|(pause, text)| (*pause, text.as_str())).collect();
        let out = play(InputOptions::default(), &STEPS, &parts, step);
        let want = format!("<{label}>");
        prop_assert!(out.ends_with(&want), "{}", out);
    }
}
