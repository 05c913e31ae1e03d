/// Whether the digits of `number` pass the Luhn check. Spaces are ignored; anything else makes it invalid, and so
/// does having fewer than two digits.
pub fn luhn(number: &str) -> bool {
    todo!()
}
