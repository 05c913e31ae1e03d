pub fn position(closes: &[f64]) -> f64 {
    // What is far from its mean comes back to it.
    let logs: Vec<f64> = closes.iter().map(|close| close.ln()).collect();
    let mean = logs.iter().sum::<f64>() / logs.len() as f64;
    let deviation = (logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / logs.len() as f64).sqrt();
    let distance = logs[logs.len() - 1] - mean;
    (-distance / (deviation + 1e-9)).clamp(-1.0, 1.0)
}
