// What every loop needs: threads, quiet floating-point flags, and contiguous copies of what is not contiguous.
#pragma once

#include "evaluate.hpp"

#if defined(__SSE2__)
#include <xmmintrin.h>
#else
#include <cfenv>
#endif

namespace OGIVE_SET {

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
template <class Stored, class T> [[gnu::noinline]] void load(const char* from, Size stride, T* to, Size count) {
    if (stride == sizeof(Stored)) gather<Stored>(from, sizeof(Stored), to, count);
    else gather<Stored>(from, stride, to, count);
}

template <class Stored, class T> [[gnu::noinline]] void store(const T* from, char* to, Size stride, Size count) {
    if (stride == sizeof(Stored)) scatter<Stored>(from, to, sizeof(Stored), count);
    else scatter<Stored>(from, to, stride, count);
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
