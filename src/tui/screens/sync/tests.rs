//! Key scripts on the exchange with other shops.

use crate::bench::depots::{DepotSetting, SyncMark};
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

#[test]
fn a_depot_is_synced_with_one_key_and_its_trouble_is_said() {
    let place = tempfile::TempDir::new().unwrap();
    let folder = place.path().join("hub");
    std::fs::create_dir(&folder).unwrap();
    let desk = Desk::new(Shop::open(), Place::Sync);
    let why = desk.screen().availability(Action::SyncNow);
    assert!(
        why.reason()
            .is_some_and(|why| why.contains("No depot is set up"))
    );
    let depot = DepotSetting {
        name: "hub".to_owned(),
        place: folder.display().to_string(),
        every: None,
        encrypted: false,
    };
    let shop = Shop::open();
    shop.session.add_depot(depot).unwrap();
    let mut desk = Desk::new(shop, Place::Sync);
    assert!(
        desk.shot(80, 24).contains("never synced"),
        "{}",
        desk.shot(80, 24)
    );
    desk.keys("s");
    desk.until(|desk| desk.shot(80, 24).contains("nothing new came"));
    assert!(folder.join("sites").exists());
    assert!(matches!(
        desk.session().shop().unwrap().sync,
        Some(SyncMark::Synced(_))
    ));
    std::fs::remove_dir_all(folder.join("sites")).unwrap();
    std::fs::write(folder.join("sites"), "a file").unwrap();
    desk.keys("s");
    desk.until(|desk| desk.shot(80, 24).contains("not synced"));
    assert_eq!(desk.session().shop().unwrap().sync, Some(SyncMark::Trouble));
    assert!(desk.shot(80, 24).contains("trouble"));
}
