/// At how many places two texts of equal length differ, by characters; None where their lengths differ.
pub fn hamming(one: &str, other: &str) -> Option<usize> {
    todo!()
}
