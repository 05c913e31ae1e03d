//! The place that a swap changes.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// One atomic pointer to the entry of the active revision.
///
/// A call loads it once, so calls that are under way during a swap end in the revision they began in;
/// builds are never unloaded, so that is always safe.
#[derive(Debug)]
pub struct Slot(AtomicPtr<()>);

impl Slot {
    /// An empty slot. It must be filled before it is called through.
    #[must_use]
    pub const fn empty() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// Makes `entry` what the next call reaches.
    pub fn store(&self, entry: *mut ()) {
        self.0.store(entry, Ordering::Release);
    }

    /// The entry as a function of type `E`.
    ///
    /// # Panics
    /// Where the slot is empty.
    ///
    /// # Safety
    /// What was stored is a function of exactly this type, compiled by the same rustc.
    #[inline]
    #[must_use]
    pub unsafe fn entry<E: Copy>(&self) -> E {
        const { assert!(size_of::<E>() == size_of::<*mut ()>()) };
        let entry = self.0.load(Ordering::Acquire);
        assert!(!entry.is_null(), "no revision is active");
        // SAFETY: a function pointer has the size of a pointer (checked above); its type is the caller's word.
        unsafe { std::mem::transmute_copy(&entry) }
    }
}

#[cfg(test)]
mod tests {
    use super::Slot;

    fn double(x: u8) -> u8 {
        x * 2
    }

    #[test]
    fn a_stored_entry_is_called() {
        let slot = Slot::empty();
        slot.store(double as fn(u8) -> u8 as *mut ());
        // SAFETY: `double` has this type.
        let entry = unsafe { slot.entry::<fn(u8) -> u8>() };
        assert_eq!(entry(21), 42);
    }

    #[test]
    #[should_panic(expected = "no revision is active")]
    fn an_empty_slot_is_not_called() {
        // SAFETY: it panics before anything is made of the pointer.
        let _ = unsafe { Slot::empty().entry::<fn()>() };
    }
}
