/// Whether `text` is a valid ISBN-10: ten digits, the last one perhaps `X` for 10, hyphens anywhere between not regarded,
/// and the sum of the digits, the first times 10 down to the last times 1, divisible by 11.
pub fn isbn(text: &str) -> bool {
    todo!()
}
