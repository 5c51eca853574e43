//! What sites exchange through a depot, step by step.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::objects::Bucket;
use super::shelf::MemoryShelf;
use crate::depot::{Depot, DepotError, Memory, Place, Report, Settings, Shelf as _, Span};
use crate::journal::SiteKey;

/// A site with its store, what it remembers, and its way to the depot.
pub struct Site {
    pub shelf: MemoryShelf,
    pub memory: Memory,
}

impl Site {
    pub fn new(seed: u8) -> Self {
        Self {
            shelf: MemoryShelf::new(seed),
            memory: Memory::default(),
        }
    }

    pub fn with(seed: u8, entries: usize) -> Self {
        let mut site = Self::new(seed);
        site.record(entries);
        site
    }

    pub fn record(&mut self, entries: usize) {
        for n in 0..entries {
            self.shelf.record(format!("reading {n}").as_bytes());
        }
    }

    pub fn sync_with(&mut self, depot: &Depot) -> Result<Report, DepotError> {
        let scratch = tempfile::tempdir().unwrap();
        // Between two syncs it is kept in a file.
        self.memory = Memory::decode(&self.memory.encode());
        let report = depot.sync(
            &mut self.shelf,
            &mut self.memory,
            scratch.path(),
            &mut |_| ControlFlow::Continue(()),
        );
        if report.is_ok() {
            let left = std::fs::read_dir(scratch.path()).unwrap().count();
            assert_eq!(left, 0, "working files are left behind");
        }
        report
    }

    pub fn sync(&mut self, bucket: &Bucket) -> Report {
        self.sync_with(&depot(bucket)).unwrap()
    }
}

pub fn depot(bucket: &Bucket) -> Depot {
    let place = Place::parse("s3://memory").unwrap();
    Depot::on(place, Box::new(bucket.clone()))
}

#[test]
fn two_sites_meet_and_have_the_same() {
    let bucket = Bucket::default();
    let (mut a, mut b) = (Site::with(1, 4), Site::with(2, 2));
    let up = a.sync(&bucket);
    assert_eq!((up.uploaded.len(), up.entries_up), (1, 5));
    let both = b.sync(&bucket);
    assert_eq!(
        (both.entries_up, both.entries_down, both.downloaded),
        (3, 5, 1)
    );
    let down = a.sync(&bucket);
    assert_eq!((down.entries_up, down.entries_down), (0, 3));
    assert_eq!(a.shelf.everything(), b.shelf.everything());
    // B has not said yet that it has everything; now nothing is left to say or do.
    b.sync(&bucket);
    bucket.with(|inside| inside.requests.clear());
    let idle = a.sync(&bucket);
    assert_eq!(idle.behind, [(b.shelf.site(), 0)]);
    assert!(
        idle.uploaded.is_empty() && idle.warnings.is_empty(),
        "{idle:?}"
    );
    let requests = bucket.with(|inside| inside.requests.clone());
    assert_eq!(requests.iter().filter(|r| r.starts_with("list")).count(), 2);
    // The statement that B overwrote.
    assert!(requests.len() <= 3, "{requests:?}");
    let layout = bucket.keys();
    for key in &layout {
        assert!(
            key.starts_with("sites/") || key.starts_with("have/"),
            "{key}"
        );
    }
    assert_eq!(layout.len(), 4);
}

#[test]
fn a_depot_that_was_emptied_is_filled_again_by_any_site() {
    let bucket = Bucket::default();
    let mut sites = [Site::with(1, 3), Site::with(2, 3), Site::with(3, 3)];
    for _ in 0..2 {
        for site in &mut sites {
            site.sync(&bucket);
        }
    }
    bucket.with(|inside| inside.objects.clear());
    // Only one of them comes back, and a new one finds everything.
    assert_eq!(sites[1].sync(&bucket).entries_up, 12);
    let mut new = Site::with(9, 1);
    new.sync(&bucket);
    let all: usize = new.shelf.everything().len();
    assert_eq!(all, 12 + 2);
    // Those who come later upload nothing twice.
    assert_eq!(sites[0].sync(&bucket).entries_up, 0);
}

#[test]
fn what_does_not_belong_there_is_passed_over_in_words() {
    let bucket = Bucket::default();
    let (mut a, mut b) = (Site::with(1, 4), Site::with(2, 2));
    a.sync(&bucket);
    let good = bucket
        .keys()
        .into_iter()
        .find(|key| key.starts_with("sites/"))
        .unwrap();
    let (folder, name) = good.rsplit_once('/').unwrap();
    let other = b.shelf.site();
    bucket.with(|inside| {
        let bytes = inside.objects[&good].1.clone();
        let mut put = |key: String, bytes: &[u8]| inside.objects.insert(key, (0, bytes.to_vec()));
        put("sites/readme.txt".to_owned(), b"hello");
        put(format!("{folder}/.DS_Store"), b"x");
        put(format!("{folder}/\u{7}bell"), b"x");
        // Cut off, grown, empty, and under somebody else's name.
        let numbered = |n: u8| name.replacen("-20261123-", &format!("-202611{n:02}-"), 1);
        put(
            format!("{folder}/{}", numbered(10)),
            &bytes[..bytes.len() - 9],
        );
        put(
            format!("{folder}/{}", numbered(11)),
            &[&bytes[..], b"more"].concat(),
        );
        put(format!("{folder}/{}", numbered(12)), b"");
        put(format!("sites/{other}/{name}"), &bytes);
        put(format!("have/{other}"), b"nonsense");
        put("have/somebody".to_owned(), b"nonsense");
    });
    let report = b.sync(&bucket);
    assert_eq!(report.warnings.words.len(), 9, "{:#?}", report.warnings);
    assert!(
        report
            .warnings
            .words
            .iter()
            .all(|words| !words.contains('\u{7}'))
    );
    // The statement that was none is overwritten by its site.
    assert_eq!(b.sync(&bucket).warnings.words.len(), 8);
    assert_eq!(report.entries_down, 5);
    a.sync(&bucket);
    assert_eq!(a.shelf.everything(), b.shelf.everything());
}

#[test]
fn a_bundle_that_rotted_is_noticed_and_put_there_again() {
    let bucket = Bucket::default();
    let (mut a, mut b) = (Site::with(1, 4), Site::with(2, 2));
    a.sync(&bucket);
    let key = bucket
        .keys()
        .into_iter()
        .find(|key| key.starts_with("sites/"))
        .unwrap();
    bucket.with(|inside| {
        let bytes = &mut inside.objects.get_mut(&key).unwrap().1;
        let middle = bytes.len() - 40;
        bytes[middle] ^= 1;
    });
    let report = b.sync(&bucket);
    assert_eq!(report.entries_down, 0);
    assert!(
        report.warnings.words[0].contains("is damaged"),
        "{:?}",
        report.warnings
    );
    // B says so, A hears it, and B gets everything.
    assert_eq!(a.sync(&bucket).entries_up, 5);
    assert_eq!(b.sync(&bucket).entries_down, 5);
    assert_eq!(a.sync(&bucket).entries_up, 0);
}

#[test]
fn strangers_spare_nobody_an_upload() {
    let bucket = Bucket::default();
    let (mut a, mut b) = (Site::with(1, 4), Site::new(2));
    let stranger = SiteKey::from_seed([7; 32]).site();
    let mut c = Site::new(7);
    a.sync(&bucket);
    c.sync(&bucket);
    // The stranger is the only one who has A's entries there.
    bucket.with(|inside| {
        inside
            .objects
            .retain(|key, _| key.contains(&stranger.to_string()));
    });
    c.sync(&bucket);
    a.shelf.strangers.insert(stranger);
    b.shelf.strangers.insert(stranger);
    let up = a.sync(&bucket);
    assert_eq!(up.entries_up, 5);
    b.sync(&bucket);
    assert_eq!(b.shelf.vector().get(a.shelf.site()), 5);
}

#[test]
fn small_bundles_are_put_together_and_nothing_is_lost() {
    let bucket = Bucket::default();
    let (mut a, mut b) = (Site::new(1), Site::new(2));
    b.sync(&bucket);
    let mut replaced = 0;
    for _ in 0..40 {
        a.record(1);
        replaced += a.sync(&bucket).replaced;
        let bundles = bucket
            .keys()
            .iter()
            .filter(|key| key.starts_with("sites/"))
            .count();
        assert!(bundles <= 1 + 8, "{bundles}");
    }
    assert!(replaced >= 32, "{replaced}");
    // B was away all the time.
    let report = b.sync(&bucket);
    assert_eq!(report.entries_down, 41);
    assert_eq!(a.shelf.everything(), b.shelf.everything());
}

#[test]
fn what_lies_before_a_gap_is_taken_and_the_gap_is_named() {
    let bucket = Bucket::default();
    let (mut a, mut b) = (Site::new(1), Site::new(2));
    let mut keys: Vec<BTreeSet<String>> = Vec::new();
    for _ in 0..3 {
        a.record(2);
        a.sync(&bucket);
        keys.push(bucket.keys().into_iter().collect());
    }
    let second: Vec<String> = keys[1].difference(&keys[0]).cloned().collect();
    bucket.with(|inside| inside.objects.remove(&second[0]));
    let report = b.sync(&bucket);
    let gap = Span {
        site: a.shelf.site(),
        from: 4,
        to: 5,
    };
    assert_eq!((report.entries_down, report.gaps), (3, vec![gap]));
    // Nothing is downloaded again and again meanwhile.
    let again = b.sync(&bucket);
    assert_eq!((again.bytes_down, again.downloaded), (0, 0));
    a.sync(&bucket);
    assert_eq!(b.sync(&bucket).entries_down, 4);
}

#[test]
fn a_store_that_was_set_back_gets_its_own_entries_again_and_is_told() {
    let bucket = Bucket::default();
    let mut a = Site::with(1, 2);
    let old = a.shelf.clone();
    a.record(3);
    a.sync(&bucket);
    let all = a.shelf.everything();
    a.shelf = old;
    let report = a.sync(&bucket);
    assert_eq!((report.own_ahead, report.entries_down), (3, 3));
    assert_eq!(a.shelf.everything(), all);
}

#[test]
fn a_person_may_stop_it_at_every_step() {
    for stop in 0..6 {
        let bucket = Bucket::default();
        let (mut a, mut b) = (Site::with(1, 3), Site::with(2, 3));
        a.sync(&bucket);
        let mut steps = 0;
        let scratch = tempfile::tempdir().unwrap();
        let result = depot(&bucket).sync(&mut b.shelf, &mut b.memory, scratch.path(), &mut |_| {
            steps += 1;
            if steps > stop {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if steps > stop {
            assert!(matches!(result, Err(DepotError::Stopped)));
        }
        b.sync(&bucket);
        a.sync(&bucket);
        assert_eq!(a.shelf.everything(), b.shelf.everything());
    }
}

#[test]
fn a_folder_is_a_depot_as_long_as_it_is_there() {
    let stick = tempfile::tempdir().unwrap();
    let root = stick.path().join("depot");
    let place = || Place::parse(root.to_str().unwrap()).unwrap();
    let error = Depot::open(place(), &Settings::default()).unwrap_err();
    assert!(matches!(error, DepotError::NoFolder { .. }), "{error}");
    std::fs::create_dir(&root).unwrap();
    let open = || Depot::open(place(), &Settings::default()).unwrap();
    let (mut a, mut b) = (Site::with(1, 20), Site::with(2, 2));
    for _ in 0..10 {
        a.record(1);
        a.sync_with(&open()).unwrap();
    }
    // What died while writing is not seen, and removed when it is old.
    let folder = root.join(format!("sites/{}", a.shelf.site()));
    std::fs::write(folder.join(".tagout-99-0-ff"), b"half").unwrap();
    let old = folder.join(".tagout-98-0-ff");
    std::fs::write(&old, b"half").unwrap();
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    std::fs::File::options()
        .write(true)
        .open(&old)
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    let report = b.sync_with(&open()).unwrap();
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    a.sync_with(&open()).unwrap();
    assert_eq!(a.shelf.everything(), b.shelf.everything());
    a.record(1);
    a.sync_with(&open()).unwrap();
    assert!(!old.exists() && folder.join(".tagout-99-0-ff").exists());
    b.sync_with(&open()).unwrap();
    // Pulled out in the middle, and plugged in again.
    let depot = open();
    a.record(1);
    std::fs::rename(&root, stick.path().join("gone")).unwrap();
    let error = a.sync_with(&depot).unwrap_err();
    assert!(
        matches!(error, DepotError::NoFolder { .. }) && error.passes(),
        "{error}"
    );
    assert!(!root.exists(), "nothing was written where the stick was");
    std::fs::rename(stick.path().join("gone"), &root).unwrap();
    a.sync_with(&depot).unwrap();
    b.sync_with(&depot).unwrap();
    assert_eq!(a.shelf.everything(), b.shelf.everything());
}
