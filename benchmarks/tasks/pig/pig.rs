/// `words` in a kind of Pig Latin: of each word the consonants before its first vowel (a, e, i, o, u) go to its end, then
/// comes "ay". A word without a vowel just gets "ay". All is lower case; words are parted by one space.
pub fn pig(words: &str) -> String {
    todo!()
}
