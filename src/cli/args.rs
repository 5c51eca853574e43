//! The shape of the command line: global options and the families of commands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::{device, order, scan, upkeep};

/// Bench tool for biomedical equipment technicians: devices, work orders and checklists.
#[derive(Debug, Parser)]
#[command(
    name = "tagout",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
#[command(after_help = "Exit codes: 0 done, 1 refused or not found, 2 wrong use, 3 store trouble.")]
pub struct Cli {
    /// Options that every command takes.
    #[command(flatten)]
    pub globals: Globals,
    /// The command.
    #[command(subcommand)]
    pub command: Sub,
}

/// Options that every command takes.
#[derive(Clone, Debug, Default, Args)]
pub struct Globals {
    /// The store's folder
    #[arg(long, global = true, env = "TAGOUT_STORE", value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// The technician who acts (default: the one named like your account)
    #[arg(long = "as", global = true, value_name = "TECH")]
    pub technician: Option<String>,
    /// Answer as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// The keymap: a built-in one by name, or a file
    #[arg(long, global = true, value_name = "NAME")]
    pub keymap: Option<String>,
    /// Use ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// No colours and no table lines
    #[arg(long, global = true)]
    pub plain: bool,
}

/// The families of commands.
#[derive(Debug, Subcommand)]
pub enum Sub {
    /// Devices: add, find, show, change, import
    #[command(subcommand)]
    Device(device::DeviceSub),
    /// Work orders: open, list, claim, close and all between
    #[command(subcommand)]
    Order(order::OrderSub),
    /// Take one device away and put a ready one in its place
    Swap(device::SwapArgs),
    /// Read a label: UDI, asset tag or serial number
    Scan(scan::ScanArgs),
    /// Check every record in the store against its hash chain
    Verify,
    /// Build the working copy anew from the journal
    Rebuild,
    /// Print the store's digest: equal on two stores with the same records
    Digest,
    /// Open a damaged store and go on without what is lost
    Recover(upkeep::RecoverArgs),
    /// Copy the journal and keys into an empty folder, and read the copy back
    Backup(upkeep::BackupArgs),
}
