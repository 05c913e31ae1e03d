/// The height of a surface at (`x`, `y`), both from -5 to 5.
///
/// There is one exact formula for it. It is not known here: find it from the samples.
pub fn surface(x: f64, y: f64) -> f64 {
    let _ = (x, y);
    0.0
}
