/// The value of an expression of integers, `+ - * /`, unary minus and brackets, with the usual precedence; division
/// truncates. What is no expression, divides by zero or overflows is an error.
pub fn calc(text: &str) -> Result<i64, String> {
    todo!()
}
