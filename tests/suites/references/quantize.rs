pub fn quantize(values: &[f64]) -> Vec<f64> {
    // Lloyd's algorithm in one dimension: levels move into the middle of what is nearest to them.
    let mut levels: Vec<f64> = (0..12).map(|at| (at as f64 - 5.5) * 0.9).collect();
    let nearest = |levels: &[f64], value: f64| {
        (0..levels.len())
            .min_by(|&a, &b| (levels[a] - value).abs().total_cmp(&(levels[b] - value).abs()))
            .unwrap()
    };
    if values.is_empty() {
        return Vec::new();
    }
    for _ in 0..20 {
        let mut sums = vec![(0.0, 0usize); levels.len()];
        for &value in values {
            let sum = &mut sums[nearest(&levels, value)];
            *sum = (sum.0 + value, sum.1 + 1);
        }
        for (level, (sum, number)) in levels.iter_mut().zip(sums) {
            if number > 0 {
                *level = sum / number as f64;
            }
        }
    }
    values.iter().map(|&value| levels[nearest(&levels, value)]).collect()
}
