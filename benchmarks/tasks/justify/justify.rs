/// Greedy line filling: as many words a line as fit into `width` with single spaces. A longer word gets a line of its own.
pub fn justify(text: &str, width: usize) -> Vec<String> {
    todo!()
}
