/// The slope and intercept of the least-squares line through points; None where there is none.
pub fn fit(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    todo!()
}
