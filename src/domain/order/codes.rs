//! The code lists of work orders. Outcome codes, work actions and use status follow the public VistA engineering tables;
//! failure causes follow the published evidence-based maintenance list.

use crate::domain::choices::choices;

choices! {
    /// Kind of work.
    OrderKind {
        /// First check of a new device.
        IncomingInspection = 1, "incoming", "incoming inspection";
        /// Scheduled maintenance.
        Pm = 2, "pm", "PM";
        /// Repair.
        Repair = 3, "repair", "repair";
        /// Electrical safety test alone.
        ElectricalSafety = 4, "electrical-safety", "electrical safety";
        /// Installation.
        Installation = 5, "installation", "installation";
        /// Calibration.
        Calibration = 6, "calibration", "calibration";
        /// Modification or upgrade.
        Modification = 7, "modification", "modification or upgrade";
        /// Recall or alert.
        Recall = 8, "recall", "recall or alert";
        /// Cybersecurity work.
        Cyber = 9, "cyber", "cybersecurity";
        /// Incident investigation.
        Incident = 10, "incident", "incident investigation";
        /// Service by a vendor.
        VendorService = 11, "vendor", "vendor service";
        /// Relocation.
        Relocation = 12, "relocation", "relocation";
        /// Disposal.
        Disposal = 13, "disposal", "disposal";
        /// Project.
        Project = 14, "project", "project";
    }
}

impl OrderKind {
    /// Work that comes by schedule and is proved by an inspection: closed by its signature, or by a reviewed report.
    pub const fn is_scheduled(self) -> bool {
        matches!(
            self,
            Self::Pm | Self::IncomingInspection | Self::ElectricalSafety | Self::Calibration
        )
    }

    /// The activity that an order of this kind does when none is named; empty when it has no inspection of its own.
    pub const fn default_activity(self) -> &'static str {
        match self {
            Self::IncomingInspection => "incoming inspection",
            Self::Pm => "annual PM",
            Self::ElectricalSafety => "electrical safety",
            Self::Calibration => "calibration",
            _ => "",
        }
    }
}

choices! {
    /// How urgent.
    Priority {
        /// A patient is at risk now.
        Emergency = 1, "emergency", "emergency";
        /// Today.
        Urgent = 2, "urgent", "urgent";
        /// As scheduled.
        Normal = 3, "normal", "normal";
        /// When there is time.
        Low = 4, "low", "low";
    }
}

choices! {
    /// What an order on hold waits for.
    HoldReason {
        /// Parts.
        Parts = 1, "parts", "awaiting parts";
        /// A vendor.
        Vendor = 2, "vendor", "awaiting vendor";
        /// A purchase order.
        PurchaseOrder = 3, "po", "awaiting PO";
        /// The user.
        User = 4, "user", "awaiting user";
        /// The device is in use.
        InUse = 5, "in-use", "in use";
        /// The device was not found.
        UnableToLocate = 6, "unable-to-locate", "unable to locate";
        /// It must be decontaminated first.
        Decontamination = 7, "decontamination", "awaiting decontamination";
    }
}

choices! {
    /// VistA's PM outcome codes that end an order.
    OutcomeCode {
        /// Passed.
        Passed = 1, "P", "P passed";
        /// Corrective action was taken or requested.
        Corrective = 2, "C", "C corrective action";
        /// Ended undone by escalation with a named approver.
        Escalated = 3, "E", "ended undone, approved";
    }
}

choices! {
    /// VistA's PM codes for tries that did not get the work done.
    AttemptCode {
        /// Deferred.
        Deferred = 1, "D0", "D0 deferred";
        /// Unable to locate.
        UnableToLocate = 2, "D1", "D1 unable to locate";
        /// In use.
        InUse = 3, "D2", "D2 in use";
        /// Out of service or loaned out.
        OutOfService = 4, "D3", "D3 out of service";
    }
}

choices! {
    /// Why something failed (evidence-based maintenance codes).
    FailureCause {
        /// Nothing was wrong.
        None = 1, "none", "no problem found";
        /// Wear that nobody could foresee or prevent.
        Unpreventable = 2, "UPF", "unpreventable failure";
        /// Foreseeable and preventable.
        Preventable = 3, "PPF", "preventable and predictable failure";
        /// Use error, abuse or surroundings.
        UseError = 4, "USE", "use error";
        /// Accessory or disposable.
        Accessory = 5, "ACC", "accessory failure";
        /// Battery before its scheduled change.
        Battery = 6, "BATT", "battery failure";
        /// The network; the device is fine.
        Network = 7, "NET", "network failure";
        /// Caused by service.
        ServiceInduced = 8, "SIF", "service-induced failure";
        /// The fault could not be reproduced.
        CannotDuplicate = 9, "CND", "cannot duplicate";
        /// Repair of a fault found at PM.
        FoundAtPm = 10, "FFPM", "failure found during PM";
        /// The user could have seen it and did not report it.
        Evident = 11, "EF", "evident failure";
        /// About to fail.
        Potential = 12, "PF", "potential failure";
        /// Hidden: only test equipment shows it.
        Hidden = 13, "HF", "hidden failure";
        /// Nobody knows yet.
        Unknown = 14, "unknown", "unknown";
    }
}

choices! {
    /// VistA's work actions.
    WorkAction {
        /// Incoming inspection.
        IncomingInspection = 1, "incoming-inspection", "incoming inspection";
        /// Installation.
        Installation = 2, "installation", "installation";
        /// Preventive maintenance.
        Pm = 3, "pm", "preventive maintenance";
        /// Performance verification.
        Verification = 4, "verification", "performance verification";
        /// Electrical safety.
        ElectricalSafety = 5, "electrical-safety", "electrical safety";
        /// General repair.
        Repair = 6, "repair", "general repair";
        /// Could not duplicate.
        CouldNotDuplicate = 7, "could-not-duplicate", "could not duplicate";
        /// Use error ("operator error" in the table).
        UseError = 8, "use-error", "use error";
        /// Damage or abuse.
        Damage = 9, "damage", "damage or abuse";
        /// Hazard alert.
        HazardAlert = 10, "hazard-alert", "hazard alert";
        /// Modification.
        Modification = 11, "modification", "modification";
        /// Relocation.
        Relocation = 12, "relocation", "relocation";
        /// Removal.
        Removal = 13, "removal", "removal";
        /// Evaluation.
        Evaluation = 14, "evaluation", "evaluation";
        /// In-service given.
        InServiceGiven = 15, "in-service-given", "in-service training given";
        /// In-service received.
        InServiceReceived = 16, "in-service-received", "in-service training received";
        /// Fabrication.
        Fabrication = 17, "fabrication", "fabrication";
        /// Consultation.
        Consultation = 18, "consultation", "consultation";
        /// Contractor assistance.
        Contractor = 19, "contractor", "contractor assistance";
        /// Vendor service.
        VendorService = 20, "vendor-service", "vendor service";
        /// Utility failure.
        UtilityFailure = 21, "utility-failure", "utility failure";
        /// Beyond economical repair.
        BeyondRepair = 22, "beyond-repair", "beyond economical repair";
        /// Project support.
        Project = 23, "project", "project support";
        /// Anything else.
        Miscellaneous = 24, "misc", "miscellaneous";
    }
}

choices! {
    /// What labour was for.
    LabourKind {
        /// Work at the device.
        Active = 1, "active", "active work";
        /// On the way.
        Travel = 2, "travel", "travel";
        /// Waiting.
        Waiting = 3, "waiting", "waiting";
        /// Papers.
        Administration = 4, "admin", "administration";
    }
}
