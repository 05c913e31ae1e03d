pub fn encode(data: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    for run in data.chunk_by(|a, b| a == b) {
        for part in run.chunks(255) {
            packed.extend([part.len() as u8, part[0]]);
        }
    }
    packed
}

pub fn decode(packed: &[u8]) -> Vec<u8> {
    packed
        .chunks_exact(2)
        .flat_map(|pair| std::iter::repeat_n(pair[1], pair[0] as usize))
        .collect()
}
