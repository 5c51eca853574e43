//! How much room there is, as the few classes that layouts know.
//!
//! Invariant: every size has a class; below the smallest usable one only a sentence is shown.

/// The classes of window sizes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SizeClass {
    /// Smaller than 40x12: only a message.
    TooSmall,
    /// One pane with a breadcrumb.
    One,
    /// Two panes, from 80x24.
    Two,
    /// Three panes, from 120x30.
    Three,
}

impl SizeClass {
    /// The class of a window.
    pub const fn of(width: u16, height: u16) -> Self {
        if width < 40 || height < 12 {
            Self::TooSmall
        } else if width >= 120 && height >= 30 {
            Self::Three
        } else if width >= 80 && height >= 24 {
            Self::Two
        } else {
            Self::One
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_of_the_classes() {
        for (width, height, class) in [
            (0, 0, SizeClass::TooSmall),
            (39, 12, SizeClass::TooSmall),
            (40, 11, SizeClass::TooSmall),
            (40, 12, SizeClass::One),
            (200, 23, SizeClass::One),
            (79, 60, SizeClass::One),
            (80, 24, SizeClass::Two),
            (200, 29, SizeClass::Two),
            (119, 60, SizeClass::Two),
            (120, 30, SizeClass::Three),
        ] {
            assert_eq!(SizeClass::of(width, height), class, "{width}x{height}");
        }
    }
}
