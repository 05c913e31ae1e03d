pub fn primes(limit: usize) -> Vec<usize> {
    if limit < 2 {
        return Vec::new();
    }
    // Odd numbers alone: `composite[i]` speaks of 2 * i + 1.
    let mut composite = vec![false; limit.div_ceil(2)];
    let mut at = 1;
    while (2 * at + 1) * (2 * at + 1) <= limit {
        if !composite[at] {
            let step = 2 * at + 1;
            let mut multiple = step * step / 2;
            while multiple < composite.len() {
                composite[multiple] = true;
                multiple += step;
            }
        }
        at += 1;
    }
    let odd = (1..composite.len()).filter(|&at| !composite[at]).map(|at| 2 * at + 1);
    std::iter::once(2).chain(odd).filter(|&prime| prime <= limit).collect()
}
