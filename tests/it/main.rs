//! The one integration binary: every file beside this one is a module of it, and `layering` fails on a forgotten file.
mod layering;
mod power;
