/* Composed results: from the bytes that native/codec wrote in this process to Python objects.

   It reads by the same nodes as the packer, trusts no length, and gives up (NULL, no exception) on whatever it
   is not sure of: then msgspec's decoder, which also reads what workers send, reads the whole or says what is
   wrong. */

typedef struct {
    const uint8_t *at, *end;
} Cursor;

static PyObject *unpack(const Packer *self, uint32_t index, Cursor *from, bool key);

static inline size_t
left(const Cursor *from)
{
    return (size_t)(from->end - from->at);
}

/* The next `size` bytes as a number, the highest first. */
static inline bool
take_number(Cursor *from, size_t size, uint64_t *number)
{
    if (left(from) < size) {
        return false;
    }
    if (left(from) >= sizeof *number) {
        memcpy(number, from->at, sizeof *number);
        *number = __builtin_bswap64(*number) >> (64 - 8 * size);
    }
    else {
        *number = 0;
        for (size_t i = 0; i < size; i++) {
            *number = *number << 8 | from->at[i];
        }
    }
    from->at += size;
    return true;
}

static inline bool
take_marker(Cursor *from, uint8_t *marker)
{
    if (from->at == from->end) {
        return false;
    }
    *marker = *from->at++;
    return true;
}

/* A count behind its marker: `tiny` bits of `small` itself, or one, two or four bytes behind another marker (0:
   there is none). No true count of things, each of a byte at least, is larger than what is left. */
static bool
take_count(Cursor *from, uint8_t small, uint8_t tiny, uint8_t one, uint8_t two, uint8_t four, Py_ssize_t *count)
{
    uint8_t marker;
    uint64_t number;
    if (!take_marker(from, &marker)) {
        return false;
    }
    if (tiny != 0 && (marker & ~tiny) == small) {
        number = marker & tiny;
    }
    else {
        size_t size = marker == one && one != 0 ? 1 : marker == two ? 2 : marker == four ? 4 : 0;
        if (size == 0 || !take_number(from, size, &number)) {
            return false;
        }
    }
    *count = (Py_ssize_t)number;
    return number <= left(from);
}

static inline bool
take_array(Cursor *from, Py_ssize_t *count)
{
    return take_count(from, 0x90, 0x0f, 0, 0xdc, 0xdd, count);
}

/* Whether all of these bytes, two or more, are ASCII: then they are the str's own memory. */
static bool
is_ascii(const uint8_t *bytes, Py_ssize_t count)
{
    uint64_t high = 0, word;
    Py_ssize_t i = 0;
    for (; i + 8 <= count; i += 8) {
        memcpy(&word, bytes + i, 8);
        high |= word;
    }
    for (; i < count; i++) {
        high |= bytes[i];
    }
    return count > 1 && (high & 0x8080808080808080u) == 0;
}

static PyObject *
unpack_text(Cursor *from)
{
    Py_ssize_t count;
    if (!take_count(from, 0xa0, 0x1f, 0xd9, 0xda, 0xdb, &count)) {
        return NULL;
    }
    PyObject *text;
    if (is_ascii(from->at, count)) {
        text = PyUnicode_New(count, 0x7f);
        if (text != NULL) {
            memcpy(PyUnicode_1BYTE_DATA(text), from->at, (size_t)count);
        }
    }
    else {
        text = PyUnicode_DecodeUTF8((const char *)from->at, count, "strict");
    }
    from->at += count;
    return text;
}

static bool
take_integer_of(Cursor *from, bool *negative, uint64_t *number)
{
    uint8_t marker;
    if (!take_marker(from, &marker)) {
        return false;
    }
    *negative = false;
    if (marker < 0x80) {
        *number = marker;
        return true;
    }
    if (marker >= 0xe0) {
        *negative = true;
        *number = (uint64_t)(int64_t)(int8_t)marker;
        return true;
    }
    if (marker < 0xcc || marker > 0xd3) {
        return false;
    }
    size_t size = (size_t)1 << ((marker - 0xcc) & 3);
    if (!take_number(from, size, number)) {
        return false;
    }
    if (marker >= 0xd0) {
        unsigned shift = 64 - 8 * (unsigned)size;
        *number = (uint64_t)((int64_t)(*number << shift) >> shift);
        *negative = (int64_t)*number < 0;
    }
    return true;
}

static bool
in_range(const Element *element, bool negative, uint64_t number)
{
    if (negative) {
        return (int64_t)number >= element->low;
    }
    return number <= (uint64_t)element->high || (element->family == UNSIGNED && element->size == 8);
}

static PyObject *
unpack_scalar(const Element *element, Cursor *from)
{
    uint64_t number;
    bool negative;
    uint8_t marker;
    switch (element->family) {
    case SIGNED:
    case UNSIGNED:
        if (!take_integer_of(from, &negative, &number) || !in_range(element, negative, number)) {
            return NULL;
        }
        return negative ? PyLong_FromLongLong((long long)number) : PyLong_FromUnsignedLongLong(number);
    case FLOAT:
        if (!take_marker(from, &marker) || marker != (element->size == 8 ? 0xcb : 0xca)
            || !take_number(from, element->size, &number)) {
            return NULL;
        }
        if (element->size == 8) {
            return PyFloat_FromDouble(READ(double, &number));
        }
        return PyFloat_FromDouble((double)READ(float, &number));
    case BOOL:
        if (!take_marker(from, &marker) || (marker != 0xc2 && marker != 0xc3)) {
            return NULL;
        }
        return PyBool_FromLong(marker == 0xc3);
    default: {
        PyObject *character = unpack_text(from);
        if (character != NULL && PyUnicode_GET_LENGTH(character) != 1) {
            Py_CLEAR(character);
        }
        return character;
    }
    }
}

static PyObject *
unpack_bytes(const Node *node, Cursor *from)
{
    Py_ssize_t count;
    if (!take_count(from, 0, 0, 0xc4, 0xc5, 0xc6, &count) || (node->fixed >= 0 && count != node->fixed)) {
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)from->at, count);
    from->at += count;
    return bytes;
}

/* The marker with which a sequence's numbers of this type begin, each in its full width; 0 for what is no number. */
static uint8_t
wide_marker(const Element *element)
{
    uint8_t step = element->size == 1 ? 0 : element->size == 2 ? 1 : element->size == 4 ? 2 : 3;
    return element->family == SIGNED ? 0xd0 + step
        : element->family == UNSIGNED ? 0xcc + step
        : element->family == FLOAT    ? 0xc8 + step
                                      : 0;
}

static inline PyObject *
wide_number(const Element *element, uint64_t bits)
{
    unsigned shift = 64 - 8 * (unsigned)element->size;
    switch (element->family) {
    case SIGNED:
        return PyLong_FromLongLong((int64_t)bits >> shift);
    case UNSIGNED:
        return PyLong_FromUnsignedLongLong(bits >> shift);
    default:
        bits >>= shift;
        return PyFloat_FromDouble(element->size == 8 ? READ(double, &bits) : (double)READ(float, &bits));
    }
}

/* A list of numbers as Rust writes them, without a look at each by itself; NULL where they are not so. */
static PyObject *
unpack_numbers(const Element *element, Py_ssize_t count, Cursor *from)
{
    size_t size = 1 + (size_t)element->size;
    uint8_t marker = wide_marker(element);
    if (marker == 0 || left(from) / size < (size_t)count) {
        return NULL;
    }
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list != NULL && i < count; i++, from->at += size) {
        uint64_t bits = 0;
        memcpy(&bits, from->at + 1, element->size);
        PyObject *item = *from->at == marker ? wide_number(element, __builtin_bswap64(bits)) : NULL;
        if (item == NULL) {
            Py_CLEAR(list);
        }
        else {
            PyList_SET_ITEM(list, i, item);
        }
    }
    return list;
}

/* So many values into a new list or tuple; `children` holds a node for each, or one for all. */
static PyObject *
unpack_several(const Packer *self, const Node *node, Py_ssize_t count, Cursor *from, bool key, bool tuple)
{
    PyObject *several = tuple ? PyTuple_New(count) : PyList_New(count);
    for (Py_ssize_t i = 0; several != NULL && i < count; i++) {
        PyObject *item = unpack(self, node->children[node->count == 1 ? 0 : i], from, key);
        if (item == NULL) {
            Py_CLEAR(several);
        }
        else if (tuple) {
            PyTuple_SET_ITEM(several, i, item);
        }
        else {
            PyList_SET_ITEM(several, i, item);
        }
    }
    return several;
}

static PyObject *
unpack_dict(const Packer *self, const Node *node, Cursor *from)
{
    Py_ssize_t count;
    PyObject *dict = take_count(from, 0x80, 0x0f, 0, 0xde, 0xdf, &count) ? PyDict_New() : NULL;
    for (Py_ssize_t i = 0; dict != NULL && i < count; i++) {
        PyObject *name = unpack(self, node->children[0], from, true);
        PyObject *item = name == NULL ? NULL : unpack(self, node->children[1], from, false);
        if (item == NULL || PyDict_SetItem(dict, name, item) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(name);
        Py_XDECREF(item);
    }
    return dict;
}

static PyObject *
unpack_set(const Packer *self, const Node *node, Cursor *from, bool key)
{
    Py_ssize_t count;
    if (!take_array(from, &count)) {
        return NULL;
    }
    PyObject *set = key ? PyFrozenSet_New(NULL) : PySet_New(NULL);
    for (Py_ssize_t i = 0; set != NULL && i < count; i++) {
        PyObject *item = unpack(self, node->children[0], from, true);
        if (item == NULL || PySet_Add(set, item) < 0) { /* a new frozenset may still be filled */
            Py_CLEAR(set);
        }
        Py_XDECREF(item);
    }
    return set;
}

/* An instance of a class of ours, its slots filled without a call. */
static PyObject *
unpack_fields(const Packer *self, const Node *node, Cursor *from)
{
    PyTypeObject *class = (PyTypeObject *)node->class;
    PyObject *object = class->tp_alloc(class, 0);
    for (Py_ssize_t i = 0; object != NULL && i < node->count; i++) {
        PyObject *field = unpack(self, node->children[i], from, false);
        if (field == NULL) {
            Py_CLEAR(object);
        }
        else {
            *(PyObject **)((char *)object + node->offsets[i]) = field;
        }
    }
    return object;
}

static PyObject *
unpack_variant(const Packer *self, const Node *node, Cursor *from)
{
    Py_ssize_t count;
    uint64_t number;
    bool negative;
    if (!take_array(from, &count) || !take_integer_of(from, &negative, &number)) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < node->count; i++) {
        const Node *variant = &self->nodes[node->children[i]];
        if ((uint64_t)variant->number == number && count == variant->count + 1) {
            return unpack_fields(self, variant, from);
        }
    }
    return NULL;
}

static PyObject *
unpack_enum(const Node *node, Cursor *from)
{
    uint64_t number;
    bool negative;
    if (!take_integer_of(from, &negative, &number)) {
        return NULL;
    }
    PyObject *value = PyLong_FromLongLong((long long)number);
    PyObject *member = value == NULL ? NULL : PyDict_GetItemWithError(node->members, value);
    Py_XDECREF(value);
    return Py_XNewRef(member);
}

static PyObject *
unpack_sequence(const Packer *self, const Node *node, Cursor *from, bool key)
{
    Py_ssize_t count;
    if (!take_array(from, &count) || (node->fixed >= 0 && count != node->fixed)) {
        return NULL;
    }
    const Element *element = self->nodes[node->children[0]].element;
    if (element != NULL && !key) {
        Cursor before = *from;
        PyObject *list = unpack_numbers(element, count, from);
        if (list != NULL || PyErr_Occurred()) {
            return list;
        }
        *from = before;
    }
    return unpack_several(self, node, count, from, key, key);
}

static PyObject *
unpack_nested(const Packer *self, const Node *node, Cursor *from, bool key)
{
    Py_ssize_t count;
    switch (node->kind) {
    case 'l':
        return unpack_sequence(self, node, from, key);
    case 'T':
        if (!take_array(from, &count) || count != node->count) {
            return NULL;
        }
        return unpack_several(self, node, count, from, key, true);
    case 'm':
        return key ? NULL : unpack_dict(self, node, from);
    case 'e':
        return unpack_set(self, node, from, key);
    case 'S':
        return take_array(from, &count) && count == node->count ? unpack_fields(self, node, from) : NULL;
    case 'V':
        return unpack_variant(self, node, from);
    default:
        return NULL;
    }
}

static PyObject *
unpack(const Packer *self, uint32_t index, Cursor *from, bool key)
{
    const Node *node = &self->nodes[index];
    switch (node->kind) {
    case 's':
        return unpack_scalar(node->element, from);
    case 't':
        return unpack_text(from);
    case 'y':
        return unpack_bytes(node, from);
    case 'E':
        return unpack_enum(node, from);
    case 'u':
    case 'o':
        if (from->at != from->end && *from->at == 0xc0) {
            from->at++;
            return Py_NewRef(Py_None);
        }
        return node->kind == 'u' ? NULL : unpack(self, node->children[0], from, key);
    default:
        break;
    }
    if (Py_EnterRecursiveCall(" while a value is unpacked") != 0) {
        return NULL;
    }
    PyObject *value = unpack_nested(self, node, from, key);
    Py_LeaveRecursiveCall();
    return value;
}

/* The value that the bytes hold, all of them; NULL without an exception where it is not sure. */
static PyObject *
unpack_whole(const Packer *self, uint32_t root, const char *data, size_t length)
{
    Cursor from = {(const uint8_t *)data, (const uint8_t *)data + length};
    PyObject *value = unpack(self, root, &from, false);
    if (from.at != from.end) {
        Py_CLEAR(value);
    }
    if (value == NULL) {
        PyErr_Clear();
    }
    return value;
}
