#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Equilateral,
    Isosceles,
    Scalene,
    Impossible,
}

/// What triangle three sides make. Sides of 0, and such that do not close, are impossible.
pub fn triangle(a: u32, b: u32, c: u32) -> Kind {
    todo!()
}
