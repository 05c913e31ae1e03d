//! One function, called for each element of arrays.

use std::cell::Cell;

use crate::frame::{Argument, Element, Frame};
use crate::guard::{guard, note};
use crate::{PANICKED, RETURNED, Slot};

/// An argument of every call: the elements of an array one by one, or one value for all.
#[derive(Clone, Copy, Debug)]
pub struct Column<T> {
    data: *const T,
    /// All bits where there is an element for each index, none where there is one for all.
    mask: usize,
}

impl<T: Element> Column<T> {
    /// The argument of the call with this index.
    ///
    /// # Safety
    /// The column has this element, or one for all.
    #[inline]
    #[must_use]
    pub unsafe fn get(&self, index: usize) -> T {
        // SAFETY: the caller's word. Arrays of numpy may lie anywhere.
        unsafe { self.data.add(index & self.mask).read_unaligned() }
    }
}

// SAFETY: two words, pointer and count.
unsafe impl<'a, T: Element> Argument<'a> for Column<T> {
    unsafe fn take(frame: &mut Frame<'a>) -> Self {
        // SAFETY: the caller's word.
        let (data, count) = unsafe { frame.buffer::<T>() };
        Self { data: data.as_ptr(), mask: if count == 1 { 0 } else { usize::MAX } }
    }
}

/// Calls what `slot` points to for each place of the results, which come first in the frame; `columns` takes
/// the arguments behind them, and `invoke` makes the call with an index. A panic names the index.
///
/// # Safety
/// `words` is such a frame, its columns have as many elements as there are results, or one, and `slot` holds
/// an entry of the type `E`.
#[inline]
pub unsafe fn map<E: Copy, R: Element + 'static, C>(
    slot: *const Slot,
    words: *mut u64,
    columns: impl FnOnce(&mut Frame<'_>) -> C,
    invoke: impl Fn(E, &C, usize) -> R,
) -> u32 {
    let at = Cell::new(0);
    let returned = guard(|| {
        // SAFETY: the caller vouches for both pointers, the frame and the entry's type.
        let (entry, mut frame) = unsafe { ((*slot).entry::<E>(), Frame::new(words)) };
        // SAFETY: as above.
        let results: &mut [R] = unsafe { frame.take() };
        let columns = columns(&mut frame);
        // SAFETY: all arguments were taken.
        unsafe { frame.outcome() }.data = std::ptr::null_mut();
        for (index, result) in results.iter_mut().enumerate() {
            at.set(index);
            *result = invoke(entry, &columns, index);
        }
    });
    if returned {
        RETURNED
    } else {
        note(&format!(" (element {})", at.get()));
        PANICKED
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, map};
    use crate::frame::Frame;
    use crate::{OUTCOME_WORDS, PANICKED, RETURNED, Slot, install_hook, last_panic};

    type Entry = fn(u8, u8) -> u16;

    fn divided(x: u8, y: u8) -> u16 {
        u16::from(x / y)
    }

    fn run(xs: &[u8], ys: &[u8]) -> (u32, Vec<u16>) {
        let slot = Slot::empty();
        slot.store(divided as Entry as *mut ());
        let mut results = vec![0_u16; xs.len()];
        let mut words = vec![results.as_mut_ptr() as u64, results.len() as u64];
        words.extend([xs, ys].iter().flat_map(|column| [column.as_ptr() as u64, column.len() as u64]));
        words.resize(words.len() + OUTCOME_WORDS, 7);
        // SAFETY: the frame is laid out for two columns.
        let status = unsafe {
            map(
                &raw const slot,
                words.as_mut_ptr(),
                |frame: &mut Frame<'_>| (frame.take::<Column<u8>>(), frame.take::<Column<u8>>()),
                |entry: Entry, columns, index| entry(columns.0.get(index), columns.1.get(index)),
            )
        };
        (status, results)
    }

    #[test]
    fn each_element_is_called_and_one_value_is_for_all() {
        assert_eq!(run(&[8, 9, 10], &[2, 3, 5]), (RETURNED, vec![4, 3, 2]));
        assert_eq!(run(&[8, 9, 10], &[2]), (RETURNED, vec![4, 4, 5]));
        assert_eq!(run(&[], &[2]), (RETURNED, vec![]));
    }

    #[test]
    fn a_panic_names_its_element() {
        install_hook();
        assert_eq!(run(&[8, 9, 10], &[2, 0, 5]).0, PANICKED);
        assert_eq!(last_panic().message, "attempt to divide by zero (element 1)");
    }
}
