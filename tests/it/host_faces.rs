//! Screens at one host: what one technician does appears on the other's, and takes nothing out of their hands.

use crate::support::cli::Shop;
use crate::support::hospital::{Hospital, PUMP, command, saved, settled};
use crate::support::pty::{Start, Tty};

/// The demonstration with its host.
pub struct Hosted(pub Hospital);

impl Hosted {
    fn open() -> Self {
        Self(Hospital::open())
    }

    /// The terminal face as this technician; not started yet.
    pub fn start(&self, who: &str) -> Start {
        Start::tagout(self.0.dir())
            .env("TAGOUT_IDLE", "60")
            .args(["--as", who])
    }

    fn face(&self, who: &str) -> Tty {
        let mut tty = self.start(who).spawn();
        tty.wait_for("120 devices");
        tty
    }

    /// The screen of a technician with the pump's PM open.
    fn at_the_pump(&self, who: &str) -> Tty {
        let mut tty = self.face(who);
        tty.send(format!("{PUMP}\r"));
        tty.wait_for(&format!("Scanned {PUMP}"));
        settled(&mut tty);
        tty.send("s");
        tty.wait("a checklist", |screen| saved(&screen.contents()).is_some());
        tty
    }

    fn done(&self, who: &str, arguments: &[&str]) -> String {
        let out = command(self.0.dir(), arguments)
            .env_remove("TAGOUT_CLOCK")
            .env("TAGOUT_IDLE", "60")
            .args(["--as", who])
            .output()
            .expect("the program runs");
        assert!(out.status.success(), "{arguments:?}: {out:?}");
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    /// Another technician.
    fn colleague(&self) -> String {
        let list = self.done("mrivera", &["tech", "list", "--json"]);
        let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
        list.as_array()
            .expect("technicians")
            .iter()
            .filter_map(|t| t["key"].as_str())
            .find(|key| *key != "mrivera")
            .expect("a colleague")
            .to_owned()
    }
}

impl Drop for Hosted {
    fn drop(&mut self) {
        let _ = command(self.0.dir(), &["host", "stop"])
            .env_remove("TAGOUT_CLOCK")
            .output();
    }
}

#[test]
fn the_second_at_a_checklist_reads_along_and_may_take_it_over() {
    let hospital = Hosted::open();
    let other = hospital.colleague();
    let mut first = hospital.at_the_pump("mrivera");
    let mut second = hospital.at_the_pump(&other);
    second.wait_for("Marisol Rivera has this inspection");
    // An answer of the first appears on the second's screen, who cannot give one.
    first.send(format!("{PUMP}\r"));
    first.wait("an answer", |screen| saved(&screen.contents()) == Some(1));
    second.wait("it is seen", |screen| saved(&screen.contents()) == Some(1));
    settled(&mut second);
    second.send("p");
    settled(&mut second);
    assert_eq!(saved(&second.text()), Some(1), "{}", second.text());
    second.send("H");
    second.wait_for("Where the device is");
    typed(&mut second, "shelf 4");
    second.wait_for("has this inspection now");
    first.wait_for("took this inspection over");
    first.wait_for("shelf 4.");
    first.wait_for("take it over first");
    // Now the second goes on and the first reads along.
    settled(&mut second);
    second.send("p");
    second.wait("an answer", |screen| saved(&screen.contents()) == Some(2));
    first.wait("it is seen", |screen| saved(&screen.contents()) == Some(2));
    let shown = hospital.done(&other, &["inspection", "show", PUMP]);
    assert!(shown.contains(&format!("held by {other}")), "{shown}");
}

#[test]
fn what_others_do_disturbs_neither_typing_nor_the_selection() {
    let hospital = Hosted::open();
    let other = hospital.colleague();
    let add = |tag: &str| {
        hospital.done(&other, &["device", "add", tag, "--model", "Plum 360"]);
    };
    let mut face = hospital.face("mrivera");
    face.send("plum");
    face.wait_for("/ plum");
    face.send("\x1b[B\x1b[B");
    settled(&mut face);
    let chosen = selected(&face);
    assert!(chosen.contains("Plum"), "{chosen:?}\n{}", face.text());
    add("AA-1");
    face.wait("the list has grown", |screen| {
        screen.contents().contains("AA-1")
    });
    assert_eq!(selected(&face), chosen, "{}", face.text());
    assert!(face.text().contains("/ plum"), "{}", face.text());
    // Half a note is still there, and goes on.
    face.send("\r");
    settled(&mut face);
    face.send("m");
    face.wait_for("Note");
    face.send("seen in the");
    face.wait_for("seen in the");
    add("AA-2");
    let tag = chosen.split_whitespace().next().expect("a tag").to_owned();
    hospital.done(&other, &["device", "set", &tag, "location=Storage B"]);
    settled(&mut face);
    face.send(" hall");
    face.wait_for("seen in the hall");
    face.send("\x1bOQ");
    face.wait("it is closed", |screen| {
        !screen.contents().contains("▸ Note")
    });
    let history = hospital.done("mrivera", &["device", "history", &tag]);
    assert!(history.contains("seen in the hall"), "{history}");
}

/// Types words and, a moment later, Enter: both at once would be a scanner's label.
fn typed(face: &mut Tty, words: &str) {
    face.send(words);
    face.wait_for(words);
    settled(face);
    face.send("\r");
}

/// The same with what is not shown.
fn typed_unseen(face: &mut Tty, words: &str) {
    for letter in words.chars() {
        face.send(letter.to_string());
        settled(face);
    }
    face.send("\r");
}

/// The row of the list that is selected: it has a ground of its own.
fn selected(tty: &Tty) -> String {
    let screen = tty.screen();
    // The list is on the left.
    let (rows, columns) = (screen.size().0.get(), 52);
    (0..rows)
        .map(|row| {
            (0..columns)
                .filter_map(|column| screen.cell(row, column))
                .filter(|cell| cell.inverse() || cell.bgcolor() != vt100::Color::Default)
                .map(vt100::Cell::contents)
                .collect::<String>()
        })
        .find(|text| text.contains("SB-"))
        .unwrap_or_default()
        .trim()
        .to_owned()
}

#[test]
fn a_form_that_was_opened_before_somebody_elses_change_says_so() {
    let hospital = Hosted::open();
    let other = hospital.colleague();
    let mut face = hospital.face("mrivera");
    face.send(format!("{PUMP}\r"));
    face.wait_for(&format!("Scanned {PUMP}"));
    settled(&mut face);
    face.send("e");
    face.wait_for("Which field?");
    typed(&mut face, "location");
    face.wait_for(&format!("{PUMP}: Location"));
    face.send("\x15Room 12");
    face.wait_for("Room 12");
    hospital.done(&other, &["device", "set", PUMP, "location=Storage B"]);
    settled(&mut face);
    face.send("\r");
    face.wait_for("changed this device");
    assert!(face.text().contains(&other), "{}", face.text());
    assert!(face.text().contains("Room 12"), "{}", face.text());
    let shown = hospital.done("mrivera", &["device", "show", PUMP]);
    assert!(shown.contains("Storage B"), "{shown}");
}

#[test]
fn a_screen_at_a_shared_account_asks_who_is_at_work() {
    let shop = Shop::hosted();
    shop.done(&["tech", "add", "mk", "--name", "Mika Klein"]);
    shop.done(&["tech", "key", "mk"]);
    shop.done(&["device", "add", "BME-1", "--model", "P"]);
    let mut face = Start::new(env!("CARGO_BIN_EXE_tagout"))
        .env("HOME", &shop.dir().display().to_string())
        .env("TAGOUT_STORE", &shop.store().display().to_string())
        .env("TAGOUT_IDLE", "60")
        .args(["--as", "mk"])
        .spawn();
    face.wait_for("BME-1");
    face.send("BME-1\r");
    settled(&mut face);
    face.send("m");
    face.wait_for("▸ Note");
    face.send("seen in the hall");
    face.wait_for("seen in the hall");
    face.send("\x1bOQ");
    face.wait_for("Who is at work?");
    settled(&mut face);
    face.send("\x1b");
    face.wait_for("Nothing was recorded.");
    // What was written is still there.
    settled(&mut face);
    face.send("\x1bOQ");
    face.wait_for("Who is at work?");
    settled(&mut face);
    typed_unseen(&mut face, "not hers at all");
    face.wait_for("does not open");
    settled(&mut face);
    typed_unseen(&mut face, "correct horse");
    face.wait("it is closed", |screen| {
        !screen.contents().contains("Who is at work?")
    });
    settled(&mut face);
    let history = shop.done(&["device", "history", "BME-1"]);
    assert_eq!(history.matches("seen in the hall").count(), 1, "{history}");
    // It is asked once.
    face.send("m");
    face.wait_for("▸ Note");
    face.send("third");
    face.wait_for("third");
    face.send("\x1bOQ");
    face.wait("it is closed", |screen| {
        !screen.contents().contains("▸ Note")
    });
    settled(&mut face);
    assert!(shop.done(&["device", "history", "BME-1"]).contains("third"));
    shop.done(&["host", "stop"]);
}
