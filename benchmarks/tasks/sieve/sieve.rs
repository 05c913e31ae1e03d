/// All primes below `limit`.
pub fn sieve(limit: usize) -> Vec<usize> {
    todo!()
}
