/// The lines of `text` as columns: line i of the result has character i of each line, a space where a line is too short,
/// but no spaces at a line's end. Lines are parted by `\n`.
pub fn transpose(text: &str) -> String {
    todo!()
}
