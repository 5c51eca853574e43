//! Key scripts on the exchange with other shops.

use crate::bench::sync::{ExportAsk, Scope};
use crate::keymap::{Action, Availability};
use crate::tui::app::screen::Place;
use crate::tui::screens::steps::testing::{Desk, Shop};

/// A bundle of another shop, in a folder of its own.
fn bundle() -> tempfile::TempDir {
    let dir = tempfile::TempDir::new().unwrap();
    let other = Shop::open_as([77; 32], "Biomed West", "WEST");
    other.device("W-1", "QQQ");
    let ask = ExportAsk {
        scope: Scope::All,
        readers: Vec::new(),
        limit: 0,
    };
    other
        .session
        .export_files(ask, dir.path(), &mut |_| {})
        .unwrap();
    dir
}

#[test]
fn a_bundle_is_looked_at_then_kept_and_taken_in_once_its_shop_is_trusted() {
    let stick = bundle();
    let mut desk = Desk::new(Shop::open(), Place::Sync);
    insta::assert_snapshot!("sync-80x24", desk.shot(80, 24));
    desk.keys("i");
    desk.type_text(&stick.path().display().to_string());
    desk.keys("enter");
    desk.until(|desk| desk.shot(80, 24).contains("nobody here has said"));
    assert!(desk.session().named("W-1").unwrap().is_empty());
    desk.keys("a");
    desk.until(|desk| desk.shot(80, 24).contains("unknown, waits"));
    desk.keys("down t");
    assert!(
        desk.shot(80, 24).contains("Read these words"),
        "{}",
        desk.shot(80, 24)
    );
    insta::assert_snapshot!("trust-80x24", desk.shot(80, 24));
    desk.keys("enter");
    desk.until(|desk| !desk.session().named("W-1").unwrap().is_empty());
    desk.until(|desk| desk.shot(80, 24).contains("Took in"));
    insta::assert_snapshot!("taken-80x24", desk.shot(80, 24));
    insta::assert_snapshot!("taken-120x40", desk.shot(120, 40));
    // Trusted already: the key says so.
    let trust = desk.screen().availability(Action::TrustSite);
    assert!(matches!(trust, Availability::Disabled(_)));
}

#[test]
fn a_bundle_is_written_to_a_folder_and_a_wrong_path_is_said() {
    let stick = tempfile::TempDir::new().unwrap();
    let mut desk = Desk::new(Shop::open(), Place::Sync);
    desk.keys("e");
    desk.type_text("/nowhere/at/all");
    desk.keys("enter");
    desk.until(|desk| desk.shot(80, 24).contains("could not be written"));
    desk.keys("e");
    desk.type_text(&stick.path().display().to_string());
    desk.keys("enter");
    desk.until(|desk| desk.shot(80, 24).contains("safe to remove"));
    assert_eq!(std::fs::read_dir(stick.path()).unwrap().count(), 1);
}
