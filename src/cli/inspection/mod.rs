//! `inspection`: a checklist from the first warning to the signature, from the command line.

mod doubt;
mod finish;
mod previous;
mod print;
mod record;
mod shape;
mod show;
mod start;

use clap::Subcommand;
pub use show::find;

use super::done::{Done, Trouble};
use super::place::Place;

pub use doubt::json as doubts_json;
pub use finish::checked;
pub use start::named_procedure;

/// What may be done with inspections.
#[derive(Debug, Subcommand)]
pub enum InspectionSub {
    /// Begin on a device
    Start(start::StartArgs),
    /// Where it stands: the step in front, and what is missing
    Show(show::RefArgs),
    /// Every step with its limit, answer and verdict
    Plan(show::RefArgs),
    /// The inspections being worked on
    List(show::ListArgs),
    /// Answer a step: inspection record STEP VALUE
    Record(record::RecordArgs),
    /// Answer a step again, with a reason; the old answer stays
    Amend(record::AmendArgs),
    /// Say what is done about a failing step
    Settle(record::SettleArgs),
    /// Add a note (no patient data)
    Note(record::NoteArgs),
    /// Start the count-down of a step
    Timer(record::StepArgs),
    /// Leave a step for later
    Defer(record::StepArgs),
    /// Choose test equipment
    Tool(record::ToolArgs),
    /// Hand over to somebody else
    HandOver(record::HandOverArgs),
    /// Open a recall order for what was seen
    SuspectRecall(record::RecallArgs),
    /// Sign finished inspections
    Sign(finish::SignArgs),
    /// It counts nowhere; it is kept
    Void(finish::VoidArgs),
    /// It was another device: move every reading to its record
    Move(finish::MoveArgs),
    /// Check a record: its signatures and the entries they cover
    Verify(show::RefArgs),
    /// The record, a sticker or a red tag for printing
    Print(print::PrintArgs),
}

/// Runs an inspection command.
pub fn run(place: &Place, command: InspectionSub) -> Result<Done, Trouble> {
    match command {
        InspectionSub::Start(arguments) => start::run(place, &arguments),
        InspectionSub::Show(arguments) => show::show(place, &arguments),
        InspectionSub::Plan(arguments) => show::plan(place, &arguments),
        InspectionSub::List(arguments) => show::list(place, &arguments),
        InspectionSub::Record(arguments) => record::record(place, &arguments),
        InspectionSub::Amend(arguments) => record::amend(place, &arguments),
        InspectionSub::Settle(arguments) => record::settle(place, arguments),
        InspectionSub::Note(arguments) => record::note(place, &arguments),
        InspectionSub::Timer(arguments) => record::timer(place, &arguments),
        InspectionSub::Defer(arguments) => record::defer(place, &arguments),
        InspectionSub::Tool(arguments) => record::tool(place, &arguments),
        InspectionSub::HandOver(arguments) => record::hand_over(place, arguments),
        InspectionSub::SuspectRecall(arguments) => record::suspect_recall(place, &arguments),
        InspectionSub::Sign(arguments) => finish::sign(place, &arguments),
        InspectionSub::Void(arguments) => finish::void(place, arguments),
        InspectionSub::Move(arguments) => finish::move_to(place, arguments),
        InspectionSub::Verify(arguments) => finish::verify(place, &arguments),
        InspectionSub::Print(arguments) => print::run(place, &arguments),
    }
}
