/// The first letter of each word, in upper case. Words are parted by spaces and hyphens.
pub fn acronym(phrase: &str) -> String {
    todo!()
}
