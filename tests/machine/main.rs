//! The tests that need something the machine may not have: an ssh server, an S3 server, a disk of their own, another account, real
//! files. Where it is missing they are reported as ignored, with the reason; `TAGOUT_REQUIRE=ssh,power,s3,shared` makes that
//! a failure.

mod accounts;
mod disk;
mod full_disk;
mod gudid;
mod need;
mod permissions;
mod power;
mod s3;
mod shared;
#[path = "../../src/depot/tests/shelf.rs"]
mod shelf;
mod soak;
mod ssh;
mod ssh_host;
mod sshd;
#[allow(dead_code)] // the tests that run everywhere use the rest of it
mod support;
mod udi;

/// What the store of the depot tests is made of, as they find it inside the program.
mod house {
    pub use tagout::{bundle, depot, journal};
}

use std::process::ExitCode;

use need::Need;

macro_rules! tests {
    ($($need:ident: $module:ident::$test:ident,)+) => {
        &[$((Need::$need, concat!(stringify!($module), "::", stringify!($test)), $module::$test)),+]
    };
}

const TESTS: &[(Need, &str, fn())] = tests![
    Nothing: soak::twenty_sessions_lose_nothing_while_sessions_and_hosts_are_killed,
    Ssh: ssh::a_link_that_is_cut_ends_the_program_and_keeps_the_answer,
    Ssh: ssh::without_a_terminal_it_refuses_in_words,
    Ssh: ssh::ctrl_z_without_a_shell_behind_it_says_so_and_goes_on,
    Ssh: ssh_host::two_logins_reach_one_host_and_a_killed_client_costs_no_answer,
    Ssh: ssh_host::a_silent_link_ends_by_the_settings_that_are_recommended,
    Nothing: power::a_killed_writer_loses_nothing_that_was_acknowledged,
    MemoryDisk: power::a_really_full_disk_still_opens_reads_and_exports,
    LoopDevice: power::a_power_cut_loses_nothing_that_was_acknowledged,
    MemoryDisk: full_disk::a_full_disk_is_read_and_exported_and_nothing_is_saved_until_there_is_room,
    MemoryDisk: full_disk::a_disk_full_to_its_last_byte_is_opened_with_the_room_that_was_put_by,
    Account: accounts::another_account_finds_nothing_of_a_private_store_and_is_told_whom_to_ask,
    Account: accounts::at_a_shared_host_an_account_acts_as_the_technician_it_is_linked_to,
    Account: permissions::files_that_may_not_be_read_are_refused_in_words,
    S3: s3::sites_meet_in_a_bucket,
    S3: s3::long_bundles_go_in_parts,
    S3: s3::shops_sync_with_a_bucket,
    S3: s3::a_bad_line_costs_time_and_nothing_else,
    Shared: gudid::a_release_file_gives_a_model_for_every_device,
    Shared: gudid::packages_are_kept_beside_the_primary_identifier,
    Shared: gudid::an_answer_of_openfda_is_read,
    Shared: udi::shared_vectors_read_as_expected,
    Shared: udi::shared_device_identifiers_are_all_read,
];

fn main() -> ExitCode {
    if power::writer_process() || soak::session_process() {
        return ExitCode::SUCCESS;
    }
    let mut arguments = libtest_mimic::Arguments::from_args();
    // As the other tests do.
    let threads = std::env::var("RUST_TEST_THREADS").ok();
    arguments.test_threads = arguments
        .test_threads
        .or(threads.and_then(|threads| threads.parse().ok()));
    libtest_mimic::run(&arguments, need::trials(TESTS)).exit_code()
}
