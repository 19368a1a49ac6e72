// The base type of Python's callable entries. A plain call of a NumPy array, `entry(x)`, `entry(x, 0.3)` or
// `entry(x, alpha=0.3, out=y)`, goes straight to the ufunc, which costs less than one Python function call; all others go to the
// method `_call` of the subclass.
#pragma once

#include <cfloat>
#include <cstddef>

#include "recycling.hpp"

namespace {

// A parameter that takes one number.
struct Number {
    PyObject* name;
    double standard, low, high;
};

struct CallableObject {
    PyObject_HEAD
    PyObject *ufunc, *numbers;
    Number* parameters;
    Py_ssize_t count;  // of the parameters
    bool plain;        // the ufunc takes one array and the parameters
    vectorcallfunc call;
};

CallableObject* callable(PyObject* self) { return reinterpret_cast<CallableObject*>(self); }

// The type of an array that a loop takes as it is, or NPY_NOTYPE.
int native_float_type(PyObject* object) {
    if (!PyArray_CheckExact(object)) return NPY_NOTYPE;
    auto* array = reinterpret_cast<PyArrayObject*>(object);
    const int type = PyArray_TYPE(array);
    return (type == NPY_HALF || type == NPY_FLOAT || type == NPY_DOUBLE) && PyArray_ISNOTSWAPPED(array) ? type : NPY_NOTYPE;
}

bool is(PyObject* name, const char* text) { return PyUnicode_CompareWithASCIIString(name, text) == 0; }

// The number in the type of the array, for NumPy would convert it block by block; null where `_call` has to see what it is.
PyObject* converted(PyObject* given, const Number& parameter, int type) {
    double number = parameter.standard;
    if (given) {
        if (!PyFloat_CheckExact(given) && !PyLong_CheckExact(given)) return nullptr;
        number = PyFloat_AsDouble(given);
        if (number == -1.0 && PyErr_Occurred()) return PyErr_Clear(), nullptr;
        if (!(number >= parameter.low && number <= parameter.high)) return nullptr;
    }
    if (type == NPY_HALF || !(number >= -FLT_MAX && number <= FLT_MAX)) return nullptr;
    PyObject* array = PyArray_SimpleNew(0, nullptr, type);
    if (!array) return nullptr;
    void* const place = PyArray_DATA(reinterpret_cast<PyArrayObject*>(array));
    if (type == NPY_FLOAT) *static_cast<float*>(place) = static_cast<float>(number);
    else *static_cast<double*>(place) = number;
    return array;
}

// The arguments of the ufunc for a call of an entry; incomplete where `_call` has to see to it.
class PlainCall {
    static constexpr int most = 8;
    PyObject *arguments[most] = {}, *given[most] = {}, *names = nullptr;
    Py_ssize_t parameters, options = 0;
    bool complete;

    bool arrange(const CallableObject* self, PyObject* const* from, Py_ssize_t positional, PyObject* keywords) {
        const Py_ssize_t keyword_count = keywords ? PyTuple_GET_SIZE(keywords) : 0;
        const int type = native_float_type(from[0]);
        if (type == NPY_NOTYPE || positional > 1 + parameters || 1 + parameters + keyword_count > most) return false;
        for (Py_ssize_t i = 1; i < positional; ++i) given[i - 1] = from[i];
        PyObject* option_names[most];
        for (Py_ssize_t i = 0; i < keyword_count; ++i) {
            PyObject *name = PyTuple_GET_ITEM(keywords, i), *value = from[positional + i];
            Py_ssize_t place = 0;
            while (place < parameters && PyUnicode_Compare(name, self->parameters[place].name) != 0) ++place;
            if (place < parameters) {
                if (given[place]) return false;
                given[place] = value;
            } else {
                if (!is(name, "where") && !(is(name, "out") && (value == Py_None || PyArray_Check(value)))) return false;
                option_names[options] = name;
                arguments[1 + parameters + options++] = value;
            }
        }
        if (options > 0) names = PyTuple_New(options);
        if (options > 0 && !names) return false;
        for (Py_ssize_t i = 0; i < options; ++i) PyTuple_SET_ITEM(names, i, Py_NewRef(option_names[i]));
        arguments[0] = from[0];
        for (Py_ssize_t i = 0; i < parameters; ++i)
            if (!(arguments[1 + i] = converted(given[i], self->parameters[i], type))) return false;
        return true;
    }

public:
    PlainCall(const CallableObject* self, PyObject* const* from, Py_ssize_t positional, PyObject* keywords)
        : parameters(self->count), complete(arrange(self, from, positional, keywords)) {}
    ~PlainCall() {
        for (Py_ssize_t i = 0; i < parameters; ++i) Py_XDECREF(arguments[1 + i]);
        Py_XDECREF(names);
    }
    explicit operator bool() const { return complete; }
    PyObject* of(PyObject* ufunc) const {
        const Recycling recycling(arguments[0]);
        return PyObject_Vectorcall(ufunc, arguments, static_cast<std::size_t>(1 + parameters), names);
    }
};

PyObject* callable_call(PyObject* self, PyObject* const* arguments, std::size_t count, PyObject* names) {
    const Py_ssize_t positional = PyVectorcall_NARGS(count);
    if (callable(self)->plain && positional > 0) {
        const PlainCall plain(callable(self), arguments, positional, names);
        if (plain) return plain.of(callable(self)->ufunc);
        if (PyErr_Occurred()) return nullptr;
    }
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
    Py_VISIT(callable(self)->numbers);
    return 0;
}

int callable_clear(PyObject* self) {
    callable(self)->plain = false;
    Py_CLEAR(callable(self)->ufunc);
    Py_CLEAR(callable(self)->numbers);
    return 0;
}

void callable_dealloc(PyObject* self) {
    PyTypeObject* type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    callable_clear(self);
    PyMem_Free(callable(self)->parameters);
    type->tp_free(self);
    Py_DECREF(type);
}

void settle_whether_plain(CallableObject* self) {
    if (!self->ufunc || !PyObject_TypeCheck(self->ufunc, &PyUFunc_Type)) return;
    const auto* numpy = reinterpret_cast<PyUFuncObject*>(self->ufunc);
    self->plain = numpy->nin == 1 + self->count && numpy->nout == 1 && !numpy->core_enabled;
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
    settle_whether_plain(callable(self));
    return 0;
}

PyObject* callable_get_numbers(PyObject* self, void*) {
    PyObject* numbers = callable(self)->numbers;
    return numbers ? Py_NewRef(numbers) : PyTuple_New(0);
}

int callable_set_numbers(PyObject* self, PyObject* numbers, void*) {
    if (!numbers || callable(self)->numbers || !PyTuple_Check(numbers)) {
        PyErr_SetString(PyExc_AttributeError, "numbers is a tuple that is set once, when the entry is made");
        return -1;
    }
    const Py_ssize_t count = PyTuple_GET_SIZE(numbers);
    auto* const parameters = static_cast<Number*>(PyMem_Calloc(static_cast<std::size_t>(count) + 1, sizeof(Number)));
    if (!parameters) return PyErr_NoMemory(), -1;
    for (Py_ssize_t i = 0; i < count; ++i) {
        Number& each = parameters[i];
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(numbers, i), "Uddd", &each.name, &each.standard, &each.low, &each.high)) {
            PyMem_Free(parameters);
            return -1;
        }
    }
    callable(self)->numbers = Py_NewRef(numbers);
    callable(self)->parameters = parameters;
    callable(self)->count = count;
    settle_whether_plain(callable(self));
    return 0;
}

PyGetSetDef callable_attributes[] = {
    {"ufunc", callable_get_ufunc, callable_set_ufunc, "The NumPy ufunc underneath; set once.", nullptr},
    {"numbers", callable_get_numbers, callable_set_numbers,
     "The parameters, if they are numbers: (name, default, lowest, highest) of each; set once.", nullptr},
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
