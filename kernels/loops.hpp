// What every loop needs: threads, quiet floating-point flags, and contiguous copies of what is not contiguous.
#pragma once

#include <algorithm>

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

// Calls body(begin, end) over [0, count), shared among threads in multiples of the grain. The unit of work is an ordinary
// function of one float.
template <class Body> inline void in_parallel(Size count, Size grain, Size work, const Body& body) {
    const int threads = ogive::threads_for(work);
    if (threads == 1) return body(Size(0), count);
    // More pieces than threads, dealt out as they come: a thread that wakes late does less. Dealing costs too.
    const Size pieces = std::clamp<Size>(work / ogive::worth_a_thread, 4 * threads, 32 * threads);
    const Size share = ((count + pieces - 1) / pieces + grain - 1) / grain * grain;
    const auto piece = [&](Size k) {
        const Size begin = k * share, end = std::min(begin + share, count);
        if (begin < end) body(begin, end);
    };
    ogive::share_out(pieces, threads, [](const void* data, Size k) { (*static_cast<const decltype(piece)*>(data))(k); }, &piece);
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

}  // namespace OGIVE_SET
