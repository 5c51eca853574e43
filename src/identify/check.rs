//! Check digits (GS1, modulo 10) and check characters (HIBCC, modulo 43). Pure arithmetic, no parsing.

/// The 43 characters of Code 39, each at its value.
const CODE39: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";

/// The GS1 check digit of these leading digits: weights 3, 1, 3, … from the right, up to the next ten.
/// Nothing if the text is empty or holds anything but digits.
pub fn gs1_check_digit(digits: &str) -> Option<char> {
    if digits.is_empty() {
        return None;
    }
    let mut sum = 0u32;
    for (place, c) in digits.chars().rev().enumerate() {
        let weight = if place % 2 == 0 { 3 } else { 1 };
        sum += c.to_digit(10)? * weight;
    }
    char::from_digit((10 - sum % 10) % 10, 10)
}

/// The last digit is the check digit of the others.
pub fn gs1_checks(digits: &str) -> bool {
    let mut chars = digits.chars();
    let last = chars.next_back();
    last.is_some() && gs1_check_digit(chars.as_str()) == last
}

/// The HIBCC check character of this text, leading `+` included: the sum of the Code 39 values modulo 43.
/// Nothing if a character has no value.
pub fn hibcc_check_character(text: &str) -> Option<char> {
    let mut sum = 0usize;
    for c in text.chars() {
        sum = (sum + CODE39.find(c)?) % 43;
    }
    CODE39.chars().nth(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn check_digits_of_known_numbers() {
        for good in [
            "51022222233336",
            "00802526579707",
            "812394020577",
            "4006381333931",
            "96385074",
        ] {
            assert!(gs1_checks(good), "{good}");
        }
        for bad in ["51022222233337", "00841518100003", "", "4", "12a4", "٣٣"] {
            assert!(!gs1_checks(bad), "{bad}");
        }
        assert_eq!(gs1_check_digit(""), None);
    }

    #[test]
    fn check_characters_of_known_labels() {
        assert_eq!(hibcc_check_character("+A123BJC5D6E71"), Some('G'));
        assert_eq!(
            hibcc_check_character("+A99912345/$$6202501310X3"),
            Some('9')
        );
        assert_eq!(hibcc_check_character("+a"), None);
    }

    proptest! {
        #[test]
        fn one_wrong_digit_never_checks(body in "[0-9]{7,17}", at in 0usize..7, add in 1u32..10) {
            let check = gs1_check_digit(&body).unwrap();
            let whole = format!("{body}{check}");
            prop_assert!(gs1_checks(&whole));
            let wrong: String = whole
                .chars()
                .enumerate()
                .map(|(i, c)| {
                    let digit = c.to_digit(10).unwrap();
                    if i == at { char::from_digit((digit + add) % 10, 10).unwrap() } else { c }
                })
                .collect();
            prop_assert!(!gs1_checks(&wrong));
        }
    }
}
