/// The letters of the English alphabet that `text` lacks, in order, lower case; case is not regarded.
pub fn pangram(text: &str) -> String {
    todo!()
}
