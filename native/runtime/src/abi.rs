//! The C functions that Python calls (through cffi).

use std::alloc::{Layout, dealloc};
use std::ffi::{CStr, c_char};
use std::ptr;

use crate::ask::{answer_by_callback, keep_answer};
use crate::guard::{PanicReport, last_panic};
use crate::load::load;
use crate::slot::Slot;

/// A new, empty slot. It lives as long as the process: a call may be under way in it at any time.
#[unsafe(no_mangle)]
pub extern "C" fn symbiont_slot() -> *mut Slot {
    Box::into_raw(Box::new(Slot::empty()))
}

/// Makes `entry` what calls through `slot` reach.
///
/// # Safety
/// `slot` is from [`symbiont_slot`]; `entry` is an entry of the slot's signature.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn symbiont_store(slot: *const Slot, entry: *mut ()) {
    // SAFETY: the caller's word.
    unsafe { (*slot).store(entry) };
}

/// Loads `path` and returns the address of `symbol`; null where that failed, with the loader's message in
/// `message` (at most `length` bytes, NUL included).
///
/// # Safety
/// All pointers are valid; loading runs the library's initialisers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn symbiont_load(
    path: *const c_char,
    symbol: *const c_char,
    message: *mut u8,
    length: usize,
) -> *mut () {
    // SAFETY: C strings, by the caller's word.
    match unsafe { load(CStr::from_ptr(path), CStr::from_ptr(symbol)) } {
        Ok(address) => address.as_ptr(),
        Err(error) => {
            let text = error.to_bytes();
            let count = text.len().min(length.saturating_sub(1));
            // SAFETY: `message` has room for `length` bytes.
            unsafe {
                ptr::copy_nonoverlapping(text.as_ptr(), message, count);
                message.add(count).write(0);
            }
            ptr::null_mut()
        }
    }
}

/// Makes `callback` what answers questions: `(number, arguments, length)` to 0, or to 1 where Python raised.
///
/// # Safety
/// It is such a C function, and lives as long as the process.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn symbiont_answer_by(callback: *mut ()) {
    answer_by_callback(callback);
}

/// Leaves an answer for the question that this thread is asking.
///
/// # Safety
/// `answer` is of `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn symbiont_answer(answer: *const u8, length: u64) {
    // SAFETY: the caller's word.
    keep_answer(unsafe { std::slice::from_raw_parts(answer, usize::try_from(length).unwrap_or(0)) });
}

/// Takes this thread's last panic. It must be given back with [`symbiont_panic_free`].
#[unsafe(no_mangle)]
pub extern "C" fn symbiont_panic() -> *mut PanicReport {
    Box::into_raw(Box::new(last_panic()))
}

/// Reads a panic: message and file as pointer and length, line and column from 1.
///
/// # Safety
/// `report` is from [`symbiont_panic`] and was not given back.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn symbiont_panic_read(report: *const PanicReport, fields: &mut PanicFields) {
    // SAFETY: the caller's word.
    let report = unsafe { &*report };
    *fields = PanicFields {
        message: report.message.as_ptr(),
        message_length: report.message.len(),
        file: report.file.as_ptr(),
        file_length: report.file.len(),
        line: report.line,
        column: report.column,
    };
}

/// Gives a panic back.
///
/// # Safety
/// `report` is from [`symbiont_panic`] and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn symbiont_panic_free(report: *mut PanicReport) {
    // SAFETY: the caller's word.
    drop(unsafe { Box::from_raw(report) });
}

/// A [`PanicReport`] as C sees it. The texts live as long as the report.
#[repr(C)]
#[derive(Debug)]
pub struct PanicFields {
    message: *const u8,
    message_length: usize,
    file: *const u8,
    file_length: usize,
    line: u32,
    column: u32,
}

/// Gives memory of an [`Outcome`](crate::Outcome) back.
///
/// # Safety
/// The three are an outcome's, and the memory is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn symbiont_free(data: *mut u8, capacity: u64, align: u64) {
    let (Ok(capacity), Ok(align)) = (usize::try_from(capacity), usize::try_from(align)) else {
        return;
    };
    if capacity > 0 {
        // SAFETY: the layout is the one that Vec allocated with.
        unsafe { dealloc(data, Layout::from_size_align_unchecked(capacity, align)) };
    }
}
