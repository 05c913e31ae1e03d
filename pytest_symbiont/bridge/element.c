/* Scalars: from Python objects to words. Shared by the packer and the callable; the files are compiled as one. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if PY_VERSION_HEX < 0x030C0000
#include <structmember.h>
#define Py_T_PYSSIZET T_PYSSIZET
#define Py_READONLY READONLY
#endif

#ifndef Py_BEGIN_CRITICAL_SECTION /* came with 3.13, and does something on free-threaded builds only */
#define Py_BEGIN_CRITICAL_SECTION(object) {
#define Py_END_CRITICAL_SECTION() }
#endif

#if PY_BIG_ENDIAN || SIZEOF_VOID_P != 8
#error "pytest-symbiont's callable needs a little-endian 64-bit machine"
#endif

/* Elements: the scalar types, and what a buffer or a Vec is made of ------------------------------------- */

typedef enum { SIGNED, UNSIGNED, FLOAT, BOOL, CHAR, TEXT } Family;

typedef struct {
    char code;
    Family family;
    uint8_t size;
    int64_t low, high; /* the range of an integer; the upper half of u64 is take_integer's business */
} Element;

static const Element ELEMENTS[] = {
    {'b', SIGNED, 1, INT8_MIN, INT8_MAX},   {'B', UNSIGNED, 1, 0, UINT8_MAX},
    {'h', SIGNED, 2, INT16_MIN, INT16_MAX}, {'H', UNSIGNED, 2, 0, UINT16_MAX},
    {'i', SIGNED, 4, INT32_MIN, INT32_MAX}, {'I', UNSIGNED, 4, 0, UINT32_MAX},
    {'q', SIGNED, 8, INT64_MIN, INT64_MAX}, {'Q', UNSIGNED, 8, 0, INT64_MAX},
    {'n', SIGNED, 8, INT64_MIN, INT64_MAX}, {'N', UNSIGNED, 8, 0, INT64_MAX},
    {'f', FLOAT, 4, 0, 0},                  {'d', FLOAT, 8, 0, 0},
    {'?', BOOL, 1, 0, 0},                   {'c', CHAR, 4, 0, 0},
    {'t', TEXT, 1, 0, 0},
};

static const Element *
find_element(char code)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(ELEMENTS); i++) {
        if (ELEMENTS[i].code == code) {
            return &ELEMENTS[i];
        }
    }
    return NULL;
}

#define READ(type, from) (*(type *)memcpy(&(type){0}, (from), sizeof(type)))

/* From Python to words. Each take_… says whether the argument fits, and leaves no exception behind. ------- */

static bool
take_integer(const Element *element, PyObject *argument, uint64_t *word)
{
    if (!PyLong_Check(argument) || PyBool_Check(argument)) {
        return false;
    }
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(argument, &overflow);
    if (overflow == 0) {
        *word = (uint64_t)value;
        return value >= element->low && value <= element->high;
    }
    if (overflow < 0 || element->family != UNSIGNED || element->size != 8) {
        return false;
    }
    unsigned long long large = PyLong_AsUnsignedLongLong(argument);
    if (large == (unsigned long long)-1 && PyErr_Occurred()) {
        PyErr_Clear();
        return false;
    }
    *word = large;
    return true;
}

static bool
take_float(const Element *element, PyObject *argument, uint64_t *word)
{
    double value;
    if (PyFloat_Check(argument)) {
        value = PyFloat_AS_DOUBLE(argument);
    }
    else if (PyLong_Check(argument) && !PyBool_Check(argument)) {
        value = PyLong_AsDouble(argument);
        if (value == -1.0 && PyErr_Occurred()) {
            PyErr_Clear();
            return false;
        }
    }
    else {
        return false;
    }
    if (element->size == 8) {
        memcpy(word, &value, sizeof value);
        return true;
    }
    float narrow = (float)value;
    memcpy(word, &narrow, sizeof narrow);
    return !isinf(narrow) || isinf(value);
}

static bool
take_char(PyObject *argument, uint64_t *word)
{
    if (!PyUnicode_Check(argument) || PyUnicode_GetLength(argument) != 1) {
        return false;
    }
    Py_UCS4 value = PyUnicode_ReadChar(argument, 0);
    *word = value;
    return !Py_UNICODE_IS_SURROGATE(value);
}

static bool
take_scalar(const Element *element, PyObject *argument, uint64_t *word)
{
    switch (element->family) {
    case SIGNED:
    case UNSIGNED:
        return take_integer(element, argument, word);
    case FLOAT:
        return take_float(element, argument, word);
    case BOOL:
        *word = argument == Py_True;
        return PyBool_Check(argument);
    case CHAR:
        return take_char(argument, word);
    default:
        return false;
    }
}

/* The UTF-8 text belongs to the str, which the caller keeps alive during the call. */
static bool
take_text(PyObject *argument, uint64_t *word)
{
    if (!PyUnicode_Check(argument)) {
        return false;
    }
    Py_ssize_t length;
    const char *text = PyUnicode_AsUTF8AndSize(argument, &length);
    if (text == NULL) { /* a lone surrogate */
        PyErr_Clear();
        return false;
    }
    word[0] = (uint64_t)(uintptr_t)text;
    word[1] = (uint64_t)length;
    return true;
}

/* Whether a buffer holds such elements in this machine's byte order. The format says the family only: its
   size is the item's, because `l` has 4 or 8 bytes by prefix, platform and exporter (ctypes says `<l` for 8). */
static bool
holds(const Py_buffer *view, const Element *element)
{
    const char *format = view->format == NULL ? "B" : view->format;
    if (*format == '@' || *format == '=' || *format == '<') {
        format++;
    }
    if (format[0] == '\0' || format[1] != '\0' || view->itemsize != element->size) {
        return false;
    }
    switch (element->family) {
    case SIGNED:
        return strchr("bhilqn", format[0]) != NULL;
    case UNSIGNED:
        return strchr("BHILQN", format[0]) != NULL;
    case FLOAT:
        return strchr("fd", format[0]) != NULL;
    default: /* a byte that is neither 0 nor 1 is no bool, and not every u32 is a char */
        return false;
    }
}
