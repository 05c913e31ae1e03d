/// Row `n` of Pascal's triangle; row 0 is [1].
pub fn pascal(n: usize) -> Vec<u64> {
    todo!()
}
