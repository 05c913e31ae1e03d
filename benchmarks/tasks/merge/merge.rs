/// The union of intervals `[start, end]`, sorted. Intervals that overlap or touch become one; those with
/// start above end are left out.
pub fn merge(intervals: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    todo!()
}
