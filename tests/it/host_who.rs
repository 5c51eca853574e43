//! A shared account says who is at work: technicians by passphrase, or by the account that is linked to them.

use std::process::Output;

use crate::support::cli::Shop;

#[track_caller]
fn refused(out: &Output, words: &str) {
    assert_eq!(out.status.code(), Some(1), "{out:?}");
    let said =
        String::from_utf8_lossy(&out.stderr).into_owned() + &String::from_utf8_lossy(&out.stdout);
    assert!(said.contains(words), "{said}");
}

#[test]
fn a_shared_account_says_who_is_at_work_by_passphrase() {
    let shop = Shop::hosted();
    shop.done(&["tech", "add", "mk", "--name", "Mika Klein"]);
    let add = ["device", "add", "BME-1", "--model", "P", "--as", "mk"];
    let (_, said) = shop.ends(1, &add);
    assert!(said.contains("make a signing key"), "{said}");
    shop.done(&["tech", "key", "mk"]);
    // The passphrase is in the environment of these commands.
    shop.done(&add);
    let again = ["device", "add", "BME-2", "--model", "P", "--as", "mk"];
    let wrong = shop
        .command(&again)
        .env("TAGOUT_PASSPHRASE", "not hers at all")
        .output();
    refused(&wrong.expect("it runs"), "does not open the key of mk");
    let silent = shop
        .command(&again)
        .env_remove("TAGOUT_PASSPHRASE")
        .output();
    refused(&silent.expect("it runs"), "nobody gave the passphrase");
    shop.ends(1, &["device", "find", "BME-2"]);
    // Linked, no passphrase is needed, and the account acts as her by itself.
    let user = tagout::host::account::name_of(rustix::process::getuid().as_raw());
    shop.done(&["tech", "link", "mk", &user]);
    let linked = shop
        .command(&["device", "add", "BME-2", "--model", "P"])
        .env_remove("TAGOUT_PASSPHRASE")
        .output();
    let linked = linked.expect("it runs");
    assert!(linked.status.success(), "{linked:?}");
    let history = shop.json(&["device", "history", "BME-2"]).to_string();
    assert!(history.contains("\"mk\""), "{history}");
}
