/// The sum of the decimal digits of `n`, of that sum again, until one digit is left; and how often that was done.
pub fn digital_root(n: u64) -> (u64, u32) {
    todo!()
}
