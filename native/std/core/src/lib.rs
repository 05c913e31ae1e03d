//! What candidates see as `core`: the real one without the paths that reach files, the environment or the machine.
//!
//! `core` is in scope of every crate, facade or not, so a door closed in `std` alone would stand open here.
//! `docs/facade.md` says what is left out and why.
#![no_std]
#![allow(clippy::legacy_numeric_constants, reason = "candidates still write `i64::MAX` by its old path")]

mod language;
mod macros;

// What one can do to a value.
pub use core::{any, borrow, clone, cmp, convert, default, error, fmt, hash, mem, ops, ptr};

// Values and their containers.
pub use core::{array, ascii, cell, char, iter, option, result, slice, str};

// What the compiler knows about: marker traits, pinned values, futures, hints.
pub use core::{future, hint, marker, pin, primitive, sync, task};

// Numbers.
pub use core::{f32, f64, num};
pub use core::{i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize};

// With the macro comes the module `core::panic`: types (`Location`, `UnwindSafe`), nothing that catches.
pub use macros::*;

/// Spans of time; a clock would let a candidate measure and tell where it runs.
pub mod time {
    pub use core::time::{Duration, TryFromFloatSecsError};
}

/// What rustc puts into scope of a `#![no_std]` file, and paths that others may write.
pub mod prelude {
    pub mod v1 {
        pub use crate::language::*;
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
