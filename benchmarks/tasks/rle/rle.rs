/// Run-length encoding: each run of a byte becomes the pair of its length (at most 255) and the byte.
pub fn rle(data: &[u8]) -> Vec<(u8, u8)> {
    todo!()
}
