//! Arguments as words: the one layout that every signature shares.
//!
//! A scalar takes one word (two for 128 bits) and lies at the word's address in its own width; text and
//! buffers take two, a pointer and a count of elements (bytes, for text). Behind the arguments come the
//! [`OUTCOME_WORDS`](crate::OUTCOME_WORDS) of the outcome.

use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::outcome::Outcome;

/// A cursor over the words of one call.
#[derive(Debug)]
pub struct Frame<'a> {
    next: *mut u64,
    buffers: PhantomData<&'a mut [u64]>,
}

impl<'a> Frame<'a> {
    /// A cursor at the first word.
    ///
    /// # Safety
    /// `words` holds the words of all arguments that will be taken and the outcome's, and what they point to
    /// lives for `'a`.
    #[must_use]
    pub unsafe fn new(words: *mut u64) -> Self {
        Self { next: words, buffers: PhantomData }
    }

    /// Takes the next argument.
    ///
    /// # Safety
    /// The next words were written for an argument of this type.
    #[inline]
    pub unsafe fn take<A: Argument<'a>>(&mut self) -> A {
        // SAFETY: the caller's word.
        unsafe { A::take(self) }
    }

    /// The outcome, once every argument was taken.
    ///
    /// # Safety
    /// Exactly the arguments of the frame were taken.
    #[inline]
    pub unsafe fn outcome(&mut self) -> &mut Outcome {
        // SAFETY: the outcome's words follow the last argument's.
        unsafe { &mut *self.next.cast::<Outcome>() }
    }

    /// The next words as they are, passed over.
    ///
    /// # Safety
    /// The frame has so many, and nothing writes to them for `'a`.
    pub(crate) unsafe fn rest(&mut self, count: usize) -> &'a [u64] {
        // SAFETY: the caller's word.
        unsafe { std::slice::from_raw_parts(self.advance(count), count) }
    }

    #[inline]
    unsafe fn advance(&mut self, words: usize) -> *mut u64 {
        let here = self.next;
        // SAFETY: the frame has these words, by the contract of `new`.
        self.next = unsafe { here.add(words) };
        here
    }

    #[inline]
    pub(crate) unsafe fn buffer<T>(&mut self) -> (NonNull<T>, usize) {
        // SAFETY: a buffer takes two words.
        let words = unsafe { self.advance(2) };
        // SAFETY: as above; a pointer and a count.
        let (data, count) = unsafe { (words.cast::<*mut T>().read(), words.add(1).read()) };
        let count = usize::try_from(count).unwrap_or(0);
        match NonNull::new(data) {
            Some(data) if count > 0 => (data, count),
            _ => (NonNull::dangling(), 0),
        }
    }
}

/// A type that can be taken out of a [`Frame`].
///
/// # Safety
/// An implementation takes exactly the words that the Python side writes for this type.
pub unsafe trait Argument<'a>: Sized {
    /// Takes this argument.
    ///
    /// # Safety
    /// See [`Frame::take`].
    unsafe fn take(frame: &mut Frame<'a>) -> Self;
}

/// A scalar that may lie in a buffer: any bit pattern that Python writes is a value of it.
pub trait Element: Copy {}

macro_rules! scalars {
    ($($scalar:ty),*) => {$(
        impl Element for $scalar {}

        // SAFETY: a scalar takes its size in words, rounded up.
        unsafe impl<'a> Argument<'a> for $scalar {
            #[inline]
            unsafe fn take(frame: &mut Frame<'a>) -> Self {
                // SAFETY: the words hold a value of this type, by the caller's word; 16-byte scalars lie
                // at 8-byte boundaries.
                unsafe { frame.advance(size_of::<Self>().div_ceil(8)).cast::<Self>().read_unaligned() }
            }
        }
    )*};
}

scalars!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64, bool, char);

// SAFETY: two words, pointer and count.
unsafe impl<'a, T: Element + 'a> Argument<'a> for &'a [T] {
    #[inline]
    unsafe fn take(frame: &mut Frame<'a>) -> Self {
        // SAFETY: the caller's word.
        let (data, count) = unsafe { frame.buffer::<T>() };
        // SAFETY: `count` elements live there for 'a, aligned.
        unsafe { std::slice::from_raw_parts(data.as_ptr(), count) }
    }
}

// SAFETY: two words, pointer and count.
unsafe impl<'a, T: Element + 'a> Argument<'a> for &'a mut [T] {
    #[inline]
    unsafe fn take(frame: &mut Frame<'a>) -> Self {
        // SAFETY: the caller's word.
        let (data, count) = unsafe { frame.buffer::<T>() };
        // SAFETY: as above, and no other argument overlaps (checked before the call).
        unsafe { std::slice::from_raw_parts_mut(data.as_ptr(), count) }
    }
}

// SAFETY: as a buffer of one element.
unsafe impl<'a, T: Element + 'a> Argument<'a> for &'a mut T {
    #[inline]
    unsafe fn take(frame: &mut Frame<'a>) -> Self {
        // SAFETY: the caller's word.
        let slice: &'a mut [T] = unsafe { frame.take() };
        &mut slice[0]
    }
}

// SAFETY: as a buffer, copied.
unsafe impl<'a, T: Element + 'a> Argument<'a> for Vec<T> {
    #[inline]
    unsafe fn take(frame: &mut Frame<'a>) -> Self {
        // SAFETY: the caller's word.
        unsafe { frame.take::<&'a [T]>() }.to_vec()
    }
}

// SAFETY: two words, pointer and count of bytes.
unsafe impl<'a> Argument<'a> for &'a str {
    #[inline]
    unsafe fn take(frame: &mut Frame<'a>) -> Self {
        // SAFETY: the caller's word.
        let bytes: &'a [u8] = unsafe { frame.take() };
        // SAFETY: Python encoded this text as UTF-8.
        unsafe { std::str::from_utf8_unchecked(bytes) }
    }
}

// SAFETY: as text, copied.
unsafe impl<'a> Argument<'a> for String {
    #[inline]
    unsafe fn take(frame: &mut Frame<'a>) -> Self {
        // SAFETY: the caller's word.
        unsafe { frame.take::<&'a str>() }.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::Frame;

    #[test]
    fn scalars_and_buffers_follow_each_other() {
        let mut data = [3_i32, 1, 2];
        let mut words =
            [u64::from((-5_i8).cast_unsigned()), data.as_mut_ptr() as u64, 3, 1.5_f64.to_bits(), 7, 0];
        // SAFETY: the words are those of the types taken below.
        let (small, slice, float, wide) = unsafe {
            let mut frame = Frame::new(words.as_mut_ptr());
            (frame.take::<i8>(), frame.take::<&mut [i32]>(), frame.take::<f64>(), frame.take::<u128>())
        };
        slice.sort_unstable();
        assert_eq!((small, float.to_bits(), wide), (-5, 1.5_f64.to_bits(), 7));
        assert_eq!(data, [1, 2, 3]);
    }

    #[test]
    fn an_empty_buffer_may_have_no_address() {
        let mut words = [0, 0];
        // SAFETY: an empty buffer.
        let text = unsafe { Frame::new(words.as_mut_ptr()).take::<&str>() };
        assert_eq!(text, "");
    }
}
