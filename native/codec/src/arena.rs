//! Values that references point to, kept until the call is over.

use std::cell::RefCell;

struct Kept {
    value: *mut (),
    drop: unsafe fn(*mut ()),
}

/// Owns what [`Unpack`](crate::Unpack) makes references to.
///
/// Values are dropped last in, first out: one that was kept later may refer to one that was kept before.
#[derive(Default)]
pub struct Arena(RefCell<Vec<Kept>>);

impl std::fmt::Debug for Arena {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Arena({} values)", self.0.borrow().len())
    }
}

impl Arena {
    /// Keeps a value and gives the only reference to it.
    ///
    /// # Safety
    /// Whatever the value borrows lives until this arena is dropped, or is kept in it already.
    #[allow(clippy::mut_from_ref, reason = "each reference is to a value of its own")]
    pub(crate) unsafe fn keep<'a, T: 'a>(&'a self, value: T) -> &'a mut T {
        unsafe fn drop_box<T>(value: *mut ()) {
            // SAFETY: it came from Box::into_raw of this type, and is dropped once.
            drop(unsafe { Box::from_raw(value.cast::<T>()) });
        }
        let value = Box::into_raw(Box::new(value));
        self.0.borrow_mut().push(Kept { value: value.cast(), drop: drop_box::<T> });
        // SAFETY: the box lives as long as this arena, and nothing else refers to it.
        unsafe { &mut *value }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        while let Some(kept) = self.0.get_mut().pop() {
            // SAFETY: each value is dropped once, and after those that were kept later.
            unsafe { (kept.drop)(kept.value) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Arena;
    use std::cell::RefCell;

    struct Tells<'a>(&'a RefCell<Vec<u8>>, u8);

    impl Drop for Tells<'_> {
        fn drop(&mut self) {
            self.0.borrow_mut().push(self.1);
        }
    }

    #[test]
    fn the_last_kept_is_dropped_first() {
        let told = RefCell::new(Vec::new());
        let arena = Arena::default();
        for number in 0..3 {
            // SAFETY: `told` is dropped after the arena.
            unsafe { arena.keep(Tells(&told, number)) };
        }
        drop(arena);
        assert_eq!(told.into_inner(), [2, 1, 0]);
    }
}
