/// How many steps the Collatz sequence of `n` takes to reach 1, or None for 0.
pub fn collatz(n: u64) -> Option<u32> {
    todo!()
}
