/// Sort ascending, in place, and fast. There is no NaN among `xs`.
///
/// The work is done here: the standard library's own sorting and its ordered collections are not for this.
pub fn sort(xs: &mut [f64]) {
    for end in (1..xs.len()).rev() {
        for at in 0..end {
            if xs[at] > xs[at + 1] {
                xs.swap(at, at + 1);
            }
        }
    }
}
