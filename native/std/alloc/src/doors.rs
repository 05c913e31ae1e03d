//! What a project may open, by the words of `std`'s own `doors.rs`.

#[cfg(symbiont_allow = "alloc")]
pub use real::alloc;
#[cfg(symbiont_allow = "ffi")]
pub use real::ffi;
