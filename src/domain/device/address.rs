//! Network addresses as people write them.
//!
//! Invariant: what passes is one or several addresses, or says that the network gives one; nothing is rewritten.

use std::net::IpAddr;

use super::Field;

/// Why a text is not the address that a field holds; `None` when it is one, or the field holds none.
pub(super) fn wrong(field: Field, text: &str) -> Option<&'static str> {
    let each = |good: fn(&str) -> bool| {
        text.split([',', ';', ' '])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .all(good)
    };
    match field {
        Field::Ip if !text.eq_ignore_ascii_case("dhcp") && !each(is_ip) => {
            Some("it is not an IP address, like 10.20.3.4 (or DHCP)")
        }
        Field::Mac if !each(is_mac) => Some("it is not a MAC address, like 00:1B:44:11:3A:B7"),
        _ => None,
    }
}

/// An address, with or without the length of its network.
fn is_ip(text: &str) -> bool {
    let (address, length) = text.split_once('/').unwrap_or((text, "0"));
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => length.parse::<u8>().is_ok_and(|bits| bits <= 32),
        Ok(IpAddr::V6(_)) => length.parse::<u8>().is_ok_and(|bits| bits <= 128),
        Err(_) => false,
    }
}

/// Twelve or sixteen hexadecimal digits, with colons, dashes or dots between them or none.
fn is_mac(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_hexdigit).count();
    matches!(digits, 12 | 16)
        && text
            .chars()
            .all(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_words() {
        for good in [
            "10.20.3.4",
            "10.20.3.4/24",
            "fe80::1",
            "10.0.0.1, 10.0.0.2",
            "dhcp",
        ] {
            assert_eq!(wrong(Field::Ip, good), None, "{good}");
        }
        for bad in [
            "notanip",
            "999.1.1.1",
            "10.20.3",
            "10.20.3.4/99",
            "not an ip",
        ] {
            assert!(wrong(Field::Ip, bad).is_some(), "{bad}");
        }
        for good in [
            "00:1B:44:11:3A:B7",
            "001b.4411.3ab7",
            "001B44113AB7",
            "00-1b-44-11-3a-b7",
        ] {
            assert_eq!(wrong(Field::Mac, good), None, "{good}");
        }
        for bad in ["zz", "00:1B:44:11:3A", "00:1B:44:11:3A:G7"] {
            assert!(wrong(Field::Mac, bad).is_some(), "{bad}");
        }
        assert_eq!(wrong(Field::Serial, "zz"), None);
    }
}
