/// How often each word stands in `text`. A word is a run of letters, digits and apostrophes, in lower case, without
/// apostrophes at its ends.
pub fn wordcount(text: &str) -> std::collections::HashMap<String, u32> {
    todo!()
}
