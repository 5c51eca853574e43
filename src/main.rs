//! The `tagout` program: hands the command line to its face and returns the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(u8::try_from(tagout::cli::run()).unwrap_or(1))
}
