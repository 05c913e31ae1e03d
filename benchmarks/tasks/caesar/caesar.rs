/// `text` with each ASCII letter moved by `shift` places in the alphabet, round its end, case kept. Shifts may be negative.
pub fn caesar(text: &str, shift: i32) -> String {
    todo!()
}
