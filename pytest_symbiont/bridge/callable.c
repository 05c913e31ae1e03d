/* A Python callable that calls Rust without Python code in between.

   Every Rust shim exports the same two C functions, so this one extension serves every signature: `bind`
   compiles the signature's codes into a plan, and a call reads the plan to turn Python arguments into words.

       uint32_t symbiont_call(const void *slot, uint64_t *words);  0 returned, 1 panicked, 2 refused to read
       void symbiont_free(void *data, size_t capacity, size_t alignment);

   `words` holds the arguments (a scalar takes one word; text and a buffer take two: pointer and count) and
   behind them six words for the outcome: two for a scalar, then data, length, capacity and alignment of an
   owned buffer; data is 0 where there is none. A scalar lies in its own width at its word's address. What is
   packed lies behind the other arguments, all of it in one buffer; a packed result is read by msgspec.

   The fast path takes only what it is sure of. Whatever else comes (keywords, a list for a slice, an int out
   of range) goes unchanged to the handle, whose Python code converts it or raises the right error. */

#define MOST_PARAMETERS 16 /* what fits on the C stack without a thought; more parameters are forwarded */
#define MOST_SCALARS 6     /* with more of them, or anything else, the longer way is as good */
#define OUTCOME_WORDS 6
enum { RETURNED = 0, PANICKED = 1, REFUSED = 2 };
enum { SCALAR = 0, DATA = 2, LENGTH = 3, CAPACITY = 4, ALIGNMENT = 5 };

typedef uint32_t (*CallFunction)(const void *slot, uint64_t *words);
typedef void (*FreeFunction)(void *data, size_t capacity, size_t alignment);

/* The plan: one signature and where its Rust is. Immutable, and held during a call, so that bind and unbind
   may replace a function's plan while another thread runs by it. ----------------------------------------- */

typedef struct {
    char kind; /* the first byte of a type code: see bind's docstring */
    const Element *element;
} Type;

typedef struct {
    PyObject_HEAD
    CallFunction call;
    FreeFunction free;
    const void *slot;
    PyObject *panicked;
    PyObject *fail;  /* of a packed result that is an Err, or that is not sure; or None */
    Packer *packer;  /* of what is packed, or NULL */
    uint32_t result; /* the node of a packed result */
    bool packs;      /* some parameter is packed */
    Type returns;
    Py_ssize_t count;
    Py_ssize_t word_count; /* of the arguments; the outcome begins there */
    bool may_alias;        /* two or more buffers, one of them mutable */
    bool scalars;          /* nothing but scalars, and few of them */
    bool foreign;          /* some type is Python's business: such a plan is never bound */
    Type parameters[MOST_PARAMETERS];
    uint32_t roots[MOST_PARAMETERS]; /* for each packed parameter its node */
} Plan;

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    PyObject *handle;
    Plan *plan; /* NULL: every call goes to the handle */
    PyObject *weakrefs;
} RustFunction;

/* From Python to words ---------------------------------------------------------------------------------- */

typedef struct {
    Py_buffer view;
    bool writable;
} Borrowed;

typedef struct {
    uint64_t words[2 * MOST_PARAMETERS + 2 + OUTCOME_WORDS];
    Borrowed borrowed[MOST_PARAMETERS];
    Py_ssize_t borrowed_count;
    Output packed; /* begun where the plan packs */
} Call;

static bool
take_buffer(const Type *type, PyObject *argument, Call *call, uint64_t *word)
{
    if (!PyObject_CheckBuffer(argument)) {
        return false;
    }
    bool writable = type->kind == 'w';
    Borrowed *borrowed = &call->borrowed[call->borrowed_count];
    Py_buffer *view = &borrowed->view;
    int flags = PyBUF_FORMAT | PyBUF_C_CONTIGUOUS | (writable ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(argument, view, flags) < 0) {
        PyErr_Clear();
        return false;
    }
    borrowed->writable = writable;
    call->borrowed_count++;
    if (view->ndim != 1 || !holds(view, type->element)) {
        return false;
    }
    size_t size = type->element->size;
    uintptr_t address = (uintptr_t)view->buf;
    if (view->len == 0) {
        address = size; /* a slice's pointer is never null, not even an empty one's: dangling, as Rust has it */
    }
    word[0] = (uint64_t)address;
    word[1] = (uint64_t)view->len / size;
    return address % size == 0;
}

/* A `&mut` must be the only way to its memory. */
static bool
aliased(const Call *call)
{
    for (Py_ssize_t i = 1; i < call->borrowed_count; i++) {
        const Borrowed *one = &call->borrowed[i];
        const char *start = one->view.buf;
        for (Py_ssize_t j = 0; j < i; j++) {
            const Borrowed *other = &call->borrowed[j];
            const char *other_start = other->view.buf;
            if ((one->writable || other->writable) && one->view.len > 0 && other->view.len > 0
                && start < other_start + other->view.len && other_start < start + one->view.len) {
                return true;
            }
        }
    }
    return false;
}

static bool
take_arguments(const Plan *plan, PyObject *const *arguments, Call *call)
{
    uint64_t *word = call->words;
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        const Type *type = &plan->parameters[i];
        bool fits;
        switch (type->kind) {
        case 's':
            fits = take_scalar(type->element, arguments[i], word);
            word += 1;
            break;
        case 't':
            fits = take_text(arguments[i], word);
            word += 2;
            break;
        case 'p':
            fits = pack(plan->packer, plan->roots[i], arguments[i], &call->packed);
            break;
        default:
            fits = take_buffer(type, arguments[i], call, word);
            word += 2;
        }
        if (!fits) {
            return false;
        }
    }
    if (plan->packs) {
        word[0] = (uint64_t)(uintptr_t)call->packed.data;
        word[1] = (uint64_t)call->packed.length;
    }
    return !(plan->may_alias && aliased(call));
}

static void
release(const Plan *plan, Call *call)
{
    if (plan->packs) {
        output_end(&call->packed);
    }
    for (Py_ssize_t i = 0; i < call->borrowed_count; i++) {
        PyBuffer_Release(&call->borrowed[i].view);
    }
}

/* From words to Python ---------------------------------------------------------------------------------- */

static PyObject *
give_scalar(const Element *element, const void *from)
{
    switch (element->code) {
    case 'b':
        return PyLong_FromLong(READ(int8_t, from));
    case 'B':
        return PyLong_FromLong(READ(uint8_t, from));
    case 'h':
        return PyLong_FromLong(READ(int16_t, from));
    case 'H':
        return PyLong_FromLong(READ(uint16_t, from));
    case 'i':
        return PyLong_FromLong(READ(int32_t, from));
    case 'I':
        return PyLong_FromUnsignedLong(READ(uint32_t, from));
    case 'q':
    case 'n':
        return PyLong_FromLongLong(READ(int64_t, from));
    case 'Q':
    case 'N':
        return PyLong_FromUnsignedLongLong(READ(uint64_t, from));
    case 'f':
        return PyFloat_FromDouble((double)READ(float, from));
    case 'd':
        return PyFloat_FromDouble(READ(double, from));
    case '?':
        return PyBool_FromLong(READ(uint8_t, from));
    default:
        return PyUnicode_FromOrdinal((int)READ(uint32_t, from));
    }
}

static PyObject *
give_list(const Element *element, const char *data, size_t length)
{
    Py_ssize_t count = (Py_ssize_t)(length / element->size);
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list != NULL && i < count; i++) {
        PyObject *item = give_scalar(element, data + (size_t)i * element->size);
        if (item == NULL) {
            Py_CLEAR(list);
        }
        else {
            PyList_SET_ITEM(list, i, item);
        }
    }
    return list;
}

static PyObject *
give_packed(const Plan *plan, const uint64_t *outcome, const char *data, size_t length)
{
    PyObject *result = NULL;
    if (outcome[SCALAR] == 0) {
        result = unpack_whole(plan->packer, plan->result, data, length);
    }
    if (result == NULL) {
        PyObject *failed = outcome[SCALAR] != 0 ? Py_True : Py_False;
        result = PyObject_CallFunction(plan->fail, "y#O", data, (Py_ssize_t)length, failed);
    }
    return result;
}

static PyObject *
give_result(const Plan *plan, const uint64_t *outcome)
{
    const Type *returns = &plan->returns;
    const char *data = (const char *)(uintptr_t)outcome[DATA];
    size_t length = (size_t)outcome[LENGTH];
    switch (returns->kind) {
    case 'p':
        return give_packed(plan, outcome, data, length);
    case 'v':
        return Py_NewRef(Py_None);
    case 's':
        return give_scalar(returns->element, &outcome[SCALAR]);
    case 't':
        return PyUnicode_DecodeUTF8(data, (Py_ssize_t)length, "strict");
    default:
        return returns->element->code == 'B' ? PyBytes_FromStringAndSize(data, (Py_ssize_t)length)
                                             : give_list(returns->element, data, length);
    }
}

/* The call ---------------------------------------------------------------------------------------------- */

/* Whether this is the interpreter's only thread, so that nobody can want the GIL: giving it up and taking it
   again costs more than the rest of a scalar call. It stays the only one during the call, because a Python
   thread is started by a thread that holds the GIL; a foreign C thread that attaches meanwhile just waits.
   Only this thread's own state is looked into, so a thread that ends meanwhile does no harm. */
static bool
only_thread(void)
{
#ifdef Py_GIL_DISABLED
    return false; /* there it is not about the GIL, and cheap: a collection must not wait for the call */
#else
    const PyThreadState *own = PyThreadState_Get();
    return own->prev == NULL && own->next == NULL;
#endif
}

static uint32_t
run(const Plan *plan, uint64_t *words)
{
    if (only_thread()) {
        return plan->call(plan->slot, words);
    }
    uint32_t status;
    Py_BEGIN_ALLOW_THREADS
    status = plan->call(plan->slot, words);
    Py_END_ALLOW_THREADS
    return status;
}

static void
raise_panic(const Plan *plan)
{
    PyObject *result = PyObject_CallNoArgs(plan->panicked);
    if (result != NULL) {
        Py_DECREF(result);
        PyErr_SetString(PyExc_SystemError, "a Rust function panicked, and `panicked` raised nothing");
    }
}

static PyObject *
give_status(const Plan *plan, uint32_t status, PyObject *result)
{
    if (status == PANICKED) {
        raise_panic(plan);
    }
    else if (status != RETURNED && status != REFUSED) { /* refused: the handle finds out why */
        PyErr_Format(PyExc_SystemError, "symbiont_call answered %u, which means nothing", (unsigned)status);
    }
    return result;
}

/* What call_rust does, where nothing needs to be borrowed, packed or given back. */
static PyObject *
call_scalars(const Plan *plan, PyObject *const *arguments)
{
    uint64_t words[MOST_SCALARS + OUTCOME_WORDS];
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        if (!take_scalar(plan->parameters[i].element, arguments[i], &words[i])) {
            return NULL;
        }
    }
    uint32_t status = run(plan, words);
    return status == RETURNED ? give_scalar(plan->returns.element, &words[plan->count])
                              : give_status(plan, status, NULL);
}

/* NULL without an exception: the arguments are the handle's business. */
static PyObject *
call_rust(const Plan *plan, PyObject *const *arguments)
{
    Call call; /* not initialised: 2.7 KiB, of which most calls need 64 bytes */
    call.borrowed_count = 0;
    if (plan->packs) {
        output_begin(&call.packed);
    }
    if (!take_arguments(plan, arguments, &call)) {
        release(plan, &call);
        return NULL;
    }
    uint64_t *outcome = call.words + plan->word_count;
    memset(outcome, 0, OUTCOME_WORDS * sizeof *outcome);
    uint32_t status = run(plan, call.words);
    release(plan, &call); /* before anything that raises: releasing may run Python code */

    PyObject *result = NULL;
    if (status == RETURNED) {
        result = give_result(plan, outcome);
    }
    if (outcome[DATA] != 0) {
        plan->free((void *)(uintptr_t)outcome[DATA], (size_t)outcome[CAPACITY], (size_t)outcome[ALIGNMENT]);
    }
    return give_status(plan, status, result);
}

static Plan *
hold_plan(RustFunction *self)
{
    Plan *plan;
    Py_BEGIN_CRITICAL_SECTION(self);
    plan = self->plan;
    Py_XINCREF(plan);
    Py_END_CRITICAL_SECTION();
    return plan;
}

/* `plan` is taken over; NULL unbinds. */
static void
replace_plan(RustFunction *self, Plan *plan)
{
    Plan *old;
    Py_BEGIN_CRITICAL_SECTION(self);
    old = self->plan;
    self->plan = plan;
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(old);
}

static PyObject *
function_vectorcall(PyObject *callable, PyObject *const *arguments, size_t nargsf, PyObject *keywords)
{
    RustFunction *self = (RustFunction *)callable;
    if (keywords == NULL || PyTuple_GET_SIZE(keywords) == 0) {
        Plan *plan = hold_plan(self);
        if (plan != NULL) {
            PyObject *result = NULL;
            bool fast = PyVectorcall_NARGS(nargsf) == plan->count;
            if (fast) {
                result = plan->scalars ? call_scalars(plan, arguments) : call_rust(plan, arguments);
                fast = result != NULL || PyErr_Occurred();
            }
            Py_DECREF(plan);
            if (fast) {
                return result;
            }
        }
    }
    return PyObject_Vectorcall(self->handle, arguments, nargsf, keywords);
}

/* The function as a Python object ----------------------------------------------------------------------- */

static PyObject *
function_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"handle", NULL};
    PyObject *handle;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O:RustFunction", names, &handle)) {
        return NULL;
    }
    if (!PyCallable_Check(handle)) {
        return PyErr_Format(PyExc_TypeError, "RustFunction: the handle must be callable, not %.200s",
                            Py_TYPE(handle)->tp_name);
    }
    RustFunction *self = (RustFunction *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->vectorcall = function_vectorcall;
        self->handle = Py_NewRef(handle);
    }
    return (PyObject *)self;
}

static int
function_traverse(PyObject *object, visitproc visit, void *arg)
{
    RustFunction *self = (RustFunction *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->handle);
    Py_VISIT((PyObject *)self->plan);
    return 0;
}

static int
function_clear(PyObject *object)
{
    RustFunction *self = (RustFunction *)object;
    Py_CLEAR(self->plan);
    /* None, not NULL: what runs while a cycle is taken apart may still call this function. */
    PyObject *handle = self->handle;
    self->handle = Py_NewRef(Py_None);
    Py_XDECREF(handle);
    return 0;
}

static void
function_dealloc(PyObject *object)
{
    RustFunction *self = (RustFunction *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    if (self->weakrefs != NULL) {
        PyObject_ClearWeakRefs(object);
    }
    Py_XDECREF(self->plan);
    Py_XDECREF(self->handle);
    type->tp_free(object);
    Py_DECREF(type);
}

static PyObject *
function_repr(PyObject *self)
{
    return PyObject_Repr(((RustFunction *)self)->handle);
}

/* What describes a function is the handle's; an own `__doc__` or `__module__` would be the type's. */
static PyObject *
function_getattro(PyObject *self, PyObject *name)
{
    static const char *const described[] = {"__qualname__",  "__doc__",
                                            "__module__", "__signature__", "__wrapped__"};
    for (size_t i = 0; PyUnicode_Check(name) && i < Py_ARRAY_LENGTH(described); i++) {
        if (PyUnicode_CompareWithASCIIString(name, described[i]) == 0) {
            return PyObject_GetAttr(((RustFunction *)self)->handle, name);
        }
    }
    return PyObject_GenericGetAttr(self, name);
}

static PyMemberDef function_members[] = {
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(RustFunction, vectorcall), Py_READONLY, NULL},
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(RustFunction, weakrefs), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(function_doc,
             "RustFunction(handle)\n--\n\n"
             "Calls Rust once it is bound; what that cannot take goes to the handle.");

static PyType_Slot function_slots[] = {
    {Py_tp_doc, (void *)function_doc},
    {Py_tp_new, function_new},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_repr, function_repr},
    {Py_tp_getattro, function_getattro},
    {Py_tp_members, function_members},
    {Py_tp_traverse, function_traverse},
    {Py_tp_clear, function_clear},
    {Py_tp_dealloc, function_dealloc},
    {0, NULL},
};

/* No tp_descr_get: as a class attribute it is called without the instance, like any Rust function. */
static PyType_Spec function_spec = {
    .name = "_symbiont_callable.RustFunction",
    .basicsize = sizeof(RustFunction),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL
        | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = function_slots,
};

static int
plan_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Plan *plan = (Plan *)self;
    Py_VISIT(plan->panicked);
    Py_VISIT(plan->fail);
    Py_VISIT((PyObject *)plan->packer);
    return 0;
}

/* No tp_clear: a plan is immutable, and a cycle through it is broken at its function. */
static void
plan_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Plan *plan = (Plan *)self;
    Py_XDECREF(plan->panicked);
    Py_XDECREF(plan->fail);
    Py_XDECREF((PyObject *)plan->packer);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot plan_slots[] = {
    {Py_tp_traverse, plan_traverse},
    {Py_tp_dealloc, plan_dealloc},
    {0, NULL},
};

static PyType_Spec plan_spec = {
    .name = "_symbiont_callable.Plan",
    .basicsize = sizeof(Plan),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION
        | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = plan_slots,
};

/* The module -------------------------------------------------------------------------------------------- */

typedef struct {
    PyTypeObject *function_type;
    PyTypeObject *plan_type;
    PyTypeObject *packer_type;
} State;

static RustFunction *
as_function(PyObject *module, PyObject *object)
{
    State *state = PyModule_GetState(module);
    if (!Py_IS_TYPE(object, state->function_type)) {
        PyErr_Format(PyExc_TypeError, "expected a RustFunction, got %.200s", Py_TYPE(object)->tp_name);
        return NULL;
    }
    return (RustFunction *)object;
}

static int
read_type(const char *codes, const char *kinds, Type *type, Plan *plan)
{
    if (codes[0] == 'x' && codes[1] == 'x') {
        plan->foreign = true;
        return 0;
    }
    type->kind = codes[0];
    type->element = find_element(codes[1]);
    bool known = codes[0] != '\0' && strchr(kinds, codes[0]) != NULL;
    bool text = type->element != NULL && type->element->family == TEXT;
    /* Unit and packed have the codes `vv` and `pp`, and text is made of text; all else has a scalar element. */
    bool whole = codes[0] == 'v' || codes[0] == 'p' ? codes[1] == codes[0] : type->element != NULL && text == (codes[0] == 't');
    if (!known || !whole) {
        PyErr_Format(PyExc_ValueError, "bind: no such type code '%c%c'", codes[0], codes[1]);
        return -1;
    }
    return 0;
}

static int
read_parameters(const char *codes, Plan *plan)
{
    bool writable = false;
    Py_ssize_t buffers = 0;
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        Type *type = &plan->parameters[i];
        if (read_type(codes + 2 * i, "strwp", type, plan) < 0) {
            return -1;
        }
        plan->word_count += type->kind == 's' ? 1 : type->kind == 'p' ? 0 : 2;
        buffers += type->kind == 'r' || type->kind == 'w';
        writable |= type->kind == 'w';
    }
    plan->may_alias = writable && buffers > 1;
    return 0;
}

/* For each packed parameter its node, then that of a packed result; and the words of the packed buffer. */
static int
read_packer(Plan *plan, State *state, PyObject *packer, PyObject *roots)
{
    Py_ssize_t wanted = plan->returns.kind == 'p';
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        wanted += plan->parameters[i].kind == 'p';
    }
    if (wanted == 0) {
        return 0;
    }
    if (!Py_IS_TYPE(packer, state->packer_type) || PyTuple_GET_SIZE(roots) != wanted) {
        PyErr_SetString(PyExc_ValueError, "bind: what is packed needs a packer, and a node each");
        return -1;
    }
    plan->packer = (Packer *)Py_NewRef(packer);
    Py_ssize_t place = 0;
    for (Py_ssize_t i = 0; i <= plan->count; i++) {
        const Type *type = i < plan->count ? &plan->parameters[i] : &plan->returns;
        if (type->kind != 'p') {
            continue;
        }
        Py_ssize_t root = PyLong_AsSsize_t(PyTuple_GET_ITEM(roots, place++));
        if (root < 0 || root >= plan->packer->count) {
            if (!PyErr_Occurred()) {
                PyErr_SetString(PyExc_ValueError, "bind: the packer has no such node");
            }
            return -1;
        }
        *(i < plan->count ? &plan->roots[i] : &plan->result) = (uint32_t)root;
        plan->packs |= i < plan->count;
    }
    plan->word_count += plan->packs ? 2 : 0;
    return 0;
}

static int
read_address(PyObject *number, void *address)
{
    void *pointer = PyLong_AsVoidPtr(number);
    if (pointer == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, "bind: an address is 0");
        }
        return 0;
    }
    *(void **)address = pointer;
    return 1;
}

PyDoc_STRVAR(bind_doc,
             "bind($module, function, /, *, slot, call, free, parameters, returns, panicked, fail,\n"
             "     packer, roots)\n--\n\n"
             "Make calls of the function go to Rust.\n\n"
             "slot, call and free are addresses (call and free: symbiont_call, symbiont_free). parameters\n"
             "and returns are type codes, two bytes each: s scalar, t text, r read-only buffer, w mutable\n"
             "buffer, l Vec, v unit, p packed; then the element, one of b B h H i I q Q n N f d ? c (t for\n"
             "text, v for unit, p for packed). panicked is called without arguments after a panic, and raises.\n"
             "What is packed goes through packer, the parameters and then the result each by its node of roots;\n"
             "a result that is an Err, or that the packer is not sure of, is given to fail, with whether it is.\n"
             "What a signature has no use for is None.\n"
             "A function with a type\n"
             "of the code xx, or with more than 16 parameters, is unbound: all its calls go to the handle.\n"
             "ValueError where a code does not exist; the function then stays as it was.");

static PyObject *
module_bind(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"",       "slot", "call",   "free",  "parameters", "returns", "panicked",
                            "fail",   "packer", "roots", NULL};
    PyObject *object, *panicked, *fail, *packer, *roots;
    void *slot, *call, *free_;
    const char *parameters, *returns;
    Py_ssize_t parameters_length, returns_length;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O$O&O&O&y#y#OOOO!:bind", names, &object,
                                     read_address, &slot, read_address, &call, read_address, &free_,
                                     &parameters, &parameters_length, &returns, &returns_length, &panicked,
                                     &fail, &packer, &PyTuple_Type, &roots)) {
        return NULL;
    }
    RustFunction *function = as_function(module, object);
    if (function == NULL) {
        return NULL;
    }
    if (parameters_length % 2 != 0 || returns_length != 2) {
        PyErr_SetString(PyExc_ValueError, "bind: a type code has two bytes, and there is one result");
        return NULL;
    }
    if (!PyCallable_Check(panicked)) {
        return PyErr_Format(PyExc_TypeError, "bind: panicked must be callable, not %.200s",
                            Py_TYPE(panicked)->tp_name);
    }
    if (parameters_length / 2 > MOST_PARAMETERS) {
        replace_plan(function, NULL);
        Py_RETURN_NONE;
    }
    State *state = PyModule_GetState(module);
    Plan *plan = (Plan *)state->plan_type->tp_alloc(state->plan_type, 0);
    if (plan == NULL) {
        return NULL;
    }
    plan->slot = slot;
    plan->call = (CallFunction)(uintptr_t)call;
    plan->free = (FreeFunction)(uintptr_t)free_;
    plan->panicked = Py_NewRef(panicked);
    plan->fail = Py_NewRef(fail);
    plan->count = parameters_length / 2;
    if (read_parameters(parameters, plan) < 0 || read_type(returns, "stlvp", &plan->returns, plan) < 0
        || (!plan->foreign && read_packer(plan, state, packer, roots) < 0)) {
        Py_DECREF(plan);
        return NULL;
    }
    if (plan->returns.kind == 'p' && !plan->foreign && !PyCallable_Check(fail)) {
        Py_DECREF(plan);
        return PyErr_Format(PyExc_TypeError, "bind: a packed result needs fail");
    }
    plan->scalars = plan->returns.kind == 's' && plan->count <= MOST_SCALARS;
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        plan->scalars &= plan->parameters[i].kind == 's';
    }
    if (plan->foreign) {
        Py_CLEAR(plan);
    }
    replace_plan(function, plan);
    Py_RETURN_NONE;
}

PyDoc_STRVAR(unbind_doc, "unbind($module, function, /)\n--\n\nLet every call of the function go to its handle.");

static PyObject *
module_unbind(PyObject *module, PyObject *object)
{
    RustFunction *function = as_function(module, object);
    if (function == NULL) {
        return NULL;
    }
    replace_plan(function, NULL);
    Py_RETURN_NONE;
}

PyDoc_STRVAR(handle_doc, "handle($module, function, /)\n--\n\nThe handle that the function was made with.");

static PyObject *
module_handle(PyObject *module, PyObject *object)
{
    RustFunction *function = as_function(module, object);
    return function == NULL ? NULL : Py_NewRef(function->handle);
}

PyDoc_STRVAR(packer_doc,
             "packer($module, nodes, /)\n--\n\n"
             "A packer from a tuple of nodes, each a tuple: kind, element, code, length, number, children, class,\n"
             "names.\n\n"
             "kind is s scalar, t text, u unit, o option, l sequence, y bytes, m dict, e set, T tuple, S struct,\n"
             "V enum with fields, E Python enum, x what it leaves to Python. element is as in bind, for s alone.\n"
             "code is the extension type of numbers in memory, or 0; length that of an array, or -1; number that\n"
             "of a variant. children are places in nodes; those of V are of the kind S. class and names are a\n"
             "struct's class and its fields'. ValueError or TypeError where a node is none.");

static PyObject *
module_packer(PyObject *module, PyObject *nodes)
{
    State *state = PyModule_GetState(module);
    return packer_from(state->packer_type, nodes);
}

PyDoc_STRVAR(packed_doc,
             "packed($module, packer, root, value, /)\n--\n\nThe bytes of a value; None where it is not sure.");

static PyObject *
module_packed(PyObject *module, PyObject *arguments)
{
    State *state = PyModule_GetState(module);
    PyObject *packer, *value;
    Py_ssize_t root;
    if (!PyArg_ParseTuple(arguments, "O!nO:packed", state->packer_type, &packer, &root, &value)) {
        return NULL;
    }
    if (root < 0 || root >= ((Packer *)packer)->count) {
        return PyErr_Format(PyExc_ValueError, "packed: no such node");
    }
    Output out;
    output_begin(&out);
    PyObject *result = pack((Packer *)packer, (uint32_t)root, value, &out)
        ? PyBytes_FromStringAndSize((const char *)out.data, (Py_ssize_t)out.length)
        : Py_NewRef(Py_None);
    output_end(&out);
    return result;
}

PyDoc_STRVAR(unpacked_doc,
             "unpacked($module, packer, root, data, /)\n--\n\n"
             "The value that the bytes hold, in a tuple of one; None where it is not sure.");

static PyObject *
module_unpacked(PyObject *module, PyObject *arguments)
{
    State *state = PyModule_GetState(module);
    PyObject *packer;
    Py_ssize_t root, length;
    const char *data;
    if (!PyArg_ParseTuple(arguments, "O!ny#:unpacked", state->packer_type, &packer, &root, &data, &length)) {
        return NULL;
    }
    if (root < 0 || root >= ((Packer *)packer)->count) {
        return PyErr_Format(PyExc_ValueError, "unpacked: no such node");
    }
    PyObject *value = unpack_whole((Packer *)packer, (uint32_t)root, data, (size_t)length);
    return value == NULL ? Py_NewRef(Py_None) : Py_BuildValue("(N)", value);
}

PyDoc_STRVAR(is_fast_doc, "is_fast($module, function, /)\n--\n\nWhether the function is bound.");

static PyObject *
module_is_fast(PyObject *module, PyObject *object)
{
    RustFunction *function = as_function(module, object);
    if (function == NULL) {
        return NULL;
    }
    Plan *plan = hold_plan(function);
    bool fast = plan != NULL;
    Py_XDECREF(plan);
    return PyBool_FromLong(fast);
}

static PyMethodDef module_methods[] = {
    {"bind", (PyCFunction)(void (*)(void))module_bind, METH_VARARGS | METH_KEYWORDS, bind_doc},
    {"unbind", module_unbind, METH_O, unbind_doc},
    {"handle", module_handle, METH_O, handle_doc},
    {"packer", module_packer, METH_O, packer_doc},
    {"packed", module_packed, METH_VARARGS, packed_doc},
    {"unpacked", module_unpacked, METH_VARARGS, unpacked_doc},
    {"is_fast", module_is_fast, METH_O, is_fast_doc},
    {NULL, NULL, 0, NULL},
};

static int
module_exec(PyObject *module)
{
    State *state = PyModule_GetState(module);
    state->function_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &function_spec, NULL);
    state->plan_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &plan_spec, NULL);
    state->packer_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &packer_spec, NULL);
    if (state->function_type == NULL || state->plan_type == NULL || state->packer_type == NULL) {
        return -1;
    }
    return PyModule_AddType(module, state->function_type);
}

static int
module_traverse(PyObject *module, visitproc visit, void *arg)
{
    State *state = PyModule_GetState(module);
    Py_VISIT((PyObject *)state->function_type);
    Py_VISIT((PyObject *)state->plan_type);
    Py_VISIT((PyObject *)state->packer_type);
    return 0;
}

static int
module_clear(PyObject *module)
{
    State *state = PyModule_GetState(module);
    Py_CLEAR(state->function_type);
    Py_CLEAR(state->plan_type);
    Py_CLEAR(state->packer_type);
    return 0;
}

static void
module_free(void *module)
{
    module_clear((PyObject *)module);
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static struct PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_symbiont_callable",
    .m_doc = "Callables that call Rust without Python code in between.",
    .m_size = sizeof(State),
    .m_methods = module_methods,
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC
PyInit__symbiont_callable(void)
{
    return PyModuleDef_Init(&module_definition);
}
