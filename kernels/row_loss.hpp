// What losses of rows have in common beside their sums: rows without weight, and classes that do not exist.
#pragma once

#include "axis.hpp"
#include "results.hpp"

namespace OGIVE_SET {

// Rows are not filled up to whole lanes: it would cost more than what it saves, or it counts how many numbers there are.
struct Unfilled {
    static constexpr double padding = __builtin_nan("");
};

// What costs little for a row as a whole is computed row by row, but for the shortest.
struct MostlyAlone {
    static constexpr Length longest_across = 32;
};

// Gives nothing at all for a row without weight; false where there is something to compute.
template <class S, class... More> inline bool weightless(Length length, double weight, double& term, S* gradient, More*... others) {
    if (weight != 0.0) return false;
    term = 0.0;
    fill(gradient, length, S(0));
    (fill(others, length, S(0)), ...);
    return true;
}

template <class S> inline void nothing_known(Length length, double& term, S* gradient) {
    term = __builtin_nan("");
    fill(gradient, length, S(__builtin_nanf("")));
}

// Gives NaN for the number of a class outside the row; false where it is inside.
template <class S> inline bool classless(Length length, std::int64_t right, double& term, S* gradient) {
    const bool outside = right < 0 || right >= length;
    if (outside) nothing_known(length, term, gradient);
    return outside;
}

// The probability of the right class where the largest score is infinite, and the share of the probabilities less the right ones.
template <class T, class S>
inline T of_infinite_row(Length length, const S* x, std::int64_t right, S max, Share<T> share, S* gradient) {
    one_hot(x, length, max, S(1), S(0), gradient);
    const T p = T(gradient[right]);
    gradient[right] -= S(1);
    for (Length i = 0; i < length; ++i) gradient[i] = S(share.of(T(gradient[i])));
    return p;
}

template <class S> inline S largest_size(const S* x, Length length) {
    S most[lanes] = {};
    for_lanes(length, [&](int lane, Length i) { most[lane] = choose(magnitude(x[i]) > most[lane], magnitude(x[i]), most[lane]); });
    return largest_of(most);
}

// The power of two that brings the largest of some numbers near 1, so that no square of them overflows or vanishes; of floats
// none does in double arithmetic.
template <class T> inline T room_for_squares(double largest) {
    if constexpr (!compensated<T>) return T(1);
    else return choose(largest < 0x1p-1000, T(0x1p1000), T(1) / from_bits<T>(to_bits(T(largest)) & to_bits(T(__builtin_inf()))));
}

inline Pair<Wide> square_root(Pair<Wide> x) { return {__builtin_sqrt(x.high.number), {}}; }

inline Pair<double> square_root(Pair<double> x) {
    const double root = __builtin_sqrt(x.high);
    if (!(root > 0.0 && finite(root))) return {root, 0.0};
    const Pair<double> square = exact_product(root, root);
    return ordered_sum(root, ((x.high - square.high) - square.low + x.low) / (root + root));
}

}  // namespace OGIVE_SET
