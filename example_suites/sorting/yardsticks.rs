//! What `sort` is measured by. Nothing in here evolves.

/// What `sort.rs` begins with.
pub fn bubble_sort(xs: &mut [f64]) {
    for end in (1..xs.len()).rev() {
        for at in 0..end {
            if xs[at] > xs[at + 1] {
                xs.swap(at, at + 1);
            }
        }
    }
}

/// What the standard library has.
pub fn std_sort(xs: &mut [f64]) {
    xs.sort_unstable_by(|a, b| a.total_cmp(b));
}
