/// Rotate `xs` to the right by `k` places, in place; to the left where `k` is negative.
pub fn rotate(xs: &mut [i64], k: i64) {
    todo!()
}
