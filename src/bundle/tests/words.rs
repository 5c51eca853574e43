//! Each kind of damage has its own words, which say that nothing was changed and what to do.

use std::collections::BTreeSet;

use crate::bundle::BundleError;
use crate::journal::SiteId;
use crate::journal::codec::CodecError;

fn all() -> Vec<BundleError> {
    let site = SiteId([0xab; 16]);
    let place = || "record 7".to_owned();
    vec![
        BundleError::NotABundle,
        BundleError::TextMode,
        BundleError::CutOff {
            have: 5,
            need: Some(90),
        },
        BundleError::TooLong { extra: 2 },
        BundleError::Changed {
            place: "in part 3".to_owned(),
        },
        BundleError::Swapped,
        BundleError::Newer {
            format: 2,
            min_reader: 2,
            known: 1,
        },
        BundleError::NewerEntry {
            seq_in: 4,
            found: 2,
            known: 1,
        },
        BundleError::Forged { author: site },
        BundleError::Impostor {
            claimed: site,
            real: SiteId([1; 16]),
        },
        BundleError::ForgedHead { site },
        BundleError::ForgedGenesis {
            site,
            reason: "it says again who the site is",
        },
        BundleError::Chain { site, seq: 7 },
        BundleError::OutsideRange {
            site,
            seq: 7,
            want_site: site,
            want_seq: 8,
        },
        BundleError::TwoVersions { site, seq: 7 },
        BundleError::Unreadable {
            seq_in: 7,
            reason: "short".to_owned(),
        },
        BundleError::Absurd("a header of 0 bytes".to_owned()),
        BundleError::Unpacking {
            number: 1,
            reason: "it holds less than that",
        },
        BundleError::Time {
            place: place(),
            time: -1,
        },
        BundleError::Name {
            place: place(),
            name: "a\u{1b}[2Jb".to_owned(),
        },
        BundleError::Encrypted {
            sites: vec![site; 9],
        },
        BundleError::Order { site, seq: 7 },
        BundleError::Empty,
        BundleError::LimitTooSmall { limit: 10 },
        BundleError::Stopped,
        BundleError::Io {
            doing: "read the bundle",
            source: std::io::Error::other("unplugged"),
        },
        BundleError::Header(CodecError::Malformed("short".to_owned())),
    ]
}

#[test]
fn every_error_says_what_it_means_and_what_to_do() {
    let mut starts = BTreeSet::new();
    for error in all() {
        let text = error.to_string();
        let calm = ["othing was changed", "othing was written or changed"];
        assert!(
            calm.iter().any(|c| text.contains(c)),
            "does not say that nothing was changed: {text}"
        );
        let advice = [
            "again", "ask", "choose", "Choose", "bring", "import", "check", "tell",
        ];
        assert!(
            advice.iter().any(|a| text.contains(a)),
            "does not say what to do: {text}"
        );
        assert!(!text.chars().any(char::is_control), "{text:?}");
        let start: String = text.chars().take(38).collect();
        assert!(starts.insert(start), "says the same as another: {text}");
    }
}

#[test]
fn damage_is_not_called_intent() {
    let suspicious: Vec<_> = all()
        .into_iter()
        .filter(BundleError::is_suspicious)
        .collect();
    assert_eq!(suspicious.len(), 10);
    for calm in [
        BundleError::TextMode,
        BundleError::Changed {
            place: String::new(),
        },
        BundleError::CutOff {
            have: 0,
            need: None,
        },
    ] {
        assert!(!calm.is_suspicious());
    }
}
