/// The largest `r` with `r * r <= n`, without floating point numbers.
pub fn isqrt(n: u64) -> u64 {
    todo!()
}
