/// The Gray codes of `bits` bits in their order, from 0.
pub fn gray(bits: u32) -> Vec<u32> {
    todo!()
}
