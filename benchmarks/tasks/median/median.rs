/// The median of `xs`: the middle one in order, or the mean of the two in the middle. None of nothing.
pub fn median(xs: &[f64]) -> Option<f64> {
    todo!()
}
