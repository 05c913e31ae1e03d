/// What the machine shows when its dial stands at `n`. It is a linear rule, the same for every `n`, and written down
/// nowhere.
pub fn shows(n: i64) -> i64 {
    todo!()
}
