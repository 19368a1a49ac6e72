// Loops over the bfloat16 of ml_dtypes, added to the ufuncs once that dtype is there.
#pragma once

#include <cstring>

#include "ufuncs.hpp"

namespace {

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

}  // namespace
