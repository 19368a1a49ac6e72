// How many threads a loop may use, and those that help with it. OpenMP's own setting decides on their number where there is one, so
// threadpoolctl and OMP_NUM_THREADS are respected; its threads are not used, for it waits at the end of a loop until each of them
// has had its turn. Where another library's threads wait in a loop of their own for their next work, as OpenBLAS's do behind NumPy's
// matrix products, that takes many times as long as the loop. Here nobody waits for a thread that has not begun.
#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>

#include "table.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif
#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

namespace ogive {

namespace {

#if defined(__unix__) || defined(__APPLE__)
bool forked = false;  // threads do not survive it

const int watching = pthread_atfork(nullptr, nullptr, [] { forked = true; });
#else
constexpr bool forked = false;
constexpr int watching = 0;
#endif

struct SharedLoop {
    Piece piece;
    const void* data;
    Size pieces;
    std::atomic<int> seats;
    std::atomic<Size> next = 0;

    // How many this thread could take.
    Size take_pieces() {
        Size taken = 0;
        for (Size mine; (mine = next.fetch_add(1)) < pieces; ++taken) piece(data, mine);
        return taken;
    }
};

class Helpers {
    std::atomic<SharedLoop*> loop = nullptr;
    std::atomic<unsigned> loops = 0;  // that there have been, so that those who wait see a new one
    std::atomic<int> inside = 0, count = 0;
    std::atomic<bool> busy = false;
    int missed = 0, without = 0;  // how often in a row nobody came in time, and how many short loops are to do without them

    void help(unsigned seen) {
        for (;;) {
            for (int turn = 0; turn < 100 && loops == seen; ++turn) std::this_thread::yield();  // the next loop often comes soon
            loops.wait(seen);
            seen = loops;
            ++inside;
            if (SharedLoop* const now = loop; now && now->seats-- > 0) now->take_pieces();
            --inside;
        }
    }

    void engage(int wanted) {
        try {
            for (; count < wanted; ++count) std::thread(&Helpers::help, this, loops.load()).detach();
        } catch (const std::system_error&) {  // the system has no more threads: those that are there will do
        }
    }

public:
    void run(SharedLoop& mine) {
        const bool brief = mine.pieces <= 8 * (mine.seats + 1);
        if (busy.exchange(true)) {  // with another loop
            mine.take_pieces();
        } else if (brief && without > 0) {
            --without;
            busy = false;
            mine.take_pieces();
        } else {
            const Size pieces = mine.pieces;
            engage(mine.seats);
            loop = &mine;
            ++loops;
            loops.notify_all();
            missed = mine.take_pieces() == pieces ? std::min(missed + 1, 6) : 0;
            loop = nullptr;
            while (inside != 0) std::this_thread::yield();
            without = (1 << missed) - 1;
            busy = false;
        }
    }
};

}  // namespace

int most_threads() {
#ifdef _OPENMP
    return omp_in_parallel() ? 1 : omp_get_max_threads();
#else
    return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
#endif
}

int threads_for(Size work) {
    if (work < 2 * worth_a_thread || forked || watching != 0) return 1;
    return static_cast<int>(std::min<Size>(most_threads(), work / worth_a_thread));
}

void share_out(Size pieces, int threads, Piece piece, const void* data) {
    static Helpers& helpers = *new Helpers;  // never destroyed, for they may still wait when the process ends
    SharedLoop loop{piece, data, pieces, threads - 1};
    helpers.run(loop);
}

}  // namespace ogive
