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

/// Sort `times` fresh copies of `xs` and return the last one's middle: what is timed.
pub fn sort_copies(xs: &[f64], times: usize) -> f64 {
    let mut copy = xs.to_vec();
    for _ in 0..times {
        copy.copy_from_slice(std::hint::black_box(xs));
        sort(std::hint::black_box(&mut copy));
    }
    copy[xs.len() / 2]
}
