//! What a project may open, by the words of `std`'s own `doors.rs`.

#[cfg(symbiont_allow = "alloc")]
pub use core::alloc;
#[cfg(symbiont_allow = "arch")]
pub use core::arch;
#[cfg(symbiont_allow = "ffi")]
pub use core::ffi;
#[cfg(symbiont_allow = "net")]
pub use core::net;
