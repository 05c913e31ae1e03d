//! What candidates link as `std`: the real one without files, network, processes, threads, clocks and environment.
//!
//! The crate is *named* `std`, so that even the prelude that rustc injects is this one's, and
//! `extern crate std as real;` finds this crate again. Modules are the real ones, passed on whole where nothing in
//! them reaches outside the process: types, traits and diagnostics are exactly those of the real `std`.
//! `docs/facade.md` says what is left out and why.
#![no_std]
#![allow(clippy::legacy_numeric_constants, reason = "candidates still write `i64::MAX` by its old path")]
extern crate std as real;

#[path = "../core/src/language.rs"]
mod language;
#[path = "../core/src/macros.rs"]
mod macros;

// What one can do to a value.
pub use real::{any, borrow, clone, cmp, convert, default, error, fmt, hash, mem, ops, ptr};

// Values and their containers; `vec` is the module and the macro.
pub use real::{array, ascii, boxed, cell, char, collections, iter, option, rc, result, slice};
pub use real::{str, string, vec};

// What the compiler knows about: marker traits, pinned values, futures, hints.
pub use real::{future, hint, marker, pin, primitive, task};

// Whole, locks and channels too: without threads they can only hang, and a deadline ends that.
pub use real::sync;

// Numbers.
pub use real::{f32, f64, num};
pub use real::{i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize};

// With the macro comes the module `core::panic`: types (`Location`, `UnwindSafe`), nothing that catches.
pub use macros::*;

// Output is no secret and no danger: whoever runs the candidate owns its descriptors 1 and 2.
pub use real::{dbg, eprint, eprintln, format, print, println};

/// Spans of time; a clock would let a candidate measure and tell where it runs.
pub mod time {
    #[cfg(symbiont_allow)]
    #[allow(unused_imports, unreachable_pub, reason = "what is open may be elsewhere")]
    pub use crate::doors::clocks::*;
    pub use real::time::{Duration, TryFromFloatSecsError};
}

/// What rustc puts into scope of every file (edition 2024), and paths that others may write.
pub mod prelude {
    /// Macros whose names are modules too; a glob, so that `v1` can hide the modules.
    mod vec_macro {
        pub use real::vec;
    }
    pub mod v1 {
        pub use super::vec_macro::*;
        pub use crate::language::*;
        pub use real::borrow::ToOwned;
        pub use real::boxed::Box;
        pub use real::string::{String, ToString};
        pub use real::vec::Vec;
        pub use real::{dbg, eprint, eprintln, format, print, println};
        #[allow(hidden_glob_reexports, reason = "hiding the module is its purpose")]
        mod vec {}
    }
    pub mod rust_2021 {
        pub use super::v1::*;
        pub use crate::language::since_2021::*;
    }
    pub mod rust_2024 {
        pub use super::rust_2021::*;
        pub use crate::language::since_2024::*;
    }
}

// Opened per project. Where nothing is, the doors are not even parsed: rustc would tell candidates of each.
#[cfg(symbiont_allow)]
mod doors;
#[cfg(symbiont_allow)]
#[allow(unused_imports, unreachable_pub, reason = "what is open may be elsewhere")]
pub use doors::*;
#[cfg(symbiont_allow = "panic")]
pub use real::panic;
