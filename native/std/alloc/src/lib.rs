//! What candidates see as `alloc` after `extern crate alloc;`: the real one without its raw allocation functions.
#![no_std]
extern crate alloc as real;

pub use real::{borrow, boxed, collections, fmt, format, rc, slice, str, string, sync, task, vec};

// Opened per project. Where nothing is, the doors are not even parsed: rustc would tell candidates of each.
#[cfg(symbiont_allow)]
mod doors;
#[cfg(symbiont_allow)]
#[allow(unused_imports, unreachable_pub, reason = "what is open may be elsewhere")]
pub use doors::*;
