//! The macros of `core` that neither read files nor the environment.

pub use core::{
    assert, assert_eq, assert_ne, cfg, column, compile_error, concat, debug_assert, debug_assert_eq,
    debug_assert_ne, file, format_args, line, matches, module_path, panic, stringify, todo, unimplemented,
    unreachable, write, writeln,
};

// These read files and the environment while rustc runs, into the candidate. A project may open them.
#[cfg(symbiont_allow = "env")]
pub use core::{env, option_env};
#[cfg(symbiont_allow = "include")]
pub use core::{include, include_bytes, include_str};
