//! What a place where bundles meet needs of the store: statements signed with the site's key, and which entries can leave
//! in a bundle of any choice.
//!
//! Invariants: the key never leaves the store; of another site only runs that end where it signed leave, so that nobody
//! has to take the word of whoever passes them on.

use crate::domain::id::{Hash, SiteId};
use crate::journal::{Head, SiteKey};

use super::Store;
use super::error::StoreError;
use super::export::Stretch;

impl Store {
    /// What this makes with the site's key.
    pub fn signed<T>(&self, sign: impl FnOnce(&SiteKey) -> T) -> Result<T, StoreError> {
        match &self.inner.key {
            Some(key) => Ok(sign(key)),
            None => Err(StoreError::ReadOnly {
                reason: "the private key of this store's site is missing; open the store again"
                    .to_owned(),
            }),
        }
    }

    /// Of these entries what can be passed on: own ones as they are; others' up to where their site signed, which may be a
    /// little more than was asked for. Nothing if that is only notes about the exchange itself.
    pub fn passable(&self, wanted: &[Stretch]) -> Result<Vec<Stretch>, StoreError> {
        let notes = self.inner.notes()?;
        let chains = self.inner.chains();
        let own = self.site();
        let mut out: Vec<Stretch> = Vec::new();
        let mut sorted = wanted.to_vec();
        sorted.sort_by_key(|stretch| (stretch.site, stretch.from));
        for mut stretch in sorted {
            let tip = chains.tip(stretch.site).seq;
            stretch.to = stretch.to.min(tip);
            if stretch.site != own {
                stretch.to = match notes.head_from(stretch.site, stretch.to) {
                    Some(head) if head.seq <= tip => head.seq,
                    _ => notes
                        .head_up_to(stretch.site, stretch.to)
                        .map_or(0, |(_, head)| head.seq),
                };
            }
            // What was lengthened may reach into the next one.
            if let Some(last) = out.last()
                && last.site == stretch.site
            {
                stretch.from = stretch.from.max(last.to + 1);
            }
            if stretch.from <= stretch.to {
                out.push(stretch);
            }
        }
        let mut news = false;
        for stretch in &out {
            news = news || self.has_news(stretch)?;
        }
        Ok(if news { out } else { Vec::new() })
    }

    /// How many entries the own site wrote after this one; none if all of them are notes about the exchange itself.
    pub fn news_after(&self, seq: u64) -> Result<u64, StoreError> {
        let stretch = Stretch {
            site: self.site(),
            from: seq + 1,
            to: self.inner.chains().tip(self.site()).seq,
        };
        if stretch.from > stretch.to || !self.has_news(&stretch)? {
            return Ok(0);
        }
        Ok(stretch.count())
    }

    /// Whether another entry than this one is here under the same number.
    pub fn has_another(&self, site: SiteId, seq: u64, hash: Hash) -> Result<bool, StoreError> {
        let entry = self.entry(site, seq)?;
        Ok(entry.is_some_and(|entry| entry.hash != hash))
    }

    /// A bundle that the own site signed says that this entry is its. If it is not here, the store was set back or copied:
    /// from now on nothing is written under this site's name.
    pub fn wrote(&self, seq: u64, hash: Hash) -> Result<(), StoreError> {
        let mut writer = self.write();
        let (own, wall_us) = (writer.state.site, writer.state.wall_us);
        let head = self.signed(|key| Head::sign(key, seq, hash, wall_us))?;
        writer.must_have_written(own, &head)
    }
}
