/// `n` in balanced ternary, most significant digit first: `+` is 1, `0` is 0, `-` is -1. No leading zeros but for 0.
pub fn balanced_ternary(n: i32) -> String {
    todo!()
}
