//! Whole pages, compared with committed ones, and pages from any input.
