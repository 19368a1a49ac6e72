// The loops, each written once. Whatever the strides and the storage, the same contiguous kernel does the
// arithmetic: what is not contiguous passes through a buffer that stays in the first-level cache.
#pragma once

#include "formats.hpp"
#include "table.hpp"

#if defined(__SSE2__)
#include <xmmintrin.h>
#else
#include <cfenv>
#endif

namespace OGIVE_SET {

using Size = std::intptr_t;

// NumPy turns floating-point flags into warnings. Intermediate overflow and NaN are no news here, so they are put back.
class QuietFlags {
#if defined(__SSE2__)
    unsigned saved = _mm_getcsr();

public:
    ~QuietFlags() { _mm_setcsr(saved); }
#else
    fenv_t saved;

public:
    QuietFlags() { fegetenv(&saved); }
    ~QuietFlags() { fesetenv(&saved); }
#endif
};

constexpr Size block = 1024;

// Calls body(begin, end) over [0, count), shared among threads in multiples of the grain.
template <class Body> inline void in_parallel(Size count, Size grain, Size work, const Body& body) {
#ifdef _OPENMP
    const int threads = ogive::threads_for(work);
    if (threads > 1) {
        // More pieces than threads, dealt out as they come: a thread that wakes late does less.
        const int pieces = 32 * threads;
        const Size share = ((count + pieces - 1) / pieces + grain - 1) / grain * grain;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
        for (int piece = 0; piece < pieces; ++piece) {
            const Size begin = piece * share, end = begin + share < count ? begin + share : count;
            if (begin < end) body(begin, end);
        }
        return;
    }
#else
    (void)grain, (void)work;
#endif
    body(Size(0), count);
}

template <class Stored, class T> inline void gather(const char* from, Size stride, T* to, Size count) {
    for (Size i = 0; i < count; ++i) to[i] = widen(*reinterpret_cast<const Stored*>(from + i * stride));
}

template <class Stored, class T> inline void scatter(const T* from, char* to, Size stride, Size count) {
    for (Size i = 0; i < count; ++i) narrow(from[i], *reinterpret_cast<Stored*>(to + i * stride));
}

// Half formats have contiguous loops of their own, which vectorise.
template <class Stored, class T> inline void load(const char* from, Size stride, T* to, Size count) {
    if (stride == sizeof(Stored)) gather<Stored>(from, sizeof(Stored), to, count);
    else gather<Stored>(from, stride, to, count);
}

template <class Stored, class T> inline void store(const T* from, char* to, Size stride, Size count) {
    if (stride == sizeof(Stored)) scatter<Stored>(from, to, sizeof(Stored), count);
    else scatter<Stored>(from, to, stride, count);
}

using ogive::Part;

// float is computed in Wide, except in functions marked direct, which take it as it is.
template <class Function, class S> constexpr auto workshop() {
    if constexpr (sizeof(S) == sizeof(double) || requires { Function::direct; }) return S();
    else return Wide();
}

template <class Function, class S, class... Inputs> inline S value_of_function(Inputs... inputs) {
    using T = decltype(workshop<Function, S>());
    if constexpr (fused && sizeof(S) == sizeof(float) && requires { Function::swift(inputs...); })
        return Function::swift(inputs...);
    else return static_cast<S>(Function::value(T(inputs)...));
}

template <class S> struct Results {
    S first, second;
};

template <class Function, Part part, class S, class... Inputs> inline Results<S> compute(Inputs... inputs) {
    using T = decltype(workshop<Function, S>());
    Results<S> results{};
    if constexpr (part != ogive::slope_part) results.first = value_of_function<Function, S>(inputs...);
    if constexpr (part == ogive::slope_part) results.first = static_cast<S>(Function::slope(T(inputs)...));
    if constexpr (part == ogive::both_parts) results.second = static_cast<S>(Function::slope(T(inputs)...));
    return results;
}

// Two groups are computed side by side: a processor overlaps two independent chains of arithmetic better than one chain
// and its successor. A group fills whole vectors, whatever their width, so that no loop has a remainder.
constexpr Size group = 16, pair_of_groups = 2 * group;

// The only place where a function is evaluated; flatten makes its whole body one loop that vectorises. The outputs are
// no inputs, so that nothing need be read again after a store.
template <class Function, Part part, class S, int inputs>
[[gnu::noinline, gnu::flatten]] void evaluate_pairs(const S* const* in, S* __restrict first, S* __restrict second,
                                                    Size pairs) {
    const S *x = in[0], *p = in[1 % inputs], *q = in[2 % inputs];
    const auto at = [=](Size i) {
        if constexpr (inputs == 1) return compute<Function, part, S>(x[i]);
        else if constexpr (inputs == 2) return compute<Function, part, S>(x[i], p[i]);
        else return compute<Function, part, S>(x[i], p[i], q[i]);
    };
    for (Size start = 0; start < pairs * pair_of_groups; start += pair_of_groups) {
#pragma GCC ivdep
        for (Size i = start; i < start + group; ++i) {
            const Results<S> left = at(i), right = at(i + group);
            first[i] = left.first;
            first[i + group] = right.first;
            if constexpr (part == ogive::both_parts) {
                second[i] = left.second;
                second[i + group] = right.second;
            }
        }
    }
}

template <class Function, Part part, class S, int inputs>
void evaluate(const S* const* in, S* first, S* second, Size count) {
    const Size pairs = count / pair_of_groups, done = pairs * pair_of_groups, rest = count - done;
    if (pairs > 0) evaluate_pairs<Function, part, S, inputs>(in, first, second, pairs);
    if (rest == 0) return;
    // What is left over, filled up with its last element.
    alignas(64) S padded[inputs][pair_of_groups], results[2][pair_of_groups];
    const S* from[inputs];
    for (int k = 0; k < inputs; ++k) {
        for (Size i = 0; i < pair_of_groups; ++i) padded[k][i] = in[k][done + (i < rest ? i : rest - 1)];
        from[k] = padded[k];
    }
    evaluate_pairs<Function, part, S, inputs>(from, results[0], results[1], 1);
    for (Size i = 0; i < rest; ++i) {
        if constexpr (part == ogive::both_parts) second[done + i] = results[1][i];
        first[done + i] = results[0][i];
    }
}

// The elements before the next cache line, so that all stores after these are aligned; else as many as may be.
inline Size up_to_line(const char* place, Size stride, Size most) {
    const Size beyond = reinterpret_cast<std::uintptr_t>(place) % 64;
    return beyond == 0 || stride <= 0 || beyond % stride != 0 ? most : (64 - beyond) / stride;
}

template <class Function, Part part, class Stored, int inputs>
void elementwise(char** arguments, const Size* sizes, const Size* strides, void*) {
    using T = typename Computed<Stored>::Type;
    constexpr int outputs = part == ogive::both_parts ? 2 : 1;
    constexpr bool same = sizeof(Stored) == sizeof(T);
    const QuietFlags quiet;
    bool direct[inputs + outputs], contiguous = true;
    for (int k = 0; k < inputs + outputs; ++k) {
        direct[k] = same && strides[k] == sizeof(T);
        for (int output = inputs; output < inputs + outputs; ++output)
            direct[k] &= k >= inputs || arguments[k] != arguments[output];  // in place: the input is copied first
        contiguous &= direct[k];
    }
    in_parallel(sizes[0], block, sizes[0], [=](Size begin, Size end) {
        alignas(64) T buffers[inputs + outputs][block];
        const T* in[inputs];
        T* out[2];
        Size count = 0;
        for (Size start = begin; start < end; start += count) {
            const Size most = contiguous ? end - start : block;
            count = up_to_line(arguments[inputs] + start * strides[inputs], strides[inputs], most);
            count = end - start < count ? end - start : count;
            for (int k = 0; k < inputs; ++k) {
                const char* from = arguments[k] + start * strides[k];
                if (direct[k]) {
                    in[k] = reinterpret_cast<const T*>(from);
                } else {
                    if (strides[k] != 0) load<Stored>(from, strides[k], buffers[k], count);
                    else if (start == begin) load<Stored>(from, 0, buffers[k], block);  // one number serves all blocks
                    in[k] = buffers[k];
                }
            }
            for (int k = 0; k < outputs; ++k) {
                const int argument = inputs + k;
                char* to = arguments[argument] + start * strides[argument];
                out[k] = direct[argument] ? reinterpret_cast<T*>(to) : buffers[argument];
            }
            evaluate<Function, part, T, inputs>(in, out[0], out[outputs - 1], count);
            for (int k = inputs; k < inputs + outputs; ++k) {
                if (out[k - inputs] == buffers[k])
                    store<Stored>(buffers[k], arguments[k] + start * strides[k], strides[k], count);
            }
        }
    });
}

template <class Function, class S> [[gnu::noinline, gnu::flatten]] void evaluate_row(S* const* vectors, Size length) {
    Function::template row<decltype(workshop<Function, S>())>(vectors, length);
}

// Generalised functions along one axis of length n. Function::vector says which arguments have that axis; a row
// that is not contiguous, or not stored as computed, is copied to one that is.
template <class Function, class Stored>
void along_axis(char** arguments, const Size* sizes, const Size* strides, void*) {
    using T = typename Computed<Stored>::Type;
    constexpr int inputs = Function::inputs, all = inputs + Function::outputs;
    const QuietFlags quiet;
    const Size length = sizes[1];
    Size inner[all];
    bool direct[all];
    for (int k = 0, next = all; k < all; ++k) {
        inner[k] = Function::vector[k] ? strides[next++] : Size(sizeof(Stored));
        direct[k] = sizeof(Stored) == sizeof(T) && inner[k] == sizeof(T);
    }
    in_parallel(sizes[0], 1, sizes[0] * length, [&](Size begin, Size end) {
        T* scratch[all];
        for (int k = 0; k < all; ++k) scratch[k] = direct[k] ? nullptr : new T[length + 1];
        for (Size row = begin; row < end; ++row) {
            T* vectors[all];
            for (int k = 0; k < all; ++k) {
                char* place = arguments[k] + row * strides[k];
                vectors[k] = direct[k] || k == Function::index_input ? reinterpret_cast<T*>(place) : scratch[k];
                if (!direct[k] && k < inputs && k != Function::index_input)
                    load<Stored>(place, inner[k], scratch[k], Function::vector[k] ? length : 1);
            }
            evaluate_row<Function>(vectors, length);
            for (int k = inputs; k < all; ++k) {
                char* place = arguments[k] + row * strides[k];
                if (!direct[k]) store<Stored>(scratch[k], place, inner[k], Function::vector[k] ? length : 1);
            }
        }
        for (int k = 0; k < all; ++k) delete[] scratch[k];
    });
}

}  // namespace OGIVE_SET
