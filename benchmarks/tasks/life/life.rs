/// One generation of Conway's game of life on a bounded board; all rows have one length.
pub fn life(board: Vec<Vec<bool>>) -> Vec<Vec<bool>> {
    todo!()
}
