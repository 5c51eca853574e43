//! The shape of the command line: global options and the families of commands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::{
    bundle, conflict, demo, depot, device, docs, host, inspection, keys, order, procedure, receive,
    scan, shop, site, tech, tool, upkeep,
};

/// Bench tool for biomedical equipment technicians: devices, work orders and checklists.
#[derive(Debug, Parser)]
#[command(name = "tagout", version, propagate_version = true)]
#[command(
    after_help = "Without a command the terminal face opens.\nExit codes: 0 done, 1 refused or not found, 2 wrong use, 3 store trouble."
)]
pub struct Cli {
    /// Options that every command takes.
    #[command(flatten)]
    pub globals: Globals,
    /// The command; the terminal face without one.
    #[command(subcommand)]
    pub command: Option<Sub>,
}

/// The heading of the options that every command takes.
const EVERYWHERE: &str = "With every command";

/// Options that every command takes.
#[derive(Clone, Debug, Default, Args)]
pub struct Globals {
    /// The store's folder
    #[arg(long, global = true, help_heading = EVERYWHERE, env = "TAGOUT_STORE", value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// The technician who acts (default: the one named like your account)
    #[arg(long = "as", global = true, help_heading = EVERYWHERE, value_name = "TECH")]
    pub technician: Option<String>,
    /// Answer as JSON
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
    /// The keymap: a built-in one by name, or a file
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "NAME")]
    pub keymap: Option<String>,
    /// Use ASCII characters only
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub ascii: bool,
    /// No colours and no table lines
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub plain: bool,
    /// The socket of a shop terminal's host (default: the store's own host, started when needed)
    #[arg(long, global = true, env = "TAGOUT_HOST", value_name = "SOCKET")]
    pub host: Option<PathBuf>,
    /// Open the store in this process, without a host: nobody else can use it meanwhile
    #[arg(long, global = true, env = "TAGOUT_IN_PROCESS", conflicts_with = "host", value_parser = clap::builder::FalseyValueParser::new())]
    pub in_process: bool,
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
    /// Checklists: start, record, sign, verify, print
    #[command(subcommand)]
    Inspection(inspection::InspectionSub),
    /// Procedures: write, check, import, adopt
    #[command(subcommand)]
    Procedure(procedure::ProcedureSub),
    /// Test equipment and its calibration
    #[command(subcommand)]
    Tool(tool::ToolSub),
    /// Technicians, credentials and signing keys
    #[command(subcommand)]
    Tech(tech::TechSub),
    /// What shops disagree about: list, look, settle
    #[command(subcommand)]
    Conflict(conflict::ConflictSub),
    /// Read a label: UDI, asset tag or serial number
    Scan(scan::ScanArgs),
    /// Take a delivery of equal devices in, one scan after another
    Receive(Box<receive::ReceiveArgs>),
    /// Take one device away and put a ready one in its place
    Swap(device::SwapArgs),
    /// The shop: name, work order prefix, time zone
    #[command(subcommand)]
    Shop(shop::ShopSub),
    /// Bundles: exchange work with other shops in files
    #[command(subcommand)]
    Bundle(bundle::BundleSub),
    /// Sites: the shops whose records come here, and which are trusted
    #[command(subcommand)]
    Site(site::SiteSub),
    /// Depots: folders and object stores where shops leave bundles for each other
    #[command(subcommand)]
    Depot(depot::DepotSub),
    /// Exchange records with a depot: send what it lacks, take in what is new
    Sync(depot::SyncArgs),
    /// Make a store with a shop's name of your choice
    Init(shop::InitArgs),
    /// Fill a store with a made-up hospital to try things on
    Demo(demo::DemoArgs),
    /// Keymaps: show the keys, check a file
    #[command(subcommand)]
    Keys(keys::KeysSub),
    /// Check every record in the store against its hash chain
    Verify,
    /// Build the working copy anew from the journal
    Rebuild,
    /// Print the store's digest: equal on two stores with the same records
    Digest,
    /// Open a damaged store and go on without what is lost
    Recover(upkeep::RecoverArgs),
    /// The process that keeps the store open for every session
    #[command(subcommand)]
    Host(host::HostSub),
    /// Copy the journal and keys into an empty folder, and read the copy back
    Backup(upkeep::BackupArgs),
    /// Say where things are kept and what is unusual on this machine
    Doctor,
    /// Print a completion script for a shell
    Completions(docs::CompletionsArgs),
    /// Write the manual pages
    Man(docs::ManArgs),
}
