/// Pack bytes so that runs of the same byte become short.
///
/// The packed form is free, as long as `decode` understands it.
pub fn encode(data: &[u8]) -> Vec<u8> {
    todo!()
}

/// Unpack what `encode` packed: `decode(&encode(data))` is `data` again, for all bytes there are.
pub fn decode(packed: &[u8]) -> Vec<u8> {
    todo!()
}
