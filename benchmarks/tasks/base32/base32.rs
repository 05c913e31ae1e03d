/// Base 32 of RFC 4648: the alphabet A-Z2-7, padded with `=` to whole groups of eight.
pub fn base32(data: &[u8]) -> String {
    todo!()
}
