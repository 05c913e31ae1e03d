/// Those of `candidates` that have the letters of `word` in another order, case not regarded; a word is no anagram of
/// itself. In the order of the candidates.
pub fn anagram(word: &str, candidates: &[&str]) -> Vec<String> {
    todo!()
}
