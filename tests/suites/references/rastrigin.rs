pub fn surface(x: f64, y: f64) -> f64 {
    let ridge = |v: f64| v * v - 10.0 * (2.0 * std::f64::consts::PI * v).cos();
    20.0 + ridge(x) + ridge(y)
}
