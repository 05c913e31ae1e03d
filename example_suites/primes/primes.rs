/// All primes up to `limit`, `limit` included, in ascending order.
pub fn primes(limit: usize) -> Vec<usize> {
    todo!()
}

/// How many primes there are up to `limit`: what is timed.
pub fn count(limit: usize) -> usize {
    primes(limit).len()
}
