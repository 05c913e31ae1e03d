/* Composed values: from Python objects to the bytes that native/codec reads.

   A packer is a table of nodes, one a shape, made from tuples by `packer`; types that hold themselves are
   nodes that name each other. It packs what is made of Python's own types, exactly (no subclasses), of
   buffers, and of the classes of the Rust file's own types. Of anything else it is not sure: then the whole
   call goes to the handle, whose Python code packs it or raises the right error. */

typedef struct {
    char kind; /* see packer's docstring */
    const Element *element;
    int8_t code;         /* of the extension that holds such numbers as in memory, or 0 */
    Py_ssize_t fixed;    /* the length of an array, or -1 */
    int64_t number;      /* of a variant */
    Py_ssize_t count;    /* of children */
    uint32_t *children;  /* nodes */
    Py_ssize_t *offsets; /* of the fields of a class, as many as children */
    PyObject *class;     /* of a struct, a variant or an enum, or NULL */
    PyObject *members;   /* of an enum, by number, or NULL */
} Node;

typedef struct {
    PyObject_HEAD
    Py_ssize_t count;
    Node *nodes;
} Packer;

/* Bytes: a small piece of the stack, then the heap ------------------------------------------------------- */

#define SMALL_OUTPUT 1024

typedef struct {
    uint8_t *data;
    size_t length, room;
    uint8_t small[SMALL_OUTPUT];
} Output;

static void
output_begin(Output *out)
{
    out->data = out->small;
    out->length = 0;
    out->room = SMALL_OUTPUT;
}

static void
output_end(Output *out)
{
    if (out->data != out->small) {
        PyMem_Free(out->data);
    }
}

static bool
output_grow(Output *out, size_t more)
{
    if (more > (size_t)PY_SSIZE_T_MAX / 4) {
        return false;
    }
    size_t room = (out->room + more) * 2;
    uint8_t *data = out->data == out->small ? PyMem_Malloc(room) : PyMem_Realloc(out->data, room);
    if (data == NULL) {
        return false;
    }
    if (out->data == out->small) {
        memcpy(data, out->small, out->length);
    }
    out->data = data;
    out->room = room;
    return true;
}

/* Room for so many bytes more, or NULL. */
static inline uint8_t *
output_reserve(Output *out, size_t more)
{
    if (out->room - out->length < more && !output_grow(out, more)) {
        return NULL;
    }
    return out->data + out->length;
}

static inline bool
put_byte(Output *out, uint8_t byte)
{
    uint8_t *at = output_reserve(out, 1);
    if (at == NULL) {
        return false;
    }
    *at = byte;
    out->length += 1;
    return true;
}

static bool
put_bytes(Output *out, const void *bytes, size_t count)
{
    uint8_t *at = output_reserve(out, count);
    if (at == NULL) {
        return false;
    }
    memcpy(at, bytes, count);
    out->length += count;
    return true;
}

/* A marker, and behind it the lowest `size` bytes of the value, the highest first. */
static inline bool
put_marked(Output *out, uint8_t marker, uint64_t value, size_t size)
{
    uint8_t *at = output_reserve(out, 9);
    if (at == NULL) {
        return false;
    }
    uint64_t ordered = __builtin_bswap64(value << (64 - 8 * size));
    at[0] = marker;
    memcpy(at + 1, &ordered, 8);
    out->length += 1 + size;
    return true;
}

/* The head of something counted; fewer than `tiny` fit into the marker `small` itself (0: none do), and of those
   for one, two and four bytes the first may be missing (0). */
static bool
put_head(Output *out, size_t count, size_t tiny, uint8_t small, uint8_t one, uint8_t two, uint8_t four)
{
    if (count < tiny) {
        return put_byte(out, small | (uint8_t)count);
    }
    if (one != 0 && count <= UINT8_MAX) {
        return put_marked(out, one, count, 1);
    }
    if (count <= UINT16_MAX) {
        return put_marked(out, two, count, 2);
    }
    return count <= UINT32_MAX && put_marked(out, four, count, 4);
}

static bool
put_array(Output *out, Py_ssize_t count)
{
    return put_head(out, (size_t)count, 16, 0x90, 0, 0xdc, 0xdd);
}

static bool
put_integer(Output *out, int64_t value)
{
    if (value >= 0) {
        uint64_t number = (uint64_t)value;
        return number < 0x80         ? put_byte(out, (uint8_t)number)
            : number <= UINT8_MAX    ? put_marked(out, 0xcc, number, 1)
            : number <= UINT16_MAX   ? put_marked(out, 0xcd, number, 2)
            : number <= UINT32_MAX   ? put_marked(out, 0xce, number, 4)
                                     : put_marked(out, 0xcf, number, 8);
    }
    return value >= -32         ? put_byte(out, (uint8_t)value)
        : value >= INT8_MIN     ? put_marked(out, 0xd0, (uint64_t)value, 1)
        : value >= INT16_MIN    ? put_marked(out, 0xd1, (uint64_t)value, 2)
        : value >= INT32_MIN    ? put_marked(out, 0xd2, (uint64_t)value, 4)
                                : put_marked(out, 0xd3, (uint64_t)value, 8);
}

/* `word` as take_scalar left it. */
static bool
put_scalar(Output *out, const Element *element, uint64_t word)
{
    switch (element->family) {
    case SIGNED:
        return put_integer(out, (int64_t)word);
    case UNSIGNED:
        return word > INT64_MAX ? put_marked(out, 0xcf, word, 8) : put_integer(out, (int64_t)word);
    case FLOAT:
        return element->size == 8 ? put_marked(out, 0xcb, word, 8)
                                  : put_marked(out, 0xca, word & UINT32_MAX, 4);
    case BOOL:
        return put_byte(out, word != 0 ? 0xc3 : 0xc2);
    default:
        return false;
    }
}

static bool
put_text(Output *out, PyObject *value)
{
    uint64_t words[2];
    if (!take_text(value, words)) {
        return false;
    }
    return put_head(out, words[1], 32, 0xa0, 0xd9, 0xda, 0xdb)
        && put_bytes(out, (const void *)(uintptr_t)words[0], words[1]);
}

/* The head of numbers that follow as they lie in memory. */
static bool
put_memory_head(Output *out, int8_t code, size_t bytes)
{
    return put_head(out, bytes, 0, 0, 0xc7, 0xc8, 0xc9) && put_byte(out, (uint8_t)code);
}

/* Values by shape. Each pack_… says whether it was sure, and leaves no exception behind. ------------------ */

static bool pack(const Packer *self, uint32_t index, PyObject *value, Output *out);

/* A list's or a tuple's elements; a list may change while something of it is packed. */
static Py_ssize_t
count_of(PyObject *sequence)
{
    return PyList_CheckExact(sequence) ? PyList_GET_SIZE(sequence)
        : PyTuple_CheckExact(sequence) ? PyTuple_GET_SIZE(sequence)
                                       : -1;
}

static PyObject *
element_of(PyObject *sequence, Py_ssize_t i)
{
    if (i >= count_of(sequence)) {
        return NULL;
    }
    return Py_NewRef(PyList_CheckExact(sequence) ? PyList_GET_ITEM(sequence, i) : PyTuple_GET_ITEM(sequence, i));
}

static bool
pack_buffer(const Node *node, const Element *element, PyObject *value, Output *out)
{
    if (node->code == 0 || !PyObject_CheckBuffer(value)) {
        return false;
    }
    Py_buffer view;
    if (PyObject_GetBuffer(value, &view, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) < 0) {
        PyErr_Clear();
        return false;
    }
    bool fits = view.ndim == 1 && holds(&view, element)
        && (node->fixed < 0 || view.len / element->size == node->fixed)
        && put_memory_head(out, node->code, (size_t)view.len) && put_bytes(out, view.buf, (size_t)view.len);
    PyBuffer_Release(&view);
    return fits;
}

/* Numbers of a list, one behind the other as in memory; nothing of it runs Python code. */
static bool
pack_numbers(const Node *node, const Element *element, PyObject *value, Py_ssize_t count, Output *out)
{
    size_t size = element->size;
    if (!put_memory_head(out, node->code, (size_t)count * size)) {
        return false;
    }
    uint8_t *at = output_reserve(out, (size_t)count * size + sizeof(uint64_t));
    if (at == NULL) {
        return false;
    }
    PyObject **items = PySequence_Fast_ITEMS(value);
    for (Py_ssize_t i = 0; i < count; i++, at += size) {
        uint64_t word = 0;
        if (PyFloat_CheckExact(items[i]) && element->code == 'd') {
            double number = PyFloat_AS_DOUBLE(items[i]);
            memcpy(at, &number, sizeof number);
        }
        else if (take_scalar(element, items[i], &word)) {
            memcpy(at, &word, sizeof word); /* the lowest bytes first; the next number covers the rest */
        }
        else {
            return false;
        }
    }
    out->length += (size_t)count * size;
    return true;
}

static bool
pack_sequence(const Packer *self, const Node *node, PyObject *value, Output *out)
{
    const Element *element = self->nodes[node->children[0]].element;
    Py_ssize_t count = count_of(value);
    if (node->kind == 'y' && (PyBytes_CheckExact(value) || PyByteArray_CheckExact(value))) {
        bool exact = PyBytes_CheckExact(value);
        Py_ssize_t length = exact ? PyBytes_GET_SIZE(value) : PyByteArray_GET_SIZE(value);
        const char *bytes = exact ? PyBytes_AS_STRING(value) : PyByteArray_AS_STRING(value);
        return (node->fixed < 0 || length == node->fixed)
            && put_head(out, (size_t)length, 0, 0, 0xc4, 0xc5, 0xc6)
            && put_bytes(out, bytes, (size_t)length);
    }
    if (count < 0) {
        return element != NULL && pack_buffer(node, element, value, out);
    }
    if (node->fixed >= 0 && count != node->fixed) {
        return false;
    }
    if (node->code != 0 && element != NULL) {
        return pack_numbers(node, element, value, count, out);
    }
    if (!put_array(out, count)) {
        return false;
    }
    bool fits = true;
    for (Py_ssize_t i = 0; fits && i < count; i++) {
        PyObject *item = element_of(value, i);
        fits = item != NULL && pack(self, node->children[0], item, out);
        Py_XDECREF(item);
    }
    return fits;
}

static bool
pack_tuple(const Packer *self, const Node *node, PyObject *value, Output *out)
{
    bool fits = count_of(value) == node->count && put_array(out, node->count);
    for (Py_ssize_t i = 0; fits && i < node->count; i++) {
        PyObject *item = element_of(value, i);
        fits = item != NULL && pack(self, node->children[i], item, out);
        Py_XDECREF(item);
    }
    return fits;
}

static bool
pack_dict(const Packer *self, const Node *node, PyObject *value, Output *out)
{
    if (!PyDict_CheckExact(value)) {
        return false;
    }
    Py_ssize_t count = PyDict_GET_SIZE(value), seen = 0, position = 0;
    PyObject *key, *item;
    bool fits = put_head(out, (size_t)count, 16, 0x80, 0, 0xde, 0xdf);
    while (fits && PyDict_Next(value, &position, &key, &item)) {
        Py_INCREF(key);
        Py_INCREF(item);
        fits = pack(self, node->children[0], key, out) && pack(self, node->children[1], item, out);
        Py_DECREF(key);
        Py_DECREF(item);
        seen++;
    }
    return fits && seen == count;
}

static bool
pack_set(const Packer *self, const Node *node, PyObject *value, Output *out)
{
    if (!PySet_CheckExact(value) && !PyFrozenSet_CheckExact(value)) {
        return false;
    }
    Py_ssize_t count = PySet_GET_SIZE(value), seen = 0;
    PyObject *iterator = PyObject_GetIter(value), *item = NULL;
    bool fits = iterator != NULL && put_array(out, count);
    while (fits && (item = PyIter_Next(iterator)) != NULL) {
        fits = pack(self, node->children[0], item, out);
        Py_DECREF(item);
        seen++;
    }
    Py_XDECREF(iterator);
    PyErr_Clear(); /* the set changed on the way: then the count differs */
    return fits && seen == count;
}

static bool
pack_fields(const Packer *self, const Node *node, PyObject *value, Output *out)
{
    bool fits = true;
    for (Py_ssize_t i = 0; fits && i < node->count; i++) {
        PyObject *field = Py_XNewRef(*(PyObject **)((char *)value + node->offsets[i]));
        fits = field != NULL && pack(self, node->children[i], field, out);
        Py_XDECREF(field);
    }
    return fits;
}

static bool
pack_variant(const Packer *self, const Node *node, PyObject *value, Output *out)
{
    for (Py_ssize_t i = 0; i < node->count; i++) {
        const Node *variant = &self->nodes[node->children[i]];
        if (Py_IS_TYPE(value, (PyTypeObject *)variant->class)) {
            return put_array(out, variant->count + 1) && put_integer(out, variant->number)
                && pack_fields(self, variant, value, out);
        }
    }
    return false;
}

static bool
pack_enum(const Node *node, PyObject *value, Output *out)
{
    if (!Py_IS_TYPE(value, (PyTypeObject *)node->class)) {
        return false;
    }
    PyObject *number = PyObject_GetAttrString(value, "_value_");
    bool fits = number != NULL && PyLong_CheckExact(number);
    if (fits) {
        fits = put_integer(out, PyLong_AsLongLong(number));
    }
    Py_XDECREF(number);
    if (PyErr_Occurred()) {
        PyErr_Clear();
        fits = false;
    }
    return fits;
}

static bool
pack_nested(const Packer *self, const Node *node, PyObject *value, Output *out)
{
    switch (node->kind) {
    case 'l':
    case 'y':
        return pack_sequence(self, node, value, out);
    case 'm':
        return pack_dict(self, node, value, out);
    case 'e':
        return pack_set(self, node, value, out);
    case 'T':
        return pack_tuple(self, node, value, out);
    case 'S':
        return Py_IS_TYPE(value, (PyTypeObject *)node->class) && put_array(out, node->count)
            && pack_fields(self, node, value, out);
    case 'V':
        return pack_variant(self, node, value, out);
    default:
        return false;
    }
}

static bool
pack(const Packer *self, uint32_t index, PyObject *value, Output *out)
{
    const Node *node = &self->nodes[index];
    uint64_t word = 0;
#ifdef Py_GIL_DISABLED
    return false; /* lists and dicts may change under our hands there */
#endif
    switch (node->kind) {
    case 's':
        if (node->element->family == CHAR) {
            return take_char(value, &word) && put_text(out, value);
        }
        return take_scalar(node->element, value, &word) && put_scalar(out, node->element, word);
    case 't':
        return put_text(out, value);
    case 'u':
        return value == Py_None && put_byte(out, 0xc0);
    case 'o':
        return value == Py_None ? put_byte(out, 0xc0) : pack(self, node->children[0], value, out);
    case 'E':
        return pack_enum(node, value, out);
    default:
        break;
    }
    if (Py_EnterRecursiveCall(" while a value is packed") != 0) {
        PyErr_Clear();
        return false;
    }
    bool fits = pack_nested(self, node, value, out);
    Py_LeaveRecursiveCall();
    return fits;
}

/* The packer as a Python object --------------------------------------------------------------------------- */

static void
packer_dealloc(PyObject *object)
{
    Packer *self = (Packer *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    for (Py_ssize_t i = 0; i < self->count; i++) {
        PyMem_Free(self->nodes[i].children);
        PyMem_Free(self->nodes[i].offsets);
        Py_XDECREF(self->nodes[i].class);
        Py_XDECREF(self->nodes[i].members);
    }
    PyMem_Free(self->nodes);
    type->tp_free(self);
    Py_DECREF(type);
}

static int
packer_traverse(PyObject *object, visitproc visit, void *arg)
{
    Packer *self = (Packer *)object;
    Py_VISIT(Py_TYPE(object));
    for (Py_ssize_t i = 0; i < self->count; i++) {
        Py_VISIT(self->nodes[i].class);
        Py_VISIT(self->nodes[i].members);
    }
    return 0;
}

static PyType_Slot packer_slots[] = {
    {Py_tp_traverse, packer_traverse},
    {Py_tp_dealloc, packer_dealloc},
    {0, NULL},
};

static PyType_Spec packer_spec = {
    .name = "_symbiont_callable.Packer",
    .basicsize = sizeof(Packer),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION
        | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = packer_slots,
};

/* Where in an instance of the class the attribute of this name lies; -1 with an exception where it is no slot. */
static Py_ssize_t
slot_offset(PyObject *class, PyObject *name)
{
    PyObject *descriptor = PyObject_GetAttr(class, name);
    if (descriptor == NULL) {
        return -1;
    }
    Py_ssize_t offset = -1;
    if (Py_IS_TYPE(descriptor, &PyMemberDescr_Type)) {
        offset = ((PyMemberDescrObject *)descriptor)->d_member->offset;
    }
    else {
        PyErr_Format(PyExc_TypeError, "packer: %R of %R is no slot", name, class);
    }
    Py_DECREF(descriptor);
    return offset;
}

static int
read_fields(Node *node, PyObject *names)
{
    if (!PyTuple_Check(names) || PyTuple_GET_SIZE(names) != node->count) {
        PyErr_SetString(PyExc_ValueError, "packer: as many names as children are needed");
        return -1;
    }
    node->offsets = PyMem_Calloc((size_t)node->count + 1, sizeof *node->offsets);
    if (node->offsets == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < node->count; i++) {
        node->offsets[i] = slot_offset(node->class, PyTuple_GET_ITEM(names, i));
        if (node->offsets[i] < 0) {
            return -1;
        }
    }
    return 0;
}

static int
read_members(Node *node)
{
    node->members = PyObject_GetAttrString(node->class, "_value2member_map_");
    if (node->members != NULL && !PyDict_Check(node->members)) {
        PyErr_Format(PyExc_TypeError, "packer: %R is no enum", node->class);
        return -1;
    }
    return node->members == NULL ? -1 : 0;
}

static int
read_node(Node *node, PyObject *tuple, Py_ssize_t nodes)
{
    const char *kind, *element;
    PyObject *children, *class, *names;
    long long number;
    if (!PyArg_ParseTuple(tuple, "ssbnLO!OO:packer", &kind, &element, &node->code, &node->fixed, &number,
                          &PyTuple_Type, &children, &class, &names)) {
        return -1;
    }
    node->kind = kind[0];
    node->number = number;
    node->element = element[0] == '\0' ? NULL : find_element(element[0]);
    node->count = PyTuple_GET_SIZE(children);
    node->children = PyMem_Calloc((size_t)node->count + 1, sizeof *node->children);
    if (node->children == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    bool known = kind[0] != '\0' && kind[1] == '\0' && strchr("stuolymeTSVEx", kind[0]) != NULL;
    bool element_fits = (kind[0] == 's') == (node->element != NULL);
    Py_ssize_t least = strchr("oly", kind[0]) != NULL || kind[0] == 'e' ? 1 : kind[0] == 'm' ? 2 : 0;
    bool class_fits = strchr("SE", kind[0]) == NULL || PyType_Check(class);
    if (!known || !element_fits || node->count < least || !class_fits) {
        PyErr_Format(PyExc_ValueError, "packer: no such node: %R", tuple);
        return -1;
    }
    for (Py_ssize_t i = 0; i < node->count; i++) {
        Py_ssize_t child = PyLong_AsSsize_t(PyTuple_GET_ITEM(children, i));
        if (child < 0 || child >= nodes) {
            if (!PyErr_Occurred()) {
                PyErr_Format(PyExc_ValueError, "packer: no such child: %R", tuple);
            }
            return -1;
        }
        node->children[i] = (uint32_t)child;
    }
    if (class == Py_None) {
        return 0;
    }
    node->class = Py_NewRef(class);
    return kind[0] == 'S' ? read_fields(node, names) : read_members(node);
}

static PyObject *
packer_from(PyTypeObject *type, PyObject *nodes)
{
    if (!PyTuple_Check(nodes)) {
        return PyErr_Format(PyExc_TypeError, "packer: a tuple of nodes is needed");
    }
    Packer *self = (Packer *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(nodes);
    self->nodes = PyMem_Calloc((size_t)count + 1, sizeof *self->nodes);
    if (self->nodes == NULL) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    self->count = count;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (read_node(&self->nodes[i], PyTuple_GET_ITEM(nodes, i), count) < 0) {
            Py_DECREF(self);
            return NULL;
        }
    }
    /* What a variant is made of is known now: every child of an enum must be a class with fields. */
    for (Py_ssize_t i = 0; i < count; i++) {
        for (Py_ssize_t j = 0; self->nodes[i].kind == 'V' && j < self->nodes[i].count; j++) {
            if (self->nodes[self->nodes[i].children[j]].kind != 'S') {
                Py_DECREF(self);
                return PyErr_Format(PyExc_ValueError, "packer: a variant is no class");
            }
        }
    }
    return (PyObject *)self;
}
