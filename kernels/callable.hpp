// The base type of Python's callable entries. A plain call, `entry(x)` or `entry(x, out=y)` of a NumPy array, goes straight
// to the ufunc, which costs less than one Python function call; all others go to the method `_call` of the subclass.
#pragma once

#include <cstddef>

namespace {

struct CallableObject {
    PyObject_HEAD
    PyObject* ufunc;
    bool plain;  // a ufunc of one array: there is nothing to bind or to check
    vectorcallfunc call;
};

CallableObject* callable(PyObject* self) { return reinterpret_cast<CallableObject*>(self); }

bool is_native_float_array(PyObject* object) {
    if (!PyArray_CheckExact(object)) return false;
    auto* array = reinterpret_cast<PyArrayObject*>(object);
    const int type = PyArray_TYPE(array);
    return (type == NPY_HALF || type == NPY_FLOAT || type == NPY_DOUBLE) && PyArray_ISNOTSWAPPED(array);
}

bool only_out_and_where(PyObject* names) {
    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); ++i) {
        PyObject* name = PyTuple_GET_ITEM(names, i);
        if (PyUnicode_CompareWithASCIIString(name, "out") != 0 && PyUnicode_CompareWithASCIIString(name, "where") != 0)
            return false;
    }
    return true;
}

PyObject* callable_call(PyObject* self, PyObject* const* arguments, std::size_t count, PyObject* names) {
    if (callable(self)->plain && PyVectorcall_NARGS(count) == 1 && is_native_float_array(arguments[0]) &&
        only_out_and_where(names))
        return PyObject_Vectorcall(callable(self)->ufunc, arguments, count, names);
    PyObject* method = PyObject_GetAttrString(self, "_call");
    if (!method) return nullptr;
    PyObject* result = PyObject_Vectorcall(method, arguments, count, names);
    Py_DECREF(method);
    return result;
}

PyObject* callable_new(PyTypeObject* type, PyObject*, PyObject*) {
    PyObject* self = type->tp_alloc(type, 0);
    if (self) callable(self)->call = callable_call;
    return self;
}

int callable_traverse(PyObject* self, visitproc visit, void* arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(callable(self)->ufunc);
    return 0;
}

int callable_clear(PyObject* self) {
    callable(self)->plain = false;
    Py_CLEAR(callable(self)->ufunc);
    return 0;
}

void callable_dealloc(PyObject* self) {
    PyTypeObject* type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    callable_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

PyObject* callable_get_ufunc(PyObject* self, void*) {
    PyObject* ufunc = callable(self)->ufunc;
    if (!ufunc) return PyErr_Format(PyExc_AttributeError, "this %s has no ufunc yet", Py_TYPE(self)->tp_name);
    return Py_NewRef(ufunc);
}

int callable_set_ufunc(PyObject* self, PyObject* ufunc, void*) {
    if (!ufunc || callable(self)->ufunc) {
        PyErr_SetString(PyExc_AttributeError, "ufunc is set once, when the entry is made");
        return -1;
    }
    callable(self)->ufunc = Py_NewRef(ufunc);
    if (PyObject_TypeCheck(ufunc, &PyUFunc_Type)) {
        const auto* numpy = reinterpret_cast<PyUFuncObject*>(ufunc);
        callable(self)->plain = numpy->nin == 1 && numpy->nout == 1 && !numpy->core_enabled;
    }
    return 0;
}

PyGetSetDef callable_attributes[] = {
    {"ufunc", callable_get_ufunc, callable_set_ufunc, "The NumPy ufunc underneath; set once.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyMemberDef callable_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(CallableObject, call), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

PyType_Slot callable_slots[] = {
    {Py_tp_doc, const_cast<char*>("What is called like its ufunc; the method _call takes what a ufunc does not.")},
    {Py_tp_new, reinterpret_cast<void*>(callable_new)},
    {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
    {Py_tp_traverse, reinterpret_cast<void*>(callable_traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(callable_clear)},
    {Py_tp_dealloc, reinterpret_cast<void*>(callable_dealloc)},
    {Py_tp_getset, callable_attributes},
    {Py_tp_members, callable_members},
    {0, nullptr},
};

PyType_Spec callable_spec = {
    "ogive._kernels.Callable", sizeof(CallableObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL, callable_slots};

}  // namespace
