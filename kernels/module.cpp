// The Python module: chooses an instruction set and turns its table into NumPy ufuncs. Nothing else knows Python.
#define PY_SSIZE_T_CLEAN
#define NPY_NO_DEPRECATED_API NPY_1_25_API_VERSION
#define NPY_TARGET_VERSION NPY_1_25_API_VERSION
#include <Python.h>
#include <structmember.h>
#include <numpy/arrayobject.h>
#include <numpy/ufuncobject.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "callable.hpp"
#include "matrices.hpp"
#include "summed.hpp"
#include "table.hpp"

#define DECLARE(set) namespace set { extern const ogive::Table table; }
OGIVE_SETS(DECLARE)

namespace {

using namespace ogive;

bool supported(const char* name) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!std::strcmp(name, "avx2"))
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (!std::strcmp(name, "avx512"))
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("fma");
#endif
    return !std::strcmp(name, "baseline");
}

#define TABLE(set) &set::table,
constexpr const Table* compiled_sets[] = {OGIVE_SETS(TABLE)};

// The largest set that the processor has, or the one that OGIVE_INSTRUCTION_SET names; the same at every call.
const Table* chosen_set() {
    const char* wanted = std::getenv("OGIVE_INSTRUCTION_SET");
    const Table* chosen = nullptr;
    for (const Table* set : compiled_sets)
        if (supported(set->name) && (!wanted || !*wanted || !std::strcmp(wanted, set->name))) chosen = set;
    if (!chosen)
        PyErr_Format(PyExc_ImportError,
                     "OGIVE_INSTRUCTION_SET is '%s', which is not compiled in or not supported by this processor; "
                     "unset it or use 'baseline'", wanted);
    return chosen;
}

struct State {
    const Table* set;
    int bfloat16;  // the number of NumPy's type, once it is registered
};

State* state_of(PyObject* module) { return static_cast<State*>(PyModule_GetState(module)); }

// What a ufunc points to has to live as long as the ufunc, which no one owns alone: as long as the process.
struct UfuncData {
    std::string name, doc, signature;
    std::vector<void*> data;
    std::vector<char> types;
};

constexpr const char* part_names[] = {"value", "slope", "value_and_slope", "curvature"};
constexpr const char* part_suffixes[] = {"", "_slope", "_value_and_slope", "_curvature"};
constexpr const char* part_docs[] = {"", "The slope (derivative with respect to the first input) of: ",
                                     "The value and the slope, in one pass, of: ",
                                     "The curvature (second derivative with respect to the first input) of: "};
constexpr int stored_types[] = {NPY_HALF, NPY_FLOAT, NPY_DOUBLE};

const PyUFuncGenericFunction* numpy_loops(const Loop* loops) {
    return reinterpret_cast<const PyUFuncGenericFunction*>(loops);
}

// A ufunc with one loop for each of NumPy's storages. `types` has a letter for each argument: s stored, l int64, d float64.
PyObject* ufunc(std::string name, std::string doc, const char* signature, const std::string& types, int inputs,
                const Loop* loops, const void* data) {
    auto* const kept = new UfuncData{std::move(name), std::move(doc), signature ? signature : "", {}, {}};
    for (int stored : stored_types) {
        kept->data.push_back(const_cast<void*>(data));
        for (char type : types) kept->types.push_back(static_cast<char>(type == 's' ? stored : type == 'l' ? NPY_INT64 : NPY_DOUBLE));
    }
    return PyUFunc_FromFuncAndDataAndSignature(
        const_cast<PyUFuncGenericFunction*>(numpy_loops(loops)), kept->data.data(), kept->types.data(), bfloat16_storage, inputs,
        static_cast<int>(types.size()) - inputs, PyUFunc_None, kept->name.c_str(), kept->doc.c_str(), 0,
        signature ? kept->signature.c_str() : nullptr);
}

PyObject* elementwise_ufunc(const Table& set, const ElementwiseRow& row, int part) {
    const Evaluation& function = row.parts[part];
    return ufunc(std::string(row.name) + part_suffixes[part], std::string(part_docs[part]) + row.doc, nullptr,
                 std::string(function.inputs + function.outputs, 's'), function.inputs, set.elementwise, &function);
}

std::string sum_types(const Evaluation& function, bool graded) {
    return std::string(function.inputs, 's') + (graded ? "ddds" : "ddd");
}

PyObject* sum_ufunc(const Table& set, const ElementwiseRow& row, bool graded) {
    const Evaluation& function = row.parts[graded ? both_parts : value_part];
    std::string signature, doc = graded ? "The sum of weight * term, and weight * slope / divisor, of: " : "The sum of weight * term of: ";
    for (int k = 0; k < function.inputs; ++k) signature += "(n),";
    signature += graded ? "(n),()->(),(n)" : "(n),()->()";
    return ufunc(std::string(row.name) + (graded ? "_sum_and_gradient" : "_sum"), doc + row.doc, signature.c_str(),
                 sum_types(function, graded), function.inputs + 2, graded ? set.sums_and_gradients : set.sums, &function);
}

// NumPy's words for the arguments of a function along an axis.
struct RowTypes {
    std::string signature, types;

    explicit RowTypes(const RowFunction& row) {
        for (int k = 0; k < row.inputs + row.outputs; ++k) {
            const Argument kind = row.arguments[k];
            if (k > 0) signature += k == row.inputs ? "->" : ",";
            signature += kind == row_argument ? "(n)" : "()";
            types += kind == double_argument ? 'd' : kind == index_argument ? 'l' : 's';
        }
    }
};

PyObject* row_ufunc(const Table& set, const RowFunction& row) {
    const RowTypes numpy(row);
    return ufunc(row.name, row.doc, numpy.signature.c_str(), numpy.types, row.inputs, set.along_axis, &row);
}

// The same of all rows of a loss together: (m, n), …, weights, divisor -> sum of weight * term, gradient.
PyObject* row_sum_ufunc(const Table& set, const RowFunction& row) {
    std::string signature;
    for (int k = 0; k < row.inputs + row.outputs; ++k) {
        if (k > 0) signature += k == row.inputs ? "->" : ",";
        const bool one = k == row.inputs - 1 || k == row.inputs;
        signature += row.arguments[k] == row_argument ? "(m,n)" : one ? "()" : "(m)";
    }
    return ufunc(std::string(row.name) + "_sum", std::string("The sum of weight * term over all rows of: ") + row.doc, signature.c_str(),
                 RowTypes(row).types, row.inputs, set.sums_of_rows, &row);
}

// Stores `item` under `key` and gives up our reference; false with an error set.
bool put(PyObject* dictionary, const char* key, PyObject* item) {
    const bool stored = item && PyDict_SetItemString(dictionary, key, item) == 0;
    Py_XDECREF(item);
    return stored;
}

// Calls make(row, family) for every elementwise function, and stores what it gives; nullptr with an error set.
template <class Make> PyObject* for_every_row(const Table& set, const Make& make) {
    PyObject* all = PyDict_New();
    for (int f = 0; all && f < set.family_count; ++f)
        for (int i = 0; all && i < set.families[f]->count; ++i)
            if (!make(all, set.families[f]->rows[i], *set.families[f])) Py_CLEAR(all);
    return all;
}

PyObject* elementwise_ufuncs(const Table& set) {
    return for_every_row(set, [&](PyObject* all, const ElementwiseRow& row, const Family&) {
        PyObject* entry = PyDict_New();
        bool complete = entry != nullptr;
        for (int part = 0; complete && part < parts; ++part)
            if (row.parts[part].in_double) complete = put(entry, part_names[part], elementwise_ufunc(set, row, part));
        return put(all, row.name, entry) && complete;
    });
}

PyObject* sum_ufuncs(const Table& set, bool graded) {
    return for_every_row(set, [&](PyObject* all, const ElementwiseRow& row, const Family& family) {
        return !family.summed || put(all, row.name, sum_ufunc(set, row, graded));
    });
}

constexpr SequenceFunction sequence_functions[][2] = {
    {{"ctc_logits", "the cost of a labelling of frames of logits", true, false},
     {"ctc_logits_and_gradient", "the cost of a labelling of frames of logits, and its gradient", true, true}},
    {{"ctc_log_probabilities", "the cost of a labelling of frames of log-probabilities", false, false},
     {"ctc_log_probabilities_and_gradient", "the cost of a labelling of frames of log-probabilities, and its gradient", false, true}},
};

PyObject* sequence_ufunc(const Table& set, const SequenceFunction& function) {
    const std::string signature = "(t,c),(l),(),(),(),(),(),()->()", types = "slllddddd";
    return ufunc(function.name, function.doc, (signature + (function.graded ? ",(t,c)" : "")).c_str(), types + (function.graded ? "s" : ""),
                 8, set.sequences, &function);
}

// Of each loss of sequences by name, without the gradient or with it.
PyObject* sequence_ufuncs(const Table& set, bool graded) {
    PyObject* all = PyDict_New();
    for (const auto& functions : sequence_functions)
        if (all && !put(all, functions[0].name, sequence_ufunc(set, functions[graded]))) Py_CLEAR(all);
    return all;
}

// The same function, of whose outputs NumPy asks for the first alone.
const RowFunction& value_of(const RowFunction& row) {
    auto* const value = new RowFunction(row);  // for as long as the ufunc
    value->outputs = 1;
    value->unasked = row.outputs - 1;
    return *value;
}

// Calls make(row) for every function along an axis, or for the losses among them, which have a gradient.
template <class Make> PyObject* for_every_row_function(const Table& set, bool losses_alone, const Make& make) {
    PyObject* all = PyDict_New();
    for (int f = 0; all && f < set.row_family_count; ++f)
        for (int i = 0; all && i < set.row_families[f]->count; ++i) {
            const RowFunction& row = set.row_families[f]->rows[i];
            if ((row.outputs > 1 || !losses_alone) && !put(all, row.name, make(row))) Py_CLEAR(all);
        }
    return all;
}

bool put_row_ufuncs(PyObject* contents, const Table& set) {
    const auto put_all = [&](const char* kind, bool losses_alone, const auto& make) {
        return put(contents, kind, for_every_row_function(set, losses_alone, make));
    };
    return put_all("rows", false, [&](const RowFunction& row) { return row_ufunc(set, row); }) &&
           put_all("row_values", true, [&](const RowFunction& row) { return row_ufunc(set, value_of(row)); }) &&
           put_all("row_sums", true, [&](const RowFunction& row) { return row_sum_ufunc(set, row); }) &&
           put_all("row_sum_values", true, [&](const RowFunction& row) { return row_sum_ufunc(set, value_of(row)); });
}

// Adds a loop over bfloat16 to the ufunc under `key`; false with an error set.
bool add_bfloat16(PyObject* ufuncs, const char* key, int type, const std::string& types, Loop loop, const void* data) {
    PyObject* found = PyDict_GetItemString(ufuncs, key);
    if (!found || !PyObject_TypeCheck(found, &PyUFunc_Type)) {
        PyErr_Format(PyExc_RuntimeError, "the ufunc '%s' is no longer where the module put it", key);
        return false;
    }
    std::vector<int> numbers;
    for (char letter : types) numbers.push_back(letter == 's' ? type : letter == 'l' ? NPY_INT64 : NPY_DOUBLE);
    return PyUFunc_RegisterLoopForType(reinterpret_cast<PyUFuncObject*>(found), type, *numpy_loops(&loop), numbers.data(),
                                       const_cast<void*>(data)) == 0;
}

bool add_bfloat16_to_row(PyObject* elementwise, PyObject* sums, const Table& set, const ElementwiseRow& row, bool summed, int type) {
    PyObject* entry = PyDict_GetItemString(elementwise, row.name);
    if (!entry) {
        PyErr_Format(PyExc_RuntimeError, "the row '%s' is no longer where the module put it", row.name);
        return false;
    }
    for (int part = 0; part < parts; ++part) {
        const Evaluation& function = row.parts[part];
        const std::string types(function.inputs + function.outputs, 's');
        if (function.in_double &&
            !add_bfloat16(entry, part_names[part], type, types, set.elementwise[bfloat16_storage], &function))
            return false;
    }
    const Evaluation& both = row.parts[both_parts];
    return !summed || add_bfloat16(sums, row.name, type, sum_types(both, true), set.sums_and_gradients[bfloat16_storage], &both);
}

bool add_bfloat16_everywhere(PyObject* module, const Table& set, int type) {
    PyObject* elementwise = PyObject_GetAttrString(module, "elementwise");
    PyObject* sums = PyObject_GetAttrString(module, "sums");
    PyObject* rows = PyObject_GetAttrString(module, "rows");
    bool complete = elementwise && sums && rows;
    for (int f = 0; complete && f < set.family_count; ++f)
        for (int i = 0; complete && i < set.families[f]->count; ++i)
            complete = add_bfloat16_to_row(elementwise, sums, set, set.families[f]->rows[i], set.families[f]->summed, type);
    for (int f = 0; complete && f < set.row_family_count; ++f)
        for (int i = 0; complete && i < set.row_families[f]->count; ++i) {
            const RowFunction& row = set.row_families[f]->rows[i];
            complete = add_bfloat16(rows, row.name, type, RowTypes(row).types, set.along_axis[bfloat16_storage], &row);
        }
    Py_XDECREF(elementwise);
    Py_XDECREF(sums);
    Py_XDECREF(rows);
    return complete;
}

// Whether the dtype is the bfloat16 of ml_dtypes: other formats of its have two bytes or less too.
bool is_bfloat16(PyArray_Descr* descriptor) {
    const char* name = std::strrchr(descriptor->typeobj->tp_name, '.');
    name = name ? name + 1 : descriptor->typeobj->tp_name;
    return PyTypeNum_ISUSERDEF(descriptor->type_num) && PyDataType_ELSIZE(descriptor) == 2 && !std::strcmp(name, "bfloat16");
}

PyObject* register_bfloat16(PyObject* module, PyObject* argument) {
    PyArray_Descr* descriptor = nullptr;
    if (!PyArray_DescrConverter(argument, &descriptor)) return nullptr;
    const int type = descriptor->type_num;
    const bool fits = is_bfloat16(descriptor);
    Py_DECREF(descriptor);
    if (!fits) return PyErr_Format(PyExc_TypeError, "dtype: expected bfloat16 from ml_dtypes, got %R", argument);
    State* state = state_of(module);
    if (state->bfloat16 != type) {
        if (!add_bfloat16_everywhere(module, *state->set, type)) return nullptr;
        state->bfloat16 = type;
    }
    Py_RETURN_NONE;
}

// The names of the compiled sets, or of those that the processor has too.
PyObject* set_names(bool only_supported) {
    PyObject* names = PyList_New(0);
    for (const Table* set : compiled_sets) {
        if (only_supported && !supported(set->name)) continue;
        PyObject* name = names ? PyUnicode_FromString(set->name) : nullptr;
        if (!name || PyList_Append(names, name) != 0) Py_CLEAR(names);
        Py_XDECREF(name);
    }
    return names;
}

PyObject* config(PyObject* module, PyObject*) {
#ifdef _OPENMP
    PyObject* openmp = Py_True;
#else
    PyObject* openmp = Py_False;
#endif
    return Py_BuildValue("{s:s,s:N,s:N,s:O,s:i,s:s}", "instruction_set", state_of(module)->set->name, "compiled_sets",
                         set_names(false), "supported_sets", set_names(true), "openmp", openmp, "threads",
                         ogive::most_threads(), "compiler", OGIVE_COMPILER);
}

PyObject* product(PyObject* module, PyObject* arguments) { return multiply_with(state_of(module)->set->product, arguments); }

PyMethodDef methods[] = {
    {"product", product, METH_VARARGS, "product(left, right, out, keep=0, bias=None): out = keep * out + left @ right, or bias + left @ right, for stacks of float32 "
     "matrices, the lefts in turn."},
    {"flush_subnormals", flush_subnormals, METH_O, "Let this thread take subnormal numbers for zero, or not; returns how it was."},
    {"run", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(run_recycling)), METH_FASTCALL | METH_KEYWORDS,
     "run(function, array, ...): call the function; large results lie in memory that earlier ones have left."},
    {"summed", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(sum_whole)), METH_FASTCALL,
     "summed(kernel, divisor, array, ...): the sum of the terms of whole arrays, each of weight 1, and the gradients of their share."},
    {"config", config, METH_NOARGS, "What was compiled and what is in use, as a dict."},
    {"register_bfloat16", register_bfloat16, METH_O, "Add loops for this bfloat16 dtype to every ufunc."},
    {nullptr, nullptr, 0, nullptr},
};

int import_numpy() {
    import_array1(-1);
    import_umath1(-1);
    return 0;
}

int execute(PyObject* module) {
    if (import_numpy() != 0) return -1;
    const Table* set = chosen_set();
    if (!set) return -1;
    *state_of(module) = {set, -1};
    PyObject* contents = PyModule_GetDict(module);
    try {
        const bool complete = put(contents, "elementwise", elementwise_ufuncs(*set)) && put(contents, "sums", sum_ufuncs(*set, true)) &&
                              put(contents, "sum_values", sum_ufuncs(*set, false)) &&
                              put_row_ufuncs(contents, *set) && put(contents, "sequences", sequence_ufuncs(*set, true)) &&
                              put(contents, "sequence_values", sequence_ufuncs(*set, false)) &&
                              put(contents, "Callable", PyType_FromModuleAndSpec(module, &callable_spec, nullptr));
        return complete ? 0 : -1;
    } catch (const std::bad_alloc&) {
        PyErr_NoMemory();
        return -1;
    }
}

// NumPy itself serves one interpreter. The ufuncs may run in many threads at once, with or without the global lock; but
// register_bfloat16 adds to ufuncs that another thread may be calling, so free-threaded Python keeps its lock.
PyModuleDef_Slot slots[] = {
    {Py_mod_exec, reinterpret_cast<void*>(execute)},
#ifdef Py_mod_multiple_interpreters
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
#ifdef Py_mod_gil
    {Py_mod_gil, Py_MOD_GIL_USED},
#endif
    {0, nullptr},
};

PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_kernels", "The compiled kernels of ogive.", sizeof(State), methods,
                          slots, nullptr, nullptr, nullptr};

}  // namespace

void ogive::out_of_memory() {
    NPY_ALLOW_C_API_DEF
    NPY_ALLOW_C_API
    PyErr_NoMemory();
    NPY_DISABLE_C_API
}

PyMODINIT_FUNC PyInit__kernels() { return PyModuleDef_Init(&definition); }
