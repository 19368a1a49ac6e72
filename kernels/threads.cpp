// How many threads a loop may use. OpenMP's own setting decides, so threadpoolctl and OMP_NUM_THREADS are respected.
#include <algorithm>

#include "table.hpp"

#ifdef _OPENMP
#include <omp.h>
#include <pthread.h>
#endif

namespace ogive {

#ifdef _OPENMP

static bool forked = false;

// The threads of OpenMP do not survive a fork, and libgomp waits for them for ever in the child.
static const int watching = pthread_atfork(nullptr, nullptr, [] { forked = true; });

int threads_for(Size work) {
    if (work < 2 * worth_a_thread || forked || watching != 0 || omp_in_parallel()) return 1;
    return static_cast<int>(std::min<Size>(omp_get_max_threads(), work / worth_a_thread));
}

#else

int threads_for(Size) { return 1; }

#endif

}  // namespace ogive
