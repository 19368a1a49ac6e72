// The weighted sum of a loss over whole arrays, called past NumPy's machinery for generalised functions, which takes longer than a
// small batch.
#pragma once

#include <algorithm>

#include "recycling.hpp"
#include "table.hpp"

namespace {

// The arguments of one call of such a function's inner loop: arrays, the weight of every term, the divisor; then what comes of it.
class WholeCall {
    static constexpr int most = ogive::most_row_arguments, most_dimensions = 2;  // of an array
    const PyUFuncObject* const function;
    const int arrays = function->nin - 2, weight = arrays, divisor = arrays + 1;
    double one = 1.0, by, sums[most] = {};
    char* places[most] = {};
    npy_intp sizes[1 + most] = {1}, steps[(1 + most_dimensions) * most] = {};
    PyArrayObject* gradients[most] = {};
    int loop = 0;

    int ranks(int k) const { return function->core_num_dims[k]; }
    npy_intp& size(int k, int dimension) { return sizes[1 + function->core_dim_ixs[function->core_offsets[k] + dimension]]; }
    char type(int k) const { return function->types[loop * function->nargs + k]; }

    bool find_loop(PyObject* const* given) {
        const auto takes = [&](int k) { return PyArray_TYPE(reinterpret_cast<PyArrayObject*>(given[k])) == type(k); };
        for (; loop < function->ntypes; ++loop) {
            int fitting = 0;
            while (fitting < arrays && takes(fitting)) ++fitting;
            if (fitting == arrays) return true;
        }
        return false;
    }

    bool lay_out(PyObject* const* given) {
        std::fill(sizes + 1, sizes + 1 + most, -1);
        for (int k = 0; k < arrays; ++k) {
            auto* const array = reinterpret_cast<PyArrayObject*>(given[k]);
            if (PyArray_NDIM(array) != ranks(k) || !PyArray_ISBEHAVED_RO(array)) return false;
            places[k] = PyArray_BYTES(array);
            for (int i = 0; i < ranks(k); ++i) {
                npy_intp& known = size(k, i);
                if (known >= 0 && known != PyArray_DIM(array, i)) return false;
                known = PyArray_DIM(array, i);
            }
        }
        places[weight] = reinterpret_cast<char*>(&one);
        places[divisor] = reinterpret_cast<char*>(&by);
        return true;
    }

    bool make_results() {
        for (int k = function->nin; k < function->nargs; ++k) {
            places[k] = reinterpret_cast<char*>(&sums[k]);
            if (ranks(k) == 0) continue;
            npy_intp shape[most_dimensions];
            for (int i = 0; i < ranks(k); ++i) shape[i] = size(k, i);
            gradients[k] = reinterpret_cast<PyArrayObject*>(PyArray_SimpleNew(ranks(k), shape, type(k)));
            if (!gradients[k]) return false;
            places[k] = PyArray_BYTES(gradients[k]);
        }
        return true;
    }

    void measure_steps(PyObject* const* given) {
        for (int k = 0, next = function->nargs; k < function->nargs; ++k) {
            const PyArrayObject* const array = k < arrays ? reinterpret_cast<PyArrayObject*>(given[k]) : gradients[k];
            for (int i = 0; i < ranks(k); ++i) steps[next++] = array ? PyArray_STRIDE(array, i) : 0;
        }
    }

public:
    WholeCall(PyObject* gufunc, double divided_by) : function(reinterpret_cast<PyUFuncObject*>(gufunc)), by(divided_by) {}
    ~WholeCall() {
        for (PyArrayObject* gradient : gradients) Py_XDECREF(gradient);
    }
    PyObject* of(PyObject* const* given) {
        const Recycling recycling(given[0]);
        if (!find_loop(given) || !lay_out(given)) {
            PyErr_Format(PyExc_TypeError, "summed: these are no arrays of one call of %s", function->name);
            return nullptr;
        }
        if (!make_results()) return nullptr;
        measure_steps(given);
        NPY_BEGIN_THREADS_DEF;
        NPY_BEGIN_THREADS_THRESHOLDED(PyArray_SIZE(reinterpret_cast<PyArrayObject*>(given[0])));
        function->functions[loop](places, sizes, steps, function->data[loop]);
        NPY_END_THREADS;
        if (PyErr_Occurred()) return nullptr;
        PyObject* const results = PyTuple_New(function->nout);
        for (int k = function->nin; results && k < function->nargs; ++k) {
            PyObject* const result = gradients[k] ? reinterpret_cast<PyObject*>(gradients[k]) : PyFloat_FromDouble(sums[k]);
            gradients[k] = nullptr;
            PyTuple_SET_ITEM(results, k - function->nin, result);
        }
        return results;
    }
};

// summed(kernel, divisor, array, ...): the sum of the terms, each of weight 1, and the gradients of their share.
PyObject* sum_whole(PyObject*, PyObject* const* arguments, Py_ssize_t count) {
    const bool fits = count > 2 && PyObject_TypeCheck(arguments[0], &PyUFunc_Type) && PyFloat_Check(arguments[1]);
    const auto* const function = fits ? reinterpret_cast<PyUFuncObject*>(arguments[0]) : nullptr;
    bool arrays = fits && function->core_enabled && function->nin == count;
    for (Py_ssize_t k = 2; arrays && k < count; ++k) arrays = PyArray_Check(arguments[k]);
    if (!arrays) return PyErr_Format(PyExc_TypeError, "summed: expected a kernel of sums, a divisor and its arrays");
    return WholeCall(arguments[0], PyFloat_AS_DOUBLE(arguments[1])).of(arguments + 2);
}

}  // namespace
