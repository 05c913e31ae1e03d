/// The indices `(i, j)`, i < j, of the first pair of `xs` that adds up to `total`: of those with the smallest j, the smallest i.
pub fn two_sum(xs: &[i64], total: i64) -> Option<(usize, usize)> {
    todo!()
}
