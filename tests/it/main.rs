//! The one integration binary: every file beside this one is a module of it, and `layering` fails on a forgotten file.
mod cli_device;
mod cli_shop;
mod cli_work;
mod layering;
mod power;
mod pty_shell;
mod readme;
mod screenshots;
mod shared_gudid;
mod shared_udi;
mod support;
mod tui_dialogs;
mod tui_looks;
mod tui_main_path;
mod udi_codec;
mod wire_values;
