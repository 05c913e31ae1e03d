/// The longest text with which all `words` begin.
pub fn common_prefix(words: &[&str]) -> String {
    todo!()
}
