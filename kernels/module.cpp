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
#include <new>

#include "bfloat16.hpp"
#include "callable.hpp"
#include "matrices.hpp"
#include "summed.hpp"
#include "ufuncs.hpp"

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
