"""The functions that cross, as one Rust text for ours and for PyO3.

Their bodies do next to nothing, so that what is measured is the way there and back.
"""

from __future__ import annotations

VALUES = """\
use std::collections::HashMap;

pub fn add(a: i64, b: i64) -> i64 {
    a + b
}

pub fn reversed(texts: Vec<String>) -> Vec<String> {
    texts.into_iter().rev().collect()
}

pub fn transposed(rows: Vec<Vec<i64>>) -> Vec<Vec<i64>> {
    let width = rows.first().map_or(0, Vec::len);
    (0..width).map(|column| rows.iter().map(|row| row[column]).collect()).collect()
}

pub fn negated(series: HashMap<String, Vec<f64>>) -> HashMap<String, Vec<f64>> {
    let negative = |values: Vec<f64>| values.into_iter().map(|value| -value).collect();
    series.into_iter().map(|(name, values)| (name, negative(values))).collect()
}
"""

RECORDS = """\
pub struct Record {
    pub id: u32,
    pub name: String,
    pub x: f64,
    pub y: f64,
    pub active: bool,
}

pub fn moved(records: Vec<Record>) -> Vec<Record> {
    records.into_iter().map(|record| Record { x: record.x + record.y, ..record }).collect()
}
"""

BUFFERS = """\
pub fn middle(values: &[f64]) -> f64 {
    values[values.len() / 2]
}

pub fn total(values: &[f64]) -> f64 {
    values.iter().sum()
}
"""

_BY_ATTRIBUTES = "#[derive(FromPyObject, IntoPyObject)]\n"
_BY_CLASS = "#[derive(Clone)]\n#[pyclass(frozen, get_all, from_py_object)]\n"
_CONSTRUCTOR = """
#[pymethods]
impl Record {
    #[new]
    fn new(id: u32, name: String, x: f64, y: f64, active: bool) -> Self {
        Self { id, name, x, y, active }
    }
}
"""
# What a slice of numpy needs in PyO3, and, for ctypes, in C.
_EXPOSED = """
mod slices {
    use numpy::PyReadonlyArray1;
    use pyo3::prelude::*;

    #[pyfunction]
    pub fn middle(values: PyReadonlyArray1<'_, f64>) -> PyResult<f64> {
        Ok(super::buffers::middle(values.as_slice()?))
    }

    #[pyfunction]
    pub fn total(values: PyReadonlyArray1<'_, f64>) -> PyResult<f64> {
        Ok(super::buffers::total(values.as_slice()?))
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn c_add(a: i64, b: i64) -> i64 {
    values::add(a, b)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn c_middle(values: *const f64, count: usize) -> f64 {
    buffers::middle(unsafe { std::slice::from_raw_parts(values, count) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn c_total(values: *const f64, count: usize) -> f64 {
    buffers::total(unsafe { std::slice::from_raw_parts(values, count) })
}

#[pyo3::pymodule]
mod exposed {
    use pyo3::pymodule;

    #[pymodule_export]
    use super::values::{add, negated, reversed, transposed};
    #[pymodule_export]
    use super::slices::{middle, total};
    #[pymodule_export]
    use super::attributes::moved;

    #[pymodule]
    mod classes {
        #[pymodule_export]
        use super::super::classes::{Record, moved};
    }
}
"""


def ours() -> str:
    """All of it, as a user of ours writes it."""
    return f"{VALUES}\n{RECORDS}\n{BUFFERS}"


def pyo3() -> str:
    """The same for PyO3: attributes at functions and types, and the structs in both of PyO3's ways."""
    modules = {
        "values": _functions(VALUES),
        "buffers": BUFFERS,
        "attributes": _BY_ATTRIBUTES + _functions(RECORDS),
        "classes": _BY_CLASS + _functions(RECORDS) + _CONSTRUCTOR,
    }
    text = "".join(_module(name, inside) for name, inside in modules.items())
    return text + _EXPOSED


def _functions(text: str) -> str:
    return text.replace("pub fn", "#[pyfunction]\npub fn")


def _module(name: str, text: str) -> str:
    return f"mod {name} {{\n#[allow(unused_imports)]\nuse pyo3::prelude::*;\n{text}}}\n\n"
