/// All divisors of `n` in rising order; none of 0.
pub fn divisors(n: u64) -> Vec<u64> {
    todo!()
}
