//! Which site writes here: a new one for a new store, the same one as last time, or one that continues it.
//!
//! Invariants: a sequence is never used twice. After a rollback, a restored backup or a cloned disk nobody can know
//! which sequences the old site used, so a new site is begun whose Genesis names the old one; the old site never
//! writes again. The new site's number prefix differs, so a number on paper is never given out twice.

use std::sync::PoisonError;

use crate::domain::id::CommandId;
use crate::journal::chain::Tip;
use crate::journal::notes::Note;
use crate::journal::system::{Continues, Genesis, Merge};
use crate::journal::{SiteKey, VersionVector};

use super::error::{Notice, StoreError};
use super::options::{IfAbsent, StoreOptions};
use super::writer::{Draft, Writer};
use super::{Inner, heads, keyfile};

/// How the writing goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// There is no site yet.
    New,
    /// The site goes on unless something speaks against it.
    GoOn,
    /// A loss was just accepted: a new site goes on.
    AfterLoss,
}

/// Begins a site if there is none, or a continuing one if the old one may not go on.
pub fn settle(
    inner: &mut Inner,
    options: &StoreOptions,
    start: Start,
    notices: &mut Vec<Notice>,
) -> Result<(), StoreError> {
    if inner.read_only().is_some() {
        return Ok(());
    }
    if start == Start::New {
        let IfAbsent::Create(new) = &options.if_absent else {
            return Err(StoreError::Absent(inner.layout.dir.clone()));
        };
        refuse_if_emptied(inner)?;
        let key = keyfile::mint(new.seed)?;
        let genesis = Genesis {
            public_key: key.public(),
            shop: new.shop.clone(),
            prefix: new.prefix.clone(),
            zone: new.zone.clone(),
            machine: inner.machine.machine,
            continues: None,
            demo: new.demo,
        };
        begin(inner, genesis, key)?;
        notices.push(Notice::Created {
            site: inner.published().site,
        });
        return Ok(());
    }
    let old = inner.published();
    let copied = inner.layout.copied_from();
    let is_copy = inner.vfs.exists(&copied);
    let head = heads::read(
        inner.vfs.as_ref(),
        &inner.layout,
        old.site,
        &inner.genesis.public_key,
    )
    .filter(|_| !inner.genesis.demo);
    let ahead = head.filter(|head| {
        head.seq > old.tip.seq || (head.seq == old.tip.seq && head.hash != old.tip.hash)
    });
    let elsewhere = heads::elsewhere(
        inner.vfs.as_ref(),
        &inner.layout,
        old.site,
        &inner.genesis.public_key,
    )
    .filter(|_| !inner.genesis.demo);
    let ahead = ahead.or_else(|| elsewhere.clone().filter(|head| head.seq > old.tip.seq));
    let zero = [0; 32];
    let other_machine = !inner.genesis.demo
        && inner.genesis.machine != zero
        && inner.machine.machine != zero
        && inner.genesis.machine != inner.machine.machine;
    let loss = start == Start::AfterLoss;
    let reason = if loss {
        "Lost records were accepted"
    } else if is_copy {
        "This store is a restored backup"
    } else if other_machine {
        "This store was made on another machine: its disk was cloned or moved"
    } else if elsewhere.is_some() {
        "A copy of this store is in use elsewhere under the same name"
    } else if inner.key.is_none() {
        "The private key of this store's site is missing or damaged"
    } else {
        "This store was set back"
    };
    if ahead.is_none()
        && elsewhere.is_none()
        && !loss
        && !is_copy
        && !other_machine
        && inner.key.is_some()
    {
        return Ok(());
    }
    let key = keyfile::mint(None)?;
    let genesis = Genesis {
        public_key: key.public(),
        prefix: next_prefix(&inner.genesis.prefix),
        machine: inner.machine.machine,
        continues: Some(Continues {
            site: old.site,
            seq: old.tip.seq,
            hash: old.tip.hash,
        }),
        ..inner.genesis.clone()
    };
    begin(inner, genesis, key)?;
    if is_copy {
        let _ = inner.vfs.remove(&copied);
        let _ = inner.vfs.sync_dir(&inner.layout.dir);
    }
    let new = inner.published().site;
    notices.push(match ahead {
        Some(head) if !is_copy && !loss => Notice::RolledBack {
            old: old.site,
            have: old.tip.seq,
            seen: head.seq,
            new,
        },
        _ => Notice::Continued {
            old: old.site,
            new,
            reason: reason.to_owned(),
        },
    });
    Ok(())
}

/// An empty journal beside keys whose heads this machine has seen is not a new store: its records were taken away.
fn refuse_if_emptied(inner: &Inner) -> Result<(), StoreError> {
    let keys = inner.layout.keys();
    let names = inner
        .vfs
        .list(&keys)
        .map_err(|e| StoreError::file("could not list", &keys, e))?;
    for name in names {
        let Some(site) = name.strip_suffix(".key") else {
            continue;
        };
        let head = inner.layout.heads().join(format!("{site}.head"));
        if inner.vfs.exists(&head) {
            return Err(StoreError::Damaged {
                place: inner.layout.journal().display().to_string(),
                reason: "it is empty, though records were written there before".to_owned(),
            });
        }
    }
    Ok(())
}

/// The prefix of a continuing site: `SHOP` becomes `SHOPR2`, then `SHOPR3`.
pub fn next_prefix(prefix: &str) -> String {
    if let Some((stem, count)) = prefix.rsplit_once('R')
        && let Ok(count) = count.parse::<u32>()
    {
        return format!("{stem}R{}", count.saturating_add(1));
    }
    format!("{prefix}R2")
}

/// Writes the key, then the Genesis: a crash in between leaves an unused key, never a site without one.
fn begin(inner: &mut Inner, genesis: Genesis, key: SiteKey) -> Result<(), StoreError> {
    keyfile::write(inner.vfs.as_ref(), &inner.layout, &key)?;
    // The names of new folders must last as long as what is in them.
    for folder in [Some(inner.layout.dir.as_path()), inner.layout.dir.parent()]
        .into_iter()
        .flatten()
    {
        let _ = inner.vfs.sync_dir(folder);
    }
    let site = key.site();
    // What the sites that wrote here before knew, this one knows too.
    let seen: VersionVector = inner.chains().vector();
    let after = Writer::of(inner).latest_here()?;
    let mut events = vec![genesis.to_record(site)?];
    if !seen.is_empty() {
        events.push(Merge { seen, after }.to_record(site)?);
        // With its last head the old site's entries can be passed on.
        let old = inner.published();
        if let Some((public_key, head)) = inner.last_head(old.site, old.tip, old.wall_us) {
            let note = Note::Witnessed { public_key, head };
            events.push(note.to_record(old.site)?);
        }
    }
    let before = {
        let state = inner
            .write
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let before = (state.site, state.tip);
        state.site = site;
        state.tip = Tip::default();
        before
    };
    let draft = Draft {
        command: CommandId::default(),
        actor: String::new(),
        peer_uid: u32::MAX,
        wall_us: inner.machine.wall_us,
        offset_minutes: inner.machine.offset_minutes,
        events,
    };
    let mut writer = Writer::of(inner);
    let result = writer
        .may_write()
        .and_then(|()| writer.stage_as(draft, true))
        .and_then(|_| writer.commit());
    drop(writer);
    if let Err(error) = result {
        let state = inner
            .write
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        (state.site, state.tip) = before;
        return Err(error);
    }
    inner.genesis = genesis;
    inner.key = Some(key);
    inner.sites.insert(site);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_count_up() {
        for (old, new) in [
            ("SHOP", "SHOPR2"),
            ("SHOPR2", "SHOPR3"),
            ("CAR", "CARR2"),
            ("", "R2"),
        ] {
            assert_eq!(next_prefix(old), new);
        }
    }
}
