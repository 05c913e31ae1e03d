//! The names that the preludes of `core` and `std` share, one by one.
//!
//! A list and not a glob: the real preludes also carry `include_str!`, `env!` and `#[global_allocator]`.

pub use core::prelude::v1::{
    AsMut, AsRef, Clone, Copy, Debug, Default, DoubleEndedIterator, Drop, Eq, Err, ExactSizeIterator, Extend,
    Fn, FnMut, FnOnce, From, Hash, Into, IntoIterator, Iterator, None, Ok, Option, Ord, PartialEq,
    PartialOrd, Result, Send, Sized, Some, Sync, Unpin,
};
pub use core::prelude::v1::{AsyncFn, AsyncFnMut, AsyncFnOnce};
pub use core::prelude::v1::{align_of, align_of_val, derive, drop, size_of, size_of_val, test};

pub use super::macros::*;

/// Keeps the module `core::panic`, which has the macro's name, out of the prelude.
#[allow(hidden_glob_reexports, reason = "hiding the module is its purpose")]
mod panic {}

/// What edition 2021 put on top.
pub(crate) mod since_2021 {
    pub use core::prelude::rust_2021::{FromIterator, TryFrom, TryInto};
}

/// What edition 2024 put on top.
pub(crate) mod since_2024 {
    pub use core::prelude::rust_2024::{Future, IntoFuture};
}
