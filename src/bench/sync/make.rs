//! Bundles that go out.

use super::super::failure::Failure;
use super::super::link::Step;
use super::super::service::Bench;
use super::desk::Desk;
use super::sheets::{MadeFile, TakenLine};
use super::sites::Names;
use super::{ExportAsk, Scope};
use crate::bundle::{Created, Recipient};
use crate::domain::refusal::Refusal;
use crate::journal::VersionVector;
use crate::store::{ExportPlan, MAX_BUNDLE};

impl Bench {
    /// Makes bundles for a session.
    pub fn export_bundles(
        &self,
        desk: &mut Desk,
        ask: &ExportAsk,
        hear: &mut dyn FnMut(Step),
    ) -> Result<Vec<MadeFile>, Failure> {
        let store = self.store();
        store.check_room()?;
        let what = match &ask.scope {
            Scope::All => store.lacking(&VersionVector::default())?,
            Scope::For(site) => store.lacking(&store.known_to(*site)?)?,
            Scope::Receipt(site) => store.receipt_for(*site)?,
            Scope::Since(us) => store.since(*us)?,
            Scope::Inspection(id) => self.signoff(*id)?,
        };
        let names = Names::here(self)?;
        let notes = store.notes()?;
        let mut readers = Vec::new();
        for site in &ask.readers {
            let key = names.key(*site).or_else(|| notes.key(*site));
            let Some(reader) = key.and_then(|key| Recipient::of_site(&key)) else {
                return Err(Refusal::not_found(
                    format!("The key of {} is not known here.", names.of_site(*site)),
                    "Import a bundle of that site first. Nothing was written.",
                )
                .into());
            };
            readers.push(reader);
        }
        let now = self.clock().now(self.zone());
        let plan = ExportPlan {
            what,
            readers,
            created: Created {
                wall_us: now.micros,
                offset_minutes: now.offset,
                ..Created::default()
            },
            app: env!("CARGO_PKG_VERSION").to_owned(),
            limit: if ask.limit == 0 {
                MAX_BUNDLE
            } else {
                ask.limit.min(MAX_BUNDLE)
            },
            inspection: match &ask.scope {
                Scope::Inspection(id) => Some(*id),
                _ => None,
            },
            folder: desk.folder(self.dir())?.join("made"),
        };
        desk.made.clear();
        if plan.what.is_empty() {
            return Ok(Vec::new());
        }
        let made = store.export(&plan, &mut |done, total| {
            hear(Step {
                doing: "writing the bundle".to_owned(),
                done,
                total: Some(total),
            });
        })?;
        let files = made
            .iter()
            .map(|one| MadeFile {
                name: one.written.name().to_string(),
                bytes: one.written.bytes,
                hash: one.written.end.to_string(),
                entries: one.written.header.entries,
                ranges: one
                    .written
                    .header
                    .ranges
                    .iter()
                    .map(|range| TakenLine {
                        site: names.of_site(range.site),
                        from: range.from,
                        to: range.to,
                    })
                    .collect(),
            })
            .collect();
        desk.made = made.into_iter().map(|one| one.path).collect();
        Ok(files)
    }

    /// A piece of a bundle that was made.
    pub fn made_piece(&self, desk: &Desk, part: u32, offset: u64) -> Result<Vec<u8>, Failure> {
        desk.piece(part, offset)
    }
}
