// Memory of large results: what one leaves is kept for the next of its size. The system clears every page that it hands out
// anew, which takes longer than most functions do.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <mutex>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace {

constexpr std::size_t large_result = std::size_t(1) << 20, most_kept = std::size_t(1) << 27, huge_page = std::size_t(1) << 21;

// The blocks that are kept, the oldest first.
class KeptBlocks {
    static constexpr int most = 16;
    struct Block {
        void* start;
        std::size_t size;
    };
    std::mutex mutex;
    Block blocks[most];
    int count = 0;
    std::size_t total = 0;

    void* remove(int index) {
        void* const start = blocks[index].start;
        total -= blocks[index].size;
        std::copy(blocks + index + 1, blocks + count--, blocks + index);
        return start;
    }

public:
    void* take(std::size_t size) {
        const std::lock_guard guard(mutex);
        for (int i = count - 1; i >= 0; --i)
            if (blocks[i].size == size) return remove(i);
        return nullptr;
    }
    bool keep(void* start, std::size_t size) {
        if (size < large_result || size > most_kept) return false;
        const std::lock_guard guard(mutex);
        while (count == most || total + size > most_kept) std::free(remove(0));
        blocks[count++] = {start, size};
        total += size;
        return true;
    }
} kept_blocks;

void* fresh(std::size_t size) {
#ifdef MADV_HUGEPAGE
    if (size >= 2 * huge_page) {
        void* const start = std::aligned_alloc(huge_page, (size + huge_page - 1) / huge_page * huge_page);
        if (start) madvise(start, size, MADV_HUGEPAGE);
        return start;
    }
#endif
    return std::malloc(size);
}

void* recycled_malloc(void*, std::size_t size) {
    void* const kept = size >= large_result ? kept_blocks.take(size) : nullptr;
    return kept ? kept : fresh(size);
}
void* plain_calloc(void*, std::size_t count, std::size_t size) { return std::calloc(count, size); }
void* plain_realloc(void*, void* start, std::size_t size) { return std::realloc(start, size); }
void recycled_free(void*, void* start, std::size_t size) {
    if (start && !kept_blocks.keep(start, size)) std::free(start);
}

PyDataMem_Handler recycling_handler = {
    "ogive_recycling", 1, {nullptr, recycled_malloc, plain_calloc, plain_realloc, recycled_free}};

// While it lives, NumPy takes memory for arrays from here; another allocator that the caller has chosen stays.
class Recycling {
    PyObject* before = nullptr;

public:
    explicit Recycling(PyObject* first) {
        if (!PyArray_Check(first) || static_cast<std::size_t>(PyArray_NBYTES(reinterpret_cast<PyArrayObject*>(first))) < large_result) return;
        static PyObject* const ours = PyCapsule_New(&recycling_handler, "mem_handler", nullptr);
        PyObject* const current = PyDataMem_GetHandler();
        if (ours && current == PyDataMem_DefaultHandler) before = PyDataMem_SetHandler(ours);
        Py_XDECREF(current);
        PyErr_Clear();
    }
    Recycling(const Recycling&) = delete;
    ~Recycling() {
        if (!before) return;
#if PY_VERSION_HEX >= 0x030C0000
        PyObject* const raised = PyErr_GetRaisedException();
        Py_XDECREF(PyDataMem_SetHandler(before));
        PyErr_SetRaisedException(raised);
#else
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        Py_XDECREF(PyDataMem_SetHandler(before));
        PyErr_Restore(type, value, traceback);
#endif
        Py_DECREF(before);
    }
};

// run(function, array, …): the function of the array and what follows, large results in recycled memory.
PyObject* run_recycling(PyObject*, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
    if (count < 2) return PyErr_Format(PyExc_TypeError, "run: expected a function and an array, got %zd arguments", count);
    const Recycling recycling(arguments[1]);
    return PyObject_Vectorcall(arguments[0], arguments + 1, static_cast<std::size_t>(count - 1), names);
}

}  // namespace
