//! Shops of different versions.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::super::clock::Clock;
use super::super::projector::Views;
use super::super::{Bench, BenchOptions, NewStore, Session, Tuning, rows};
use crate::bundle::{Bundle, Created};
use crate::domain::command::Command;
use crate::domain::device::{DeviceCommand, Field, Origin, Stage, Value};
use crate::domain::event::Kind;
use crate::domain::seen::Seen;
use crate::journal::notes::Note;
use crate::journal::{AggregateRef, Entry, VersionVector};
use crate::store::{
    Carrier, ExportPlan, FoldError, IfAbsent, ImportBy, MAX_BUNDLE, Past, Projector, Rows, Store,
    StoreOptions,
};

/// The release before this one, which did not know events of this kind.
struct Before {
    unknown: u16,
}

impl Before {
    fn as_read_then(&self, entry: &Entry) -> Entry {
        let mut entry = entry.clone();
        for event in &mut entry.events {
            if event.kind == self.unknown {
                event.kind = u16::MAX;
            }
        }
        entry
    }
}

impl Projector for Before {
    fn version(&self) -> u32 {
        rows::VERSION - 1
    }

    fn fold(
        &self,
        entry: &Entry,
        seen: &Seen,
        later: &BTreeSet<AggregateRef>,
        out: &mut Rows,
    ) -> Result<(), FoldError> {
        Views.fold(&self.as_read_then(entry), seen, later, out)
    }

    fn refold(&self, thing: &AggregateRef, past: &[Past], out: &mut Rows) -> Result<(), FoldError> {
        let past: Vec<Past> = past
            .iter()
            .map(|(entry, seen)| (Arc::new(self.as_read_then(entry)), seen.clone()))
            .collect();
        Views.refold(thing, &past, out)
    }
}

fn new_store(shop: &str) -> NewStore {
    NewStore {
        seed: None,
        shop: shop.to_owned(),
        prefix: shop.to_owned(),
        zone: "UTC".to_owned(),
        demo: false,
    }
}

fn opened(dir: &Path, projector: Arc<dyn Projector>) -> Store {
    let options = StoreOptions {
        if_absent: IfAbsent::Create(new_store("WEST")),
        tuning: Tuning::small(),
        ..StoreOptions::new(dir.join("store"), dir.join("state"), projector)
    };
    Store::open(options).unwrap().0
}

fn bundle_of(store: &Store, folder: &Path) -> Vec<u8> {
    let plan = ExportPlan {
        what: store.lacking(&VersionVector::default()).unwrap(),
        readers: Vec::new(),
        created: Created::default(),
        app: "test".to_owned(),
        limit: MAX_BUNDLE,
        inspection: None,
        folder: folder.join("outgoing"),
    };
    let made = store.export(&plan, &mut |_, _| {}).unwrap();
    std::fs::read(&made[0].path).unwrap()
}

fn take(store: &Store, from: &[&Store], bundle: &[u8]) {
    let by = ImportBy::default();
    for other in from {
        let note = Note::Trusted {
            public_key: other.genesis().public_key,
            name: String::new(),
        };
        store.note(other.site(), &note, &by).unwrap();
    }
    let mut bundle = Bundle::open(Cursor::new(bundle.to_vec()))
        .unwrap()
        .verify(&mut |_| ControlFlow::Continue(()))
        .unwrap();
    let mut carriers: Vec<&mut dyn Carrier> = vec![&mut bundle];
    let arrival = store.import(&mut carriers, &by, &mut |_, _| {}).unwrap();
    assert!(arrival.waiting.is_empty(), "{:?}", arrival.waiting);
}

fn unread(store: &Store) -> usize {
    let all = store.scan(
        rows::NEWER,
        &[],
        None,
        usize::MAX,
        crate::store::Direction::Up,
    );
    all.unwrap().len()
}

#[test]
fn records_of_a_newer_version_are_kept_passed_on_and_read_after_an_upgrade() {
    let dir = tempfile::tempdir().unwrap();
    let folder = |name: &str| dir.path().join(name);
    let (east, _) = Bench::open(BenchOptions {
        dir: folder("east").join("store"),
        state_dir: folder("east").join("state"),
        user: "jd".to_owned(),
        new: Some(new_store("EAST")),
        clock: Clock::System,
        progress: None,
        tuning: Tuning::small(),
    })
    .unwrap();
    let east = Arc::new(east);
    let session = Session::new(Arc::clone(&east), "jd");
    let add = DeviceCommand::Add {
        fields: vec![(Field::AssetTag, Value::Text("BME-1".to_owned()))],
        stage: Stage::Received,
        origin: Origin::Entered,
    };
    let made = session.tell(Command::Device(add)).unwrap();
    let device = made.made(Kind::Device).unwrap().what.id;
    for n in 0..3 {
        let note = DeviceCommand::Note {
            device,
            text: format!("note {n}"),
        };
        session.tell(Command::Device(note)).unwrap();
    }
    let head = east.store().head();
    let last = east.store().entry(head.site, head.seq).unwrap().unwrap();
    let unknown = last.events[0].kind;

    let before = || Arc::new(Before { unknown });
    let west = opened(&folder("west"), before());
    take(&west, &[east.store()], &bundle_of(east.store(), dir.path()));
    let state = |store: &Store| store.get(rows::state_family(Kind::Device), &device.key());
    assert_ne!(state(&west).unwrap(), state(east.store()).unwrap());
    assert_eq!(unread(&west), 3, "each is counted");
    assert_eq!(
        west.entry(head.site, head.seq).unwrap().unwrap(),
        last,
        "and kept as it was written"
    );
    // Passed on by a shop that cannot read them.
    let newcomer = opened(&folder("newcomer"), Arc::new(Views));
    take(
        &newcomer,
        &[&west, east.store()],
        &bundle_of(&west, dir.path()),
    );
    assert_eq!(unread(&newcomer), 0);
    assert_eq!(newcomer.entry(head.site, head.seq).unwrap().unwrap(), last);
    // The upgrade.
    drop(west);
    let west = opened(&folder("west"), Arc::new(Views));
    assert_eq!(unread(&west), 0);
    for store in [&west, &newcomer] {
        assert_eq!(state(store).unwrap(), state(east.store()).unwrap());
    }
    assert!(west.verify().unwrap().ok);
}
