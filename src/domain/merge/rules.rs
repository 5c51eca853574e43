//! The one table of rules: which fact follows which rule, in words for people.
//!
//! Invariant: every event of every record stands in exactly one row (a test holds the journal's list of event kinds
//! against it), so that nothing can be added without a rule.

/// What becomes of a fact that several shops wrote without knowing of each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// All are kept.
    Kept,
    /// All values are kept, one is shown with a mark, and a person settles it.
    Shown,
    /// Named one by one: what removes one removes no other.
    Named,
    /// They join, where only one of them can be the later one.
    Joined,
    /// The first one has it, the others are told.
    First,
    /// What ended stays as it is, the rest is kept beside it.
    Ended,
    /// The worse one counts until a person settles it.
    Worse,
    /// Only one shop ever writes it.
    Own,
}

impl Way {
    /// A word or two for a table.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Kept => "all kept",
            Self::Shown => "conflict shown",
            Self::Named => "by name",
            Self::Joined => "joined",
            Self::First => "first has it",
            Self::Ended => "stays ended",
            Self::Worse => "worse counts",
            Self::Own => "one writer",
        }
    }
}

/// One row: a fact, its rule, and the events it is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// The fact, in words.
    pub what: &'static str,
    /// What becomes of it.
    pub way: Way,
    /// The rule as a person reads it.
    pub words: &'static str,
    /// The journal's names of the events that write the fact.
    pub events: &'static [&'static str],
}

/// The rules. Where they speak of two entries, neither writer had seen the other's.
pub const RULES: &[Rule] = &[
    Rule {
        what: "Notes, software seen, proofs of a second person",
        way: Way::Kept,
        words: "All are kept, in order. Nothing is dropped, even if two say the same.",
        events: &[
            "device-noted",
            "device-software-seen",
            "device-witnessed",
            "order-noted",
            "order-addendum",
            "inspection-noted",
            "inspection-acknowledged",
            "inspection-witnessed",
        ],
    },
    Rule {
        what: "Labour, parts, attachments, attempts, company reports, links",
        way: Way::Kept,
        words: "All are kept, also on an order that was closed elsewhere.",
        events: &[
            "order-labour-booked",
            "order-part-used",
            "order-attached",
            "order-tool-used",
            "order-attempted",
            "order-external",
            "order-linked",
        ],
    },
    Rule {
        what: "Device fields, tag and serial",
        way: Way::Shown,
        words: "All values are kept. The later one is shown with a mark; the inbox shows both sides. Equal values are no \
                conflict. A list that two shops loaded is one list: a device of one make, model, serial and tag is one \
                device, and an edit of what the list said is no conflict with the list. A tag that was not chosen still \
                finds the device.",
        events: &["device-registered", "device-edited", "device-retagged"],
    },
    Rule {
        what: "Device stage and whereabouts",
        way: Way::Shown,
        words: "Both are kept and shown in the inbox. Until somebody settles it the safer one counts: a device is in \
                service, or at its location, only if no shop says otherwise.",
        events: &["device-stage-changed", "device-whereabouts-changed"],
    },
    Rule {
        what: "Holds (red tags)",
        way: Way::Named,
        words: "Every hold stays until somebody lifts that very hold. Lifting one never removes a hold that the person \
                had not seen.",
        events: &["device-hold-placed", "device-hold-lifted"],
    },
    Rule {
        what: "Combined records",
        way: Way::Shown,
        words: "A record that was combined into two others shows both; two records that were combined into each other \
                both stand. The inbox asks which one it is.",
        events: &["device-combined", "device-separated", "device-merged-into"],
    },
    Rule {
        what: "Last inspection of a device",
        way: Way::Worse,
        words: "The later day of work counts. Of two inspections of one day the worse result counts until somebody has \
                read both.",
        events: &["device-inspected", "device-serviced"],
    },
    Rule {
        what: "The same order opened twice",
        way: Way::Kept,
        words: "Planned work that two shops opened is one order. The first number stays; the other number finds it too.",
        events: &["order-opened"],
    },
    Rule {
        what: "Priority, due date, problem, check-in of an order",
        way: Way::Shown,
        words: "All values are kept. The later one is shown with a mark; the inbox shows both sides. Once the order has \
                ended, a change that comes in is kept as a line and changes nothing.",
        events: &["order-edited", "order-checked-in"],
    },
    Rule {
        what: "Who has an order",
        way: Way::First,
        words: "The first claim has it. The other technician finds it in the inbox, by name. Giving an order back \
                removes only the claim that was seen.",
        events: &["order-assigned", "order-released"],
    },
    Rule {
        what: "Path of an order",
        way: Way::Joined,
        words: "Steps join where only one can be the later: a claim beside any work, work begun beside work done. \
                Waiting beside working or being done is a conflict; the order stays workable.",
        events: &[
            "order-started",
            "order-held",
            "order-resumed",
            "order-work-done",
        ],
    },
    Rule {
        what: "End of an order",
        way: Way::Ended,
        words: "A closed or cancelled order never changes. Of two closings the first counts, the other is shown beside \
                it. Closed beside cancelled is closed. The inbox tells of both.",
        events: &["order-closed", "order-cancelled"],
    },
    Rule {
        what: "Answers and repairs on the spot in one inspection",
        way: Way::Worse,
        words: "All readings are kept. Of two answers to one step the worse counts until somebody says which; a failed \
                safety step is never chosen away. A failure is put right only by somebody who had seen it.",
        events: &[
            "inspection-answered",
            "inspection-fixed",
            "inspection-repair-opened",
            "inspection-answer-chosen",
            "inspection-suspected",
            "inspection-tool-chosen",
            "inspection-timer-started",
            "inspection-deferred",
        ],
    },
    Rule {
        what: "Who has an inspection, and on which device it is",
        way: Way::First,
        words: "The first hand-over counts and the other technician is told. An inspection that was moved to two devices \
                is shown in the inbox.",
        events: &[
            "inspection-started",
            "inspection-handed-over",
            "inspection-moved",
        ],
    },
    Rule {
        what: "End of an inspection",
        way: Way::Ended,
        words: "Two inspections of the same order are both kept and both count as history; the order says which one \
                closed it. Of two first signatures the graver result counts. Signed beside void is signed. The inbox \
                tells of both.",
        events: &["inspection-signed", "inspection-voided"],
    },
    Rule {
        what: "News that somebody has read",
        way: Way::Kept,
        words: "Whoever settles a notice settles it for all shops.",
        events: &[
            "device-notice-read",
            "order-notice-read",
            "inspection-notice-read",
        ],
    },
    Rule {
        what: "Names, credentials and standing of technicians",
        way: Way::Shown,
        words: "All values are kept and shown in the inbox. Until it is settled the safer one counts: who has left in \
                one shop may not act, and the credential that ends sooner counts.",
        events: &[
            "technician-named",
            "technician-credential-added",
            "technician-left",
        ],
    },
    Rule {
        what: "Signing keys and accounts of technicians",
        way: Way::Named,
        words: "Each is added, revoked or taken away by name.",
        events: &[
            "technician-key-enrolled",
            "technician-key-revoked",
            "technician-account-linked",
            "technician-account-unlinked",
        ],
    },
    Rule {
        what: "Description of test equipment, in use or withdrawn",
        way: Way::Shown,
        words: "All values are kept and shown in the inbox. Until it is settled a tool that one shop withdrew is \
                withdrawn.",
        events: &["tool-described", "tool-withdrawn"],
    },
    Rule {
        what: "Calibrations, good checks and failures of test equipment",
        way: Way::Kept,
        words: "All are kept.",
        events: &["tool-calibrated", "tool-checked-good", "tool-failed"],
    },
    Rule {
        what: "Procedure versions",
        way: Way::Kept,
        words: "A version is named by its content and never changes. Adoptions are all kept; a version that one shop \
                withdrew is withdrawn.",
        events: &[
            "procedure-imported",
            "procedure-frozen",
            "procedure-adopted",
            "procedure-withdrawn",
        ],
    },
    Rule {
        what: "Published model records",
        way: Way::Shown,
        words: "If two shops imported different records of one model, both are kept and the inbox shows them.",
        events: &["model-published"],
    },
    Rule {
        what: "Name, prefix and zone of a shop, column maps",
        way: Way::Own,
        words: "Only the shop itself writes them.",
        events: &[
            "shop-renamed",
            "shop-prefix-changed",
            "shop-zone-changed",
            "shop-column-map-saved",
        ],
    },
];
