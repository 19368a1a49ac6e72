// NumPy's ufuncs of an instruction set's table, in dictionaries by name.
#pragma once

#include <string>
#include <vector>

#include "table.hpp"

namespace {

using namespace ogive;

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

}  // namespace
