//! `order`: work orders from the command line.

mod ending;
mod open;
mod show;
mod work;

use clap::Subcommand;

use super::done::{Done, Trouble};
use super::place::Place;

/// What may be done with work orders.
#[derive(Debug, Subcommand)]
pub enum OrderSub {
    /// Open an order
    Open(open::OpenArgs),
    /// Check a repair in: harm, clean, accessories, shelf
    CheckIn(open::CheckInArgs),
    /// The queue: safety and due dates first
    List(show::ListArgs),
    /// Show one order
    Show(show::ShowArgs),
    /// Take orders
    Claim(work::OrdersArgs),
    /// Give orders to somebody
    Assign(work::AssignArgs),
    /// Give an order back
    Release(work::ReasonArgs),
    /// Begin
    Start(work::OneArgs),
    /// Wait for something
    Hold(work::HoldArgs),
    /// Go on
    Resume(work::OneArgs),
    /// The work is done, the papers are not
    Done(work::OneArgs),
    /// Record tries that did not get the work done
    Attempt(work::AttemptArgs),
    /// Book labour
    Labor(work::LaborArgs),
    /// Book a part
    Part(work::PartArgs),
    /// Name a file kept elsewhere
    Attach(work::AttachArgs),
    /// Name test equipment used
    Tool(work::ToolArgs),
    /// Add a note; an addendum once the order is closed
    Note(work::NoteArgs),
    /// Change priority, due date or problem
    Edit(work::EditArgs),
    /// Enter a company's work from its report, and sign that you reviewed it
    External(ending::ExternalArgs),
    /// Check the signatures of a company's reports
    Verify(work::OneArgs),
    /// Close by hand: repairs and work without an inspection
    Close(ending::CloseArgs),
    /// Do not do it
    Cancel(work::ReasonArgs),
    /// End scheduled work undone, approved by somebody else; the device is held
    Escalate(ending::EscalateArgs),
    /// Open it again as a new linked order
    Reopen(work::ReasonArgs),
}

/// Runs an order command.
pub fn run(place: &Place, command: OrderSub) -> Result<Done, Trouble> {
    match command {
        OrderSub::Open(arguments) => open::run(place, arguments),
        OrderSub::CheckIn(arguments) => open::check_in(place, arguments),
        OrderSub::List(arguments) => show::list(place, &arguments),
        OrderSub::Show(arguments) => show::show(place, &arguments),
        OrderSub::Claim(arguments) => work::claim(place, &arguments),
        OrderSub::Assign(arguments) => work::assign(place, arguments),
        OrderSub::Release(arguments) => work::release(place, arguments),
        OrderSub::Start(arguments) => work::start(place, &arguments),
        OrderSub::Hold(arguments) => work::hold(place, arguments),
        OrderSub::Resume(arguments) => work::resume(place, &arguments),
        OrderSub::Done(arguments) => work::done(place, &arguments),
        OrderSub::Attempt(arguments) => work::attempt(place, arguments),
        OrderSub::Labor(arguments) => work::labor(place, arguments),
        OrderSub::Part(arguments) => work::part(place, arguments),
        OrderSub::Attach(arguments) => work::attach(place, arguments),
        OrderSub::Tool(arguments) => work::tool(place, &arguments),
        OrderSub::Note(arguments) => work::note(place, &arguments),
        OrderSub::Edit(arguments) => work::edit(place, arguments),
        OrderSub::External(arguments) => ending::external(place, arguments),
        OrderSub::Verify(arguments) => ending::verify(place, &arguments),
        OrderSub::Close(arguments) => ending::close(place, arguments),
        OrderSub::Cancel(arguments) => ending::cancel(place, arguments),
        OrderSub::Escalate(arguments) => ending::escalate(place, arguments),
        OrderSub::Reopen(arguments) => ending::reopen(place, arguments),
    }
}
