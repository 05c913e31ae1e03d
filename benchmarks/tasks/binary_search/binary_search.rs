/// Where `wanted` would have to be inserted into sorted `xs` so that it stays sorted, before all of its equals.
pub fn binary_search(xs: &[i64], wanted: i64) -> usize {
    todo!()
}
