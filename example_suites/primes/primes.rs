/// All primes up to `limit`, `limit` included, in ascending order.
pub fn primes(limit: usize) -> Vec<usize> {
    todo!()
}
