//! Results as words.

use std::mem::ManuallyDrop;

use crate::frame::Element;
use crate::{REFUSED, RETURNED};

/// How many words of a frame the outcome takes.
pub const OUTCOME_WORDS: usize = size_of::<Outcome>() / 8;

/// What a call leaves behind: a scalar in `words`, or memory that now belongs to the caller.
///
/// `data` is null where there is none; `length` and `capacity` count bytes. The caller gives the memory back
/// with `symbiont_free(data, capacity, align)`.
#[repr(C)]
#[derive(Debug)]
pub struct Outcome {
    /// The scalar, in its own width.
    pub words: [u64; 2],
    /// The first byte of what was returned, or null.
    pub data: *mut u8,
    /// How many bytes were returned.
    pub length: u64,
    /// How many bytes were allocated.
    pub capacity: u64,
    /// The allocation's alignment in bytes.
    pub align: u64,
}

impl Outcome {
    fn own<T>(&mut self, values: Vec<T>) {
        let mut values = ManuallyDrop::new(values);
        self.data = values.as_mut_ptr().cast();
        self.length = size_of_val(values.as_slice()) as u64;
        self.capacity = (values.capacity() * size_of::<T>()) as u64;
        self.align = align_of::<T>() as u64;
    }
}

/// A type that a call can return.
pub trait Return {
    /// Stores this value, and says what `symbiont_call` answers.
    fn give(self, outcome: &mut Outcome) -> u32;
}

impl Return for () {
    #[inline]
    fn give(self, _: &mut Outcome) -> u32 {
        RETURNED
    }
}

macro_rules! scalars {
    ($($scalar:ty),*) => {$(
        impl Return for $scalar {
            #[inline]
            fn give(self, outcome: &mut Outcome) -> u32 {
                // SAFETY: the two words hold any scalar.
                unsafe { outcome.words.as_mut_ptr().cast::<Self>().write_unaligned(self) };
                RETURNED
            }
        }
    )*};
}

scalars!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64, bool, char);

impl<T: Element> Return for Vec<T> {
    #[inline]
    fn give(self, outcome: &mut Outcome) -> u32 {
        outcome.own(self);
        RETURNED
    }
}

impl Return for String {
    #[inline]
    fn give(self, outcome: &mut Outcome) -> u32 {
        outcome.own(self.into_bytes());
        RETURNED
    }
}

/// What the codec wrote, and whether that is an `Err`.
impl Return for (bool, Vec<u8>) {
    #[inline]
    fn give(self, outcome: &mut Outcome) -> u32 {
        outcome.words = [self.0.into(), 0];
        outcome.own(self.1);
        RETURNED
    }
}

/// The result, or why the packed arguments could not be read.
impl<T: Return> Return for Result<T, String> {
    #[inline]
    fn give(self, outcome: &mut Outcome) -> u32 {
        match self {
            Ok(value) => value.give(outcome),
            Err(reason) => {
                outcome.own(reason.into_bytes());
                REFUSED
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Return};
    use crate::abi::symbiont_free;
    use crate::{REFUSED, RETURNED};

    fn outcome() -> Outcome {
        Outcome { words: [0; 2], data: std::ptr::null_mut(), length: 0, capacity: 0, align: 0 }
    }

    #[test]
    fn a_scalar_keeps_its_bits() {
        let mut outcome = outcome();
        (-0.0_f64).give(&mut outcome);
        assert_eq!(outcome.words[0], (-0.0_f64).to_bits());
        i128::MIN.give(&mut outcome);
        assert_eq!(outcome.words, [0, 1 << 63]);
    }

    #[test]
    fn what_is_packed_says_whether_it_failed() {
        for (packed, status, flag, length) in [
            (Ok((false, vec![1])), RETURNED, 0, 1),
            (Ok((true, vec![1, 2])), RETURNED, 1, 2),
            (Err("no".to_owned()), REFUSED, 0, 2),
        ] {
            let mut outcome = outcome();
            assert_eq!(packed.give(&mut outcome), status);
            assert_eq!((outcome.words[0], outcome.length, outcome.align), (flag, length, 1));
            // SAFETY: this is what was allocated.
            unsafe { symbiont_free(outcome.data, outcome.capacity, outcome.align) };
        }
    }

    #[test]
    fn a_vector_is_handed_over_and_given_back() {
        let mut outcome = outcome();
        vec![1_u16, 2, 3].give(&mut outcome);
        assert_eq!((outcome.length, outcome.align), (6, 2));
        // SAFETY: this is what was allocated.
        unsafe { symbiont_free(outcome.data, outcome.capacity, outcome.align) };
    }
}
