//! Sites: what they are called, whether they are trusted, and what a person says about them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::failure::Failure;
use super::super::link::Step;
use super::super::service::Bench;
use super::SiteAct;
use super::desk::Desk;
use super::sheets::{Arrived, SiteName, SiteSheet};
use crate::domain::id::SiteId;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::identify::spoken;
use crate::journal::notes::Note;
use crate::journal::system::{GENESIS, Genesis};
use crate::store::{Notes, Trust};

/// Longest name that a person gives a site, in characters.
const LONGEST_NAME: usize = 60;

/// What sites are called.
pub(in crate::bench) struct Names {
    notes: Notes,
    /// The first entries of sites that are here, or that bundles carry.
    known: BTreeMap<SiteId, Genesis>,
    authors: BTreeMap<SiteId, String>,
}

impl Names {
    /// With what is here.
    pub fn here(bench: &Bench) -> Result<Self, Failure> {
        Self::of(bench, &BTreeMap::new(), &BTreeMap::new())
    }

    /// With what bundles say beside it.
    pub fn of(
        bench: &Bench,
        authors: &BTreeMap<SiteId, String>,
        arriving: &BTreeMap<SiteId, Genesis>,
    ) -> Result<Self, Failure> {
        let store = bench.store();
        let mut known = arriving.clone();
        for (site, _) in store.tips() {
            known.extend(bench.genesis_of(site)?.map(|genesis| (site, genesis)));
        }
        Ok(Self {
            notes: store.notes()?,
            known,
            authors: authors.clone(),
        })
    }

    /// The name of a site.
    pub fn of_site(&self, site: SiteId) -> SiteName {
        let name = self
            .notes
            .name(site)
            .map(ToOwned::to_owned)
            .or_else(|| self.known.get(&site).map(|genesis| genesis.shop.clone()))
            .or_else(|| self.authors.get(&site).cloned())
            .unwrap_or_default();
        SiteName {
            name,
            short: site.short(),
            id: site.to_string(),
        }
    }

    /// The key of a site, from its first entry.
    pub fn key(&self, site: SiteId) -> Option<[u8; 32]> {
        self.known.get(&site).map(|genesis| genesis.public_key)
    }
}

impl Bench {
    /// What a site is called here, or calls itself; `None` if nobody knows.
    pub(in crate::bench) fn called(&self, site: SiteId) -> Option<String> {
        let notes = self.store().notes().ok()?;
        let given = notes.name(site).map(ToOwned::to_owned);
        given.or_else(|| Some(self.genesis_of(site).ok()??.shop))
    }

    /// What a site's first entry says of it, if that is here and can be read.
    fn genesis_of(&self, site: SiteId) -> Result<Option<Genesis>, Failure> {
        let entry = self.store().entry(site, 1)?;
        let first = entry.and_then(|entry| entry.events.into_iter().find(|e| e.kind == GENESIS));
        Ok(first.and_then(|event| Genesis::from_record(&event).ok()?))
    }

    /// Every site that is known: the own one first, then by name.
    pub fn sites(&self) -> Result<Vec<SiteSheet>, Failure> {
        let store = self.store();
        let waiting = store.preview(&mut [], self.clock().micros())?;
        let names = Names::of(self, &waiting.authors, &waiting.sites)?;
        let mut ids: BTreeSet<SiteId> = store.tips().into_iter().map(|(site, _)| site).collect();
        ids.extend(names.notes.sites());
        ids.extend(waiting.waiting.iter().map(|waiting| waiting.site));
        let mut out = Vec::new();
        for site in ids {
            out.push(self.site_sheet(site, &names)?);
        }
        out.sort_by(|a, b| (!a.current, !a.own, &a.site).cmp(&(!b.current, !b.own, &b.site)));
        Ok(out)
    }

    fn site_sheet(&self, site: SiteId, names: &Names) -> Result<SiteSheet, Failure> {
        let store = self.store();
        let last = store.vector().get(site);
        let trust = names.notes.trust(site);
        let about = names.notes.about(site);
        let genesis = names.known.get(&site);
        let lacks = if matches!(trust, Trust::Trusted) {
            let known = store.known_to(site)?;
            store
                .lacking(&known)?
                .iter()
                .map(|stretch| stretch.to - stretch.from + 1)
                .sum()
        } else {
            0
        };
        let mut forks: Vec<u64> = about
            .iter()
            .filter_map(|noted| match noted.note {
                Note::Forked { seq, .. } => Some(seq),
                _ => None,
            })
            .collect();
        forks.sort_unstable();
        forks.dedup();
        Ok(SiteSheet {
            site: names.of_site(site),
            shop: genesis.map(|g| g.shop.clone()).unwrap_or_default(),
            prefix: genesis.map(|g| g.prefix.clone()).unwrap_or_default(),
            own: trust == Trust::Own,
            current: site == store.site(),
            trust: match trust {
                Trust::Own => "own",
                Trust::Trusted => "trusted",
                Trust::Unknown => "unknown",
                Trust::Revoked { .. } => "revoked",
            }
            .to_owned(),
            revoked_after: match trust {
                Trust::Revoked { after } => Some(after),
                _ => None,
            },
            revoked_because: about
                .iter()
                .find_map(|noted| match &noted.note {
                    Note::Revoked { reason, .. } => Some(reason.clone()),
                    _ => None,
                })
                .unwrap_or_default(),
            last,
            last_us: store.entry(site, last)?.map(|entry| entry.wall_us),
            words: spoken::words(&site.0)
                .into_iter()
                .map(ToOwned::to_owned)
                .collect(),
            continues: genesis
                .and_then(|g| g.continues)
                .map(|c| names.of_site(c.site)),
            forks,
            ahead_ms: about
                .iter()
                .filter_map(|noted| match noted.note {
                    Note::Ahead { ahead_ms, seq } => Some((seq, ahead_ms)),
                    _ => None,
                })
                .max()
                .map(|(_, ms)| ms),
            lacks,
        })
    }

    /// The prefix of the shop's numbers.
    pub(super) fn shop_prefix(&self) -> String {
        let id = crate::domain::command::shop_id(self.store().site());
        self.view()
            .shop_state(id)
            .and_then(|shop| shop.prefix.clone())
            .unwrap_or_else(|| self.store().genesis().prefix.clone())
    }

    /// Says something about a site. A trust takes in what waited for it.
    pub fn say_of_site(
        &self,
        actor: &str,
        uid: u32,
        site: SiteId,
        act: &SiteAct,
        hear: &mut dyn FnMut(Step),
    ) -> Result<Option<Arrived>, Failure> {
        let store = self.store();
        let waiting = store.preview(&mut [], self.clock().micros())?;
        let names = Names::of(self, &waiting.authors, &waiting.sites)?;
        let trust = names.notes.trust(site);
        if trust == Trust::Own && !matches!(act, SiteAct::Rename { .. }) {
            return Err(Refusal::rule(
                format!("{} is this shop's own.", names.of_site(site)),
                "It needs no trust and cannot be revoked here. Nothing was changed.",
            )
            .into());
        }
        let note = match act {
            SiteAct::Trust { name } => {
                if let Trust::Revoked { .. } = trust {
                    return Err(Refusal::rule(
                        format!("{} was revoked, and that is never taken back.", names.of_site(site)),
                        "A site that is sound begins anew under another name: ask that shop. Nothing was changed.",
                    )
                    .into());
                }
                let key = names
                    .key(site)
                    .or_else(|| names.notes.key(site))
                    .or_else(|| waiting.keys.get(&site).copied());
                let public_key = key.ok_or_else(|| unknown(&names.of_site(site)))?;
                Note::Trusted {
                    public_key,
                    name: checked(name)?,
                }
            }
            SiteAct::Revoke { reason } => {
                if reason.trim().is_empty() {
                    return Err(Refusal::new(
                        RefusalKind::BadInput,
                        "A revocation needs a reason.",
                        "Say why, like \"laptop stolen\". Nothing was changed.",
                    )
                    .into());
                }
                Note::Revoked {
                    after: store.vector().get(site),
                    reason: reason.trim().to_owned(),
                }
            }
            SiteAct::Rename { name } => Note::Renamed {
                name: checked(name)?,
            },
        };
        store.note(site, &note, &self.by(actor, uid))?;
        self.announce(Vec::new());
        if !matches!(act, SiteAct::Trust { .. }) {
            return Ok(None);
        }
        self.ask_depots_again()?;
        let mut nothing = Desk::default();
        self.import_bundles(&mut nothing, actor, uid, hear)
            .map(Some)
    }
}

fn unknown(site: &SiteName) -> Refusal {
    Refusal::not_found(
        format!("The key of {site} is not known here."),
        "Import a bundle that this site made (`tagout bundle export` there). Nothing was changed.",
    )
}

fn checked(name: &str) -> Result<String, Failure> {
    let name = name.trim();
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(Refusal::new(
            RefusalKind::BadInput,
            format!(
                "A site's name has at most {LONGEST_NAME} characters, and no control characters."
            ),
            "Choose a shorter one. Nothing was changed.",
        )
        .into());
    }
    Ok(name.to_owned())
}
