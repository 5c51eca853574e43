//! Whatever several shops do without knowing of each other.
