// How many threads a loop may use. OpenMP's own setting decides, so threadpoolctl and OMP_NUM_THREADS are respected.
#include "table.hpp"

#ifdef _OPENMP
#include <omp.h>
#include <pthread.h>
#endif

namespace ogive {

#ifdef _OPENMP

// Below this many elements, waking a thread costs more than it saves.
constexpr std::intptr_t worth_sharing = 1 << 16;

static bool forked = false;

// The threads of OpenMP do not survive a fork, and libgomp waits for them for ever in the child.
static const int watching = pthread_atfork(nullptr, nullptr, [] { forked = true; });

int threads_for(std::intptr_t elements) {
    if (elements < worth_sharing || forked || watching != 0 || omp_in_parallel()) return 1;
    return omp_get_max_threads();
}

#else

int threads_for(std::intptr_t) { return 1; }

#endif

}  // namespace ogive
