//! Loading builds.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::NonNull;

use crate::guard::install_hook;

const RTLD_NOW: c_int = 2;

unsafe extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn dlerror() -> *const c_char;
}

/// Loads the library at `path` and returns the address of `symbol`. Libraries are never unloaded.
///
/// # Errors
/// The loader's own message.
///
/// # Safety
/// Loading runs the library's initialisers.
pub unsafe fn load(path: &CStr, symbol: &CStr) -> Result<NonNull<()>, CString> {
    install_hook();
    // SAFETY: both are C strings; the caller vouches for the library.
    unsafe {
        let handle = dlopen(path.as_ptr(), RTLD_NOW);
        let address = if handle.is_null() { handle } else { dlsym(handle, symbol.as_ptr()) };
        NonNull::new(address.cast()).ok_or_else(|| {
            let message = dlerror();
            if message.is_null() { c"symbol is null".to_owned() } else { CStr::from_ptr(message).to_owned() }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::load;

    #[test]
    fn a_missing_library_is_an_error_with_its_name() {
        // SAFETY: there is no such library.
        let error = unsafe { load(c"/nowhere/lib.so", c"f") }.unwrap_err();
        assert!(error.to_string_lossy().contains("/nowhere/lib.so"));
    }

    #[test]
    fn a_missing_symbol_is_an_error_with_its_name() {
        // SAFETY: libc is loaded already.
        let error = unsafe { load(c"libc.so.6", c"no_such_symbol_here") }.unwrap_err();
        assert!(error.to_string_lossy().contains("no_such_symbol_here"));
    }
}
