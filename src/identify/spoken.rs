//! Fingerprints that two people can compare over the telephone: ten plain words.
//!
//! Each word stands for one byte of the site's id, which is a hash of its key. Ten words are 80 bits: nobody can make a
//! key that sounds the same.
//!
//! Invariant: the list never changes; words on paper stay right.

/// How many bytes are spoken.
pub const WORDS: usize = 10;

/// The words for the first [`WORDS`] bytes of an id.
pub fn words(id: &[u8]) -> Vec<&'static str> {
    id.iter()
        .take(WORDS)
        .filter_map(|byte| LIST.get(usize::from(*byte)).copied())
        .collect()
}

/// The bytes that these words stand for; `None` if a word is not one of the list. Case and signs between do not matter.
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    text.split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(|word| {
            let word = word.to_lowercase();
            LIST.binary_search(&word.as_str())
                .ok()
                .and_then(|at| u8::try_from(at).ok())
        })
        .collect()
}

#[rustfmt::skip]
const LIST: [&str; 256] = [
    "acorn", "actor", "agent", "alarm", "album", "amber", "anchor", "ankle", "apple", "apron", "arena", "arrow",
    "atlas", "attic", "badge", "baker", "banjo", "barn", "basil", "basket", "beach", "beetle", "bell", "berry",
    "blanket", "bottle", "bridge", "bronze", "bucket", "butter", "button", "cabin", "cactus", "camel", "candle",
    "canoe", "canyon", "carbon", "carpet", "castle", "cedar", "cellar", "cement", "chalk", "cherry", "chess",
    "chimney", "cider", "circus", "cliff", "clover", "cobalt", "coffee", "comet", "copper", "coral", "corner",
    "cotton", "cousin", "crane", "crater", "cricket", "crown", "crystal", "curtain", "cycle", "dagger", "daisy",
    "dancer", "desert", "diamond", "diary", "dinner", "dolphin", "donkey", "dragon", "drum", "eagle", "earth",
    "echo", "elbow", "emerald", "engine", "envelope", "fabric", "falcon", "farmer", "feather", "fender", "ferry",
    "fiddle", "finger", "flame", "flute", "forest", "fossil", "fountain", "garden", "garlic", "gate", "ginger",
    "glacier", "glove", "goblet", "gold", "granite", "grape", "guitar", "hammer", "harbor", "helmet", "hotel",
    "hunter", "iceberg", "igloo", "indigo", "iron", "island", "ivory", "jacket", "jaguar", "jelly", "jewel",
    "jungle", "kettle", "kitchen", "kite", "knight", "ladder", "lagoon", "lake", "lantern", "lemon", "leopard",
    "letter", "library", "lion", "lizard", "lobster", "locket", "lumber", "magnet", "mango", "maple", "marble",
    "market", "meadow", "melon", "mirror", "monkey", "moon", "mosaic", "motor", "mountain", "museum", "music",
    "napkin", "nectar", "needle", "nickel", "north", "nutmeg", "oasis", "ocean", "olive", "onion", "orbit",
    "orchid", "otter", "oven", "oyster", "paddle", "palace", "panda", "paper", "parrot", "pebble", "pencil",
    "pepper", "piano", "pigeon", "pillow", "pilot", "planet", "plum", "pocket", "pony", "potato", "pumpkin",
    "puzzle", "quarry", "quilt", "rabbit", "radish", "rain", "raven", "ribbon", "river", "robin", "rocket", "ruby",
    "saddle", "sailor", "salmon", "sandal", "satin", "scarf", "school", "shadow", "shell", "silver", "singer",
    "snow", "spider", "spoon", "squirrel", "star", "statue", "stone", "sugar", "summer", "table", "tailor",
    "teapot", "temple", "thunder", "tiger", "timber", "tomato", "torch", "tower", "train", "tulip", "tunnel",
    "turtle", "umbrella", "valley", "vanilla", "velvet", "village", "violin", "volcano", "wagon", "walnut", "water",
    "whale", "wheat", "whistle", "willow", "window", "winter", "wolf", "yacht", "yellow", "zebra", "zipper",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_words_are_sorted_and_no_two_are_alike_or_begin_one_another() {
        for pair in LIST.windows(2) {
            assert!(pair[0] < pair[1], "{pair:?}");
            assert!(!pair[1].starts_with(pair[0]), "{pair:?}");
        }
        assert!(LIST.iter().all(|word| (3..=8).contains(&word.len())));
    }

    proptest! {
        #[test]
        fn what_is_said_is_understood(id in proptest::collection::vec(any::<u8>(), 10..32)) {
            let said = words(&id).join(" ");
            prop_assert_eq!(bytes(&said).unwrap(), &id[..WORDS]);
            prop_assert_eq!(bytes(&said.to_uppercase().replace(' ', "-")).unwrap(), &id[..WORDS]);
        }
    }

    #[test]
    fn other_words_are_not_understood() {
        assert_eq!(bytes("acorn wardrobe"), None);
    }
}
