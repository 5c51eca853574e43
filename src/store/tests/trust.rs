//! What is not taken in, and why; and what shows that two machines use one name.

use super::exchange::{Shop, by, meet, shops, verified};
use super::*;
use crate::bundle::{Created, Recipient};
use crate::journal::VersionVector;
use crate::journal::notes::Note;
use crate::store::vfs::FaultFs;

fn whys(arrival: &Arrival) -> Vec<Why> {
    arrival.waiting.iter().map(|w| w.why.clone()).collect()
}

fn all(shop: &Shop) -> Vec<Vec<u8>> {
    shop.bundles(&VersionVector::default())
}

fn part(shop: &Shop, from: u64, to: u64) -> Vec<Vec<u8>> {
    let site = shop.store.site();
    shop.bundles_of(vec![Stretch { site, from, to }])
}

fn held(shop: &Shop) -> usize {
    names(&shop.bench.store_dir().join("held")).len()
}

#[test]
fn an_unknown_site_waits_until_it_is_trusted() {
    let (mut one, other) = (Shop::new(0), Shop::new(0));
    one.work(1, 5);
    let arrival = other.take(&all(&one)).unwrap();
    assert_eq!(arrival.entries, 0);
    assert_eq!(whys(&arrival), [Why::Unknown]);
    assert_eq!(held(&other), 1);
    // The same bundle again waits once.
    other.take(&all(&one)).unwrap();
    assert_eq!(held(&other), 1);
    let listed = other.store.preview(&mut [], WALL).unwrap();
    assert_eq!(whys(&listed), [Why::Unknown]);
    assert_eq!(listed.sites[&one.store.site()].shop, "Biomed");
    other.trust(&one);
    let arrival = other.take(&[]).unwrap();
    assert_eq!(arrival.entries, one.store.head().seq);
    assert_eq!(held(&other), 0);
}

#[test]
fn a_gap_waits_until_it_is_filled_whatever_comes_first() {
    let mut shops = shops(&[0, 0]);
    for at in 0..10 {
        shops[0].work(1, at);
    }
    let last = shops[0].store.head().seq;
    let arrival = shops[1].take(&part(&shops[0], 7, last)).unwrap();
    assert_eq!(whys(&arrival), [Why::Gap { from: 1, to: 6 }]);
    let arrival = shops[1].take(&part(&shops[0], 4, 6)).unwrap();
    assert_eq!(
        whys(&arrival),
        [Why::Gap { from: 1, to: 3 }, Why::Gap { from: 1, to: 3 }]
    );
    assert_eq!((arrival.entries, held(&shops[1])), (0, 2));
    let arrival = shops[1].take(&part(&shops[0], 1, 3)).unwrap();
    assert_eq!(arrival.entries, last);
    assert_eq!((arrival.waiting.len(), held(&shops[1])), (0, 0));
}

#[test]
fn what_builds_on_a_stranger_waits_for_the_stranger() {
    let mut shops = shops(&[0, 0]);
    let mut third = Shop::new(0);
    shops[0].trust(&third);
    third.work(1, 5);
    third.tells(&shops[0]);
    shops[0].work(1, 10);
    // The second shop trusts the first, but has never heard of the third.
    let arrival = shops[0].tells(&shops[1]);
    let stranger = third.store.site();
    let needs = |why: &Why| matches!(why, Why::Needs { site, .. } if *site == stranger);
    assert!(whys(&arrival).iter().any(needs), "{:?}", arrival.waiting);
    assert!(whys(&arrival).contains(&Why::Unknown));
    shops[1].trust(&third);
    let arrival = shops[1].take(&[]).unwrap();
    assert!(arrival.waiting.is_empty(), "{:?}", arrival.waiting);
    let digest = |shop: &Shop| shop.store.digest().unwrap().state;
    assert_eq!(digest(&shops[0]), digest(&shops[1]));
}

#[test]
fn a_revoked_site_keeps_its_old_work_and_adds_none() {
    let mut shops = shops(&[0, 0, 0]);
    shops[0].work(1, 5);
    meet(&shops);
    let site = shops[0].store.site();
    let known = shops[1].store.vector().get(site);
    let note = Note::Revoked {
        after: known,
        reason: "laptop stolen".to_owned(),
    };
    shops[1].store.note(site, &note, &by(WALL)).unwrap();
    shops[0].work(1, 10);
    let arrival = shops[0].tells(&shops[1]);
    assert_eq!(whys(&arrival), [Why::Revoked { after: known }]);
    assert_eq!(held(&shops[1]), 0, "what is refused is not kept");
    assert_eq!(shops[1].store.vector().get(site), known);
    // The revocation travels to those who trust the shop that made it.
    shops[1].tells(&shops[2]);
    let arrival = shops[0].tells(&shops[2]);
    assert_eq!(whys(&arrival), [Why::Revoked { after: known }]);
    // A stranger's revocation means nothing, and nobody can revoke the shop itself.
    let stranger = Shop::new(0);
    let us = shops[2].store.site();
    let note = Note::Revoked {
        after: 0,
        reason: "nonsense".to_owned(),
    };
    stranger.store.note(us, &note, &by(WALL)).unwrap();
    stranger.tells(&shops[2]);
    assert_eq!(shops[2].store.notes().unwrap().trust(us), Trust::Own);
}

/// A copy of a shop's store and of what is kept outside it.
fn copy_of(shop: &Shop) -> Bench {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap().flatten() {
            let to = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy(&entry.path(), &to);
            } else {
                std::fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    let bench = Bench::new();
    copy(shop.bench.dir.path(), bench.dir.path());
    remove_rows(&bench);
    bench
}

fn opened(bench: Bench) -> Shop {
    let mut shop = Shop::new(0);
    let fresh = std::mem::replace(&mut shop.bench, bench);
    let (store, _) = shop.bench.open();
    drop(std::mem::replace(&mut shop.store, store));
    drop(fresh);
    shop
}

#[test]
fn two_machines_under_one_name_are_a_fork_and_both_versions_are_kept() {
    let mut shops = shops(&[0, 0]);
    shops[0].work(1, 5);
    meet(&shops);
    let mut twin = opened(copy_of(&shops[0]));
    assert_eq!(twin.store.site(), shops[0].store.site());
    shops[0].work(1, 10);
    twin.work(2, 11);
    twin.work(2, 12);
    shops[0].tells(&shops[1]);
    let before = shops[1].store.digest().unwrap();
    let arrival = shops[1].take(&all(&twin)).unwrap();
    let [fork] = arrival.forks.as_slice() else {
        panic!("{:?}", arrival.forks);
    };
    assert_eq!(fork.site, twin.store.site());
    assert_ne!(fork.kept, fork.other);
    assert!(matches!(whys(&arrival)[..], [Why::Fork { seq }] if seq == fork.seq));
    let kept = names(&shops[1].bench.store_dir().join("forks"));
    assert_eq!(kept.len(), 1);
    assert_eq!(shops[1].store.digest().unwrap(), before);
    // It is said once, and stays on record.
    let again = shops[1].take(&all(&twin)).unwrap();
    assert!(again.forks.is_empty());
    let notes = shops[1].store.notes().unwrap();
    assert!(notes.knows_fork(fork.site, fork.seq, fork.other));
}

#[test]
fn a_store_that_was_set_back_learns_it_from_a_bundle_and_goes_on_under_another_name() {
    let mut shops = shops(&[0, 0]);
    shops[0].work(1, 5);
    meet(&shops);
    let old = copy_of(&shops[0]);
    shops[0].work(1, 10);
    shops[0].work(2, 11);
    shops[0].tells(&shops[1]);
    // The disk of yesterday comes back, with what was kept outside the store.
    let mut back = opened(old);
    let site = back.store.site();
    back.work(3, 12);
    let bundle = all(&shops[1]);
    let error = back.take(&bundle).unwrap_err();
    assert!(matches!(error, StoreError::SetBack { .. }), "{error}");
    assert!(back.store.append(draft(1, b"no")).is_err());
    assert!(back.store.is_down().is_some());
    back.again();
    let genesis = back.store.genesis();
    assert_ne!(back.store.site(), site);
    assert_eq!(genesis.continues.unwrap().site, site);
    assert_eq!(genesis.prefix, "SHOPR2");
    // What was written in both lives is kept; the other life's records are the fork.
    let arrival = back.take(&bundle).unwrap();
    assert!(!arrival.forks.is_empty());
    back.work(4, 20);
    assert!(back.store.verify().unwrap().ok);
}

#[test]
fn lost_records_come_back_from_others() {
    let mut shops = shops(&[0, 0]);
    shops[0].work(1, 5);
    meet(&shops);
    let old = copy_of(&shops[0]);
    shops[0].work(1, 10);
    shops[0].tells(&shops[1]);
    let lost = shops[0].store.head().seq;
    let mut back = opened(old);
    let site = back.store.site();
    let bundle = all(&shops[1]);
    assert!(back.take(&bundle).is_err());
    back.again();
    let arrival = back.take(&bundle).unwrap();
    assert_eq!(arrival.taken[&site].1, lost);
    assert!(arrival.forks.is_empty());
    shops[1].trust(&back);
    back.work(1, 20);
    back.tells(&shops[1]);
    let state = |shop: &Shop| shop.store.digest().unwrap();
    assert_eq!(state(&back), state(&shops[1]));
    let digest = state(&back);
    remove_rows(&back.bench);
    back.again();
    assert_eq!(state(&back), digest);
}

#[test]
fn a_clock_years_ahead_is_said_and_not_followed() {
    const YEARS: i64 = 3 * 365 * 86_400_000_000;
    let mut shops = shops(&[YEARS, 0]);
    shops[0].work(1, 5);
    let arrival = shops[0].tells(&shops[1]);
    let [ahead] = arrival.ahead.as_slice() else {
        panic!("{:?}", arrival.ahead);
    };
    assert!(ahead.ahead_ms / 86_400_000 >= 3 * 365 - 1);
    let notes = shops[1].store.notes().unwrap();
    let noted = notes.about(shops[0].store.site());
    assert!(noted.iter().any(|n| matches!(n.note, Note::Ahead { .. })));
    // Work that was done with knowledge of it comes after it all the same, under the right time.
    shops[1].work(1, 10);
    let (head, entry) = {
        let store = &shops[1].store;
        let head = store.head();
        (head, store.entry(head.site, head.seq).unwrap().unwrap())
    };
    assert!(entry.hybrid.millis() * 1000 < (WALL + 3_600_000_000) as u64);
    let last = shops[1].store.entries_of(&thing(1), 0, 10).unwrap();
    assert_eq!(last.last().unwrap().hash, head.hash);
    shops[1].tells(&shops[0]);
    assert_eq!(
        shops[0].store.digest().unwrap(),
        shops[1].store.digest().unwrap()
    );
}

#[test]
fn practice_and_real_records_do_not_mix() {
    let real = Shop::new(0);
    let bench = Bench::new();
    let mut options = bench.options();
    options.if_absent = IfAbsent::Create(NewStore {
        seed: Some([7; 32]),
        shop: "Demo".to_owned(),
        prefix: "DEMO".to_owned(),
        zone: "UTC".to_owned(),
        demo: true,
    });
    let (store, _) = Store::open(options).unwrap();
    let mut practice = Shop::new(0);
    practice.store = store;
    practice.bench = bench;
    let error = real.take(&all(&practice)).unwrap_err();
    assert!(matches!(error, StoreError::Practice(_)), "{error}");
    let error = practice.take(&all(&real)).unwrap_err();
    assert!(matches!(error, StoreError::Practice(_)), "{error}");
    assert_eq!(held(&real) + held(&practice), 0);
}

#[test]
fn an_encrypted_bundle_is_read_by_those_it_is_for() {
    let mut shops = shops(&[0, 0, 0]);
    shops[0].work(1, 5);
    let what = shops[0].store.lacking(&VersionVector::default()).unwrap();
    let reader = Recipient::of_site(&shops[1].store.genesis().public_key).unwrap();
    let plan = ExportPlan {
        what,
        readers: vec![reader],
        created: Created::default(),
        app: "test".to_owned(),
        limit: MAX_BUNDLE,
        inspection: None,
        folder: shops[0].bench.dir.path().join("outgoing"),
    };
    let made = shops[0].store.export(&plan, &mut |_, _| {}).unwrap();
    let open = |shop: &Shop| {
        let file = std::fs::File::open(&made[0].path).unwrap();
        shop.store
            .open_bundle(file, &mut |_| std::ops::ControlFlow::Continue(()))
    };
    let mut bundle = open(&shops[1]).unwrap();
    let arrival = shops[1]
        .store
        .import(&mut [&mut bundle], &by(WALL), &mut |_, _| {})
        .unwrap();
    assert!(arrival.entries > 0);
    let Err(error) = open(&shops[2]) else {
        panic!("a third shop could read it");
    };
    assert!(error.to_string().contains("encrypted for"), "{error}");
}

/// A shop on a disk that can lose power, that knows another one.
fn on_bad_disk(fs: &FaultFs, other: &Shop) -> Shop {
    let mut shop = Shop::new(0);
    let bench = Bench::with(Arc::new(fs.clone()));
    let (store, _) = bench.open();
    shop.store = store;
    shop.bench = bench;
    shop.work(1, 1);
    shop.trust(other);
    shop
}

#[test]
fn a_power_cut_in_the_middle_of_an_import_leaves_all_or_nothing() {
    let mut other = Shop::new(0);
    for at in 0..60 {
        other.work((at % 5) as u8, at);
    }
    let bundle = all(&other);
    let (mut none, mut whole) = (0, 0);
    for stop in 0..40u64 {
        let fs = FaultFs::new(stop);
        let mut shop = on_bad_disk(&fs, &other);
        let before = shop.store.digest().unwrap();
        fs.stop_after(stop);
        let told = shop.take(&bundle);
        fs.power_cut();
        shop.again();
        let site = other.store.site();
        let known = shop.store.vector().get(site);
        if known == 0 {
            assert!(told.is_err(), "what was acknowledged is gone (stop {stop})");
            assert_eq!(shop.store.digest().unwrap(), before, "stop {stop}");
            none += 1;
        } else {
            assert_eq!(known, other.store.head().seq, "half of it (stop {stop})");
            whole += 1;
        }
        let arrival = shop.take(&bundle).unwrap();
        assert_eq!(arrival.entries > 0, known == 0, "stop {stop}");
        assert_eq!(shop.store.vector().get(site), other.store.head().seq);
        assert!(shop.store.verify().unwrap().ok, "stop {stop}");
    }
    assert!(none > 3 && whole > 3, "{none} {whole}");
}

#[test]
fn damaged_records_of_others_are_restored_from_the_working_copy() {
    let mut shops = shops(&[0, 0]);
    for at in 0..20 {
        shops[0].work((at % 3) as u8, at);
    }
    shops[0].tells(&shops[1]);
    let digest = shops[1].store.digest().unwrap();
    let journal = shops[1].bench.store_dir().join("journal");
    let file = names(&journal)
        .into_iter()
        .find(|name| name.starts_with("bulk-"))
        .unwrap();
    let path = journal.join(file);
    let whole = std::fs::read(&path).unwrap();
    for at in [40, whole.len() / 2, whole.len() - 10] {
        let mut damaged = std::fs::read(&path).unwrap();
        damaged[at] ^= 0x55;
        std::fs::write(&path, damaged).unwrap();
        shops[1].again();
        assert!(shops[1].store.read_only().is_none(), "at {at}");
        assert_eq!(shops[1].store.digest().unwrap(), digest, "at {at}");
    }
    // Without the working copy the loss is named, and nothing is written before somebody has looked.
    let mut damaged = std::fs::read(&path).unwrap();
    let end = damaged.len() - 10;
    damaged[end] ^= 0x55;
    std::fs::write(&path, damaged).unwrap();
    let fresh = std::mem::replace(&mut shops[1].bench, Bench::new());
    let (store, _) = shops[1].bench.open();
    drop(std::mem::replace(&mut shops[1].store, store));
    remove_rows(&fresh);
    let (store, notices) = fresh.open();
    assert!(store.read_only().is_some());
    let named = notices
        .iter()
        .any(|notice| notice.to_string().contains(&shops[0].store.site().short()));
    assert!(named, "{notices:?}");
}

#[test]
fn a_bundle_that_lies_about_a_third_shop_is_refused_for_it() {
    let mut shops = shops(&[0, 0, 0]);
    shops[0].work(1, 5);
    shops[0].tells(&shops[1]);
    let site = shops[0].store.site();
    // Without the head that the third shop signed there is only the author's word.
    let last = shops[0].store.head().seq;
    let what = vec![Stretch {
        site,
        from: 1,
        to: last,
    }];
    let relayed = shops[1].bundles_of(what);
    assert!(!verified(&relayed[0]).report().ranges.is_empty());
    let arrival = shops[2].take(&relayed).unwrap();
    assert_eq!(
        arrival.taken[&site],
        (1, last),
        "signed for by its own site"
    );
    let beyond = Stretch {
        site,
        from: 1,
        to: last - 1,
    };
    let newcomer = Shop::new(0);
    newcomer.trust(&shops[0]);
    let short = shops[1].bundles_of(vec![beyond]);
    let arrival = newcomer.take(&short).unwrap();
    assert_eq!(whys(&arrival), [Why::Unsigned]);
}
