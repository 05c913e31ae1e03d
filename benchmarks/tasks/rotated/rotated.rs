/// Whether `other` is `text` turned round by some number of characters.
pub fn rotated(text: &str, other: &str) -> bool {
    todo!()
}
