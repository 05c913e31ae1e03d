pub fn shows(n: i64) -> i64 {
    3 * n + 7
}
