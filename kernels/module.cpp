// The Python module: chooses an instruction set and turns its table into NumPy ufuncs. Nothing else knows Python.
#define PY_SSIZE_T_CLEAN
#define NPY_NO_DEPRECATED_API NPY_1_25_API_VERSION
#define NPY_TARGET_VERSION NPY_1_25_API_VERSION
#include <Python.h>
#include <numpy/arrayobject.h>
#include <numpy/ufuncobject.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "table.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

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

// The largest set that the processor has, or the one that OGIVE_INSTRUCTION_SET names. nullptr with an error set.
const Table* choose_set() {
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

const Table* active = nullptr;

// What a ufunc points to has to live as long as the ufunc: as long as the process.
struct UfuncData {
    std::vector<PyUFuncGenericFunction> loops;
    std::vector<void*> extra;
    std::vector<char> types;
    std::string name, doc;
};

const char* const part_names[] = {"value", "slope", "value_and_slope"};
const char* const part_suffixes[] = {"", "_slope", "_value_and_slope"};
const char* const part_docs[] = {"", "The slope (derivative with respect to the first input) of: ",
                                 "The value and the slope, in one pass, of: "};
constexpr int stored_types[] = {NPY_HALF, NPY_FLOAT, NPY_DOUBLE};

PyUFuncGenericFunction numpy_loop(Loop loop) { return reinterpret_cast<PyUFuncGenericFunction>(loop); }

PyObject* elementwise_ufunc(const ElementwiseRow& row, int part) {
    const int outputs = part == both_parts ? 2 : 1;
    auto* data = new UfuncData;
    for (int storage = 0; storage < bfloat16_storage; ++storage) {
        data->loops.push_back(numpy_loop(row.loops[part][storage]));
        data->extra.push_back(nullptr);
        data->types.insert(data->types.end(), row.inputs + outputs, static_cast<char>(stored_types[storage]));
    }
    data->name = std::string(row.name) + part_suffixes[part];
    data->doc = std::string(part_docs[part]) + row.doc;
    return PyUFunc_FromFuncAndData(data->loops.data(), data->extra.data(), data->types.data(), bfloat16_storage,
                                   row.inputs, outputs, PyUFunc_None, data->name.c_str(), data->doc.c_str(), 0);
}

// The generalised ufunc's signature: every row has the same length n.
std::string signature(const RowFunction& row) {
    std::string text;
    for (int argument = 0; argument < row.inputs + row.outputs; ++argument) {
        if (argument > 0) text += argument == row.inputs ? "->" : ",";
        text += row.arguments[argument] == row_argument ? "(n)" : "()";
    }
    return text;
}

int type_of(Argument argument, int stored_type) {
    return argument == double_argument ? NPY_DOUBLE : argument == index_argument ? NPY_INT64 : stored_type;
}

PyObject* row_ufunc(const RowFunction& row) {
    auto* data = new UfuncData;
    for (int storage = 0; storage < bfloat16_storage; ++storage) {
        data->loops.push_back(numpy_loop(active->along_axis[storage]));
        data->extra.push_back(const_cast<RowFunction*>(&row));
        for (int argument = 0; argument < row.inputs + row.outputs; ++argument)
            data->types.push_back(static_cast<char>(type_of(row.arguments[argument], stored_types[storage])));
    }
    data->name = row.name;
    data->doc = row.doc;
    return PyUFunc_FromFuncAndDataAndSignature(
        data->loops.data(), data->extra.data(), data->types.data(), bfloat16_storage, row.inputs, row.outputs,
        PyUFunc_None, data->name.c_str(), data->doc.c_str(), 0, signature(row).c_str());
}

// Stores `item` under `key` and gives up our reference; false with an error set.
bool put(PyObject* dictionary, const char* key, PyObject* item) {
    const bool stored = item && PyDict_SetItemString(dictionary, key, item) == 0;
    Py_XDECREF(item);
    return stored;
}

PyObject* elementwise_ufuncs() {
    PyObject* all = PyDict_New();
    for (int i = 0; all && i < active->elementwise_count; ++i) {
        const ElementwiseRow& row = active->elementwise[i];
        PyObject* entry = PyDict_New();
        bool complete = entry != nullptr;
        for (int part = 0; complete && part < parts; ++part)
            complete = put(entry, part_names[part], elementwise_ufunc(row, part));
        if (!put(all, row.name, entry) || !complete) Py_CLEAR(all);
    }
    return all;
}

PyObject* row_ufuncs() {
    PyObject* all = PyDict_New();
    for (int i = 0; all && i < active->rows_count; ++i)
        if (!put(all, active->rows[i].name, row_ufunc(active->rows[i]))) Py_CLEAR(all);
    return all;
}

int thread_count() {
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
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

PyObject* config(PyObject*, PyObject*) {
#ifdef _OPENMP
    PyObject* openmp = Py_True;
#else
    PyObject* openmp = Py_False;
#endif
    return Py_BuildValue("{s:s,s:N,s:N,s:O,s:i,s:s}", "instruction_set", active->name, "compiled_sets",
                         set_names(false), "supported_sets", set_names(true), "openmp", openmp, "threads",
                         thread_count(), "compiler", OGIVE_COMPILER);
}

PyObject* register_bfloat16(PyObject* module, PyObject* argument) {
    static int registered = -1;
    PyArray_Descr* descriptor = nullptr;
    if (!PyArray_DescrConverter(argument, &descriptor)) return nullptr;
    const int type = descriptor->type_num;
    const bool fits = PyTypeNum_ISUSERDEF(type) && PyDataType_ELSIZE(descriptor) == 2;
    Py_DECREF(descriptor);
    if (!fits) return PyErr_Format(PyExc_TypeError, "dtype: expected bfloat16 from ml_dtypes, got %R", argument);
    if (registered == type) Py_RETURN_NONE;
    PyObject* all = PyObject_GetAttrString(module, "elementwise");
    if (!all) return nullptr;
    int status = 0;
    for (int i = 0; status == 0 && i < active->elementwise_count; ++i) {
        const ElementwiseRow& row = active->elementwise[i];
        PyObject* entry = PyDict_GetItemString(all, row.name);
        for (int part = 0; entry && status == 0 && part < parts; ++part) {
            auto* ufunc = reinterpret_cast<PyUFuncObject*>(PyDict_GetItemString(entry, part_names[part]));
            const std::vector<int> types(ufunc->nargs, type);
            status = PyUFunc_RegisterLoopForType(ufunc, type, numpy_loop(row.loops[part][bfloat16_storage]),
                                                 types.data(), nullptr);
        }
    }
    Py_DECREF(all);
    if (status != 0) return nullptr;
    registered = type;
    Py_RETURN_NONE;
}

PyMethodDef methods[] = {
    {"config", config, METH_NOARGS, "What was compiled and what is in use, as a dict."},
    {"register_bfloat16", register_bfloat16, METH_O, "Add loops for this bfloat16 dtype to every elementwise ufunc."},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_kernels", "The compiled kernels of ogive.", -1, methods,
                          nullptr, nullptr, nullptr, nullptr};

bool fill(PyObject* module) {
    active = choose_set();
    if (!active) return false;
    PyObject* dictionary = PyModule_GetDict(module);
    return put(dictionary, "elementwise", elementwise_ufuncs()) && put(dictionary, "rows", row_ufuncs());
}

}  // namespace

void ogive::out_of_memory() {
    NPY_ALLOW_C_API_DEF
    NPY_ALLOW_C_API
    PyErr_NoMemory();
    NPY_DISABLE_C_API
}

PyMODINIT_FUNC PyInit__kernels() {
    import_array();
    import_umath();
    PyObject* module = PyModule_Create(&definition);
    if (module && !fill(module)) Py_CLEAR(module);
    return module;
}
