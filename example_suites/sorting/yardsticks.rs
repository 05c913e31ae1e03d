//! What `sort` is measured by. Nothing in here evolves.

use std::hint::black_box;

fn bubble_sort(xs: &mut [f64]) {
    for end in (1..xs.len()).rev() {
        for at in 0..end {
            if xs[at] > xs[at + 1] {
                xs.swap(at, at + 1);
            }
        }
    }
}

/// What `sort.rs` begins with.
pub fn bubble_sort_copies(xs: &[f64], times: usize) -> f64 {
    let mut copy = xs.to_vec();
    for _ in 0..times {
        copy.copy_from_slice(black_box(xs));
        bubble_sort(black_box(&mut copy));
    }
    copy[xs.len() / 2]
}

/// What the standard library has.
pub fn std_sort_copies(xs: &[f64], times: usize) -> f64 {
    let mut copy = xs.to_vec();
    for _ in 0..times {
        copy.copy_from_slice(black_box(xs));
        black_box(&mut copy[..]).sort_unstable_by(|a, b| a.total_cmp(b));
    }
    copy[xs.len() / 2]
}
