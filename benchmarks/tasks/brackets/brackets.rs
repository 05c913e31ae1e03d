/// The position (in characters) of the first bracket that does not fit, or None where all fit.
///
/// An opening bracket that is never closed does not fit; of several such, the outermost counts. Brackets are
/// ()[]{}; other characters are ignored.
pub fn brackets(text: &str) -> Option<usize> {
    todo!()
}
