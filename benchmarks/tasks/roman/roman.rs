/// The Roman numeral of `n`, for 1 to 3999.
pub fn roman(n: u32) -> String {
    todo!()
}
