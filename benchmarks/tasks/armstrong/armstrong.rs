/// Whether `n` is the sum of its own decimal digits, each raised to the power of how many digits there are.
pub fn armstrong(n: u64) -> bool {
    todo!()
}
