// Python's entry to the product of stacks of matrices, and the mode of a thread in which it pays: subnormal numbers are zero.
#pragma once

#include <algorithm>

#include "table.hpp"

namespace {

using ogive::Matrices;
using ogive::Product;
using ogive::Size;

// A stack of float matrices, (stack, rows, columns), with its strides in elements.
struct Stack {
    PyArrayObject* array;
    Size shape[3], strides[3];

    // False with an error set. Where a row is written or read as a whole, its elements have to be neighbours.
    bool read(PyObject* object, const char* name) {
        array = reinterpret_cast<PyArrayObject*>(object);
        if (!PyArray_Check(object) || PyArray_TYPE(array) != NPY_FLOAT || PyArray_NDIM(array) != 3 || !PyArray_ISBEHAVED_RO(array)) {
            PyErr_Format(PyExc_TypeError, "%s: expected an aligned native float32 array of three dimensions", name);
            return false;
        }
        for (int axis = 0; axis < 3; ++axis) {
            shape[axis] = PyArray_DIM(array, axis);
            strides[axis] = PyArray_STRIDE(array, axis) / Size{sizeof(float)};
        }
        if (shape[2] == 1 || PyArray_SIZE(array) == 0) strides[2] = 1;
        return true;
    }

    float* data() const { return static_cast<float*>(PyArray_DATA(array)); }

    // Row by row.
    bool is_writable() const { return strides[2] == 1 && PyArray_ISWRITEABLE(array); }
};

// Multiplies what a call of Python names, as `methods` says.
PyObject* multiply_with(Product multiply, PyObject* arguments) {
    PyObject *objects[3], *biases = Py_None, *to_move = Py_None;
    float keep = 0;
    Stack left, right, out, bias = {}, moved = {};
    if (!PyArg_ParseTuple(arguments, "OOO|fOO:product", &objects[0], &objects[1], &objects[2], &keep, &biases, &to_move) ||
        !left.read(objects[0], "left") || !right.read(objects[1], "right") || !out.read(objects[2], "out") ||
        (biases != Py_None && !bias.read(biases, "bias")) || (to_move != Py_None && !moved.read(to_move, "moved")))
        return nullptr;
    const bool fits = left.shape[1] == out.shape[1] && right.shape[2] == out.shape[2] && left.shape[2] == right.shape[1] &&
                      right.shape[0] == out.shape[0] && (out.shape[0] == 0 || (left.shape[0] > 0 && out.shape[0] % left.shape[0] == 0));
    const bool biased = biases != Py_None;
    const bool bias_fits = !biased || (bias.shape[0] == out.shape[0] && bias.shape[1] == 1 && bias.shape[2] == out.shape[2] &&
                                       bias.strides[2] == 1);
    const bool moves = to_move != Py_None;
    const bool moved_fits = !moves || (std::equal(moved.shape, moved.shape + 3, out.shape) && moved.is_writable());
    if (!fits || !bias_fits || !moved_fits || !out.is_writable()) {
        PyErr_SetString(PyExc_ValueError, "product: expected left (a divisor of stack, rows, depth), right (stack, depth, columns), out and "
                                          "moved (stack, rows, columns) and bias (stack, 1, columns), the last three with neighbouring "
                                          "columns, out and moved writable");
        return nullptr;
    }
    const Matrices matrices = {left.data(),      right.data(),      biased ? bias.data() : nullptr,
                               out.data(),       moves ? moved.data() : nullptr,
                               out.shape[0],     left.shape[0],     out.shape[1],                     out.shape[2],      left.shape[2],
                               left.strides[0],  left.strides[1],   left.strides[2],
                               right.strides[0], right.strides[1],  right.strides[2],                 biased ? bias.strides[0] : 0,
                               out.strides[0],   out.strides[1],    moves ? moved.strides[0] : 0,     moves ? moved.strides[1] : 0,
                               keep};
    Py_BEGIN_ALLOW_THREADS
    multiply(matrices);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

// Whether this thread takes subnormal numbers for zero, as it does from now on; False where the processor has no such mode.
PyObject* flush_subnormals(PyObject*, PyObject* argument) {
    const int wanted = PyObject_IsTrue(argument);
    if (wanted < 0) return nullptr;
#if defined(__x86_64__)
    constexpr unsigned modes = 0x8040;  // flush to zero, denormals are zero
    const unsigned before = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(wanted ? before | modes : before & ~modes);
    return PyBool_FromLong((before & modes) == modes);
#elif defined(__aarch64__)
    constexpr unsigned long mode = 1ul << 24;
    unsigned long before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(wanted ? before | mode : before & ~mode));
    return PyBool_FromLong((before & mode) != 0);
#else
    Py_RETURN_FALSE;
#endif
}

}  // namespace
