/// The values of a matrix (all rows of one length) in clockwise spiral order from the top left.
pub fn spiral(matrix: Vec<Vec<i32>>) -> Vec<i32> {
    todo!()
}
