//! Scenarios of the checklist engine, each a rule of the bench; the fixture is one shop with a pump, a checklist, an
//! analyser and two technicians.

mod answers;
mod bench;
mod ends;
mod random;
mod signing;
mod starts;
mod tool_rules;
