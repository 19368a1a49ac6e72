// Squares of floats whose rows and columns change places, in registers of the instruction set.
#pragma once

#include <cstdint>
#include <utility>

namespace OGIVE_SET {

#if defined(__AVX512F__)
constexpr int register_lanes = 16;
#elif defined(__AVX__)
constexpr int register_lanes = 8;
#else
constexpr int register_lanes = 4;
#endif

using Vector = float __attribute__((vector_size(register_lanes * sizeof(float)), aligned(alignof(float)), may_alias));

inline Vector& vector_at(float* memory) { return *reinterpret_cast<Vector*>(memory); }
inline const Vector& vector_at(const float* memory) { return *reinterpret_cast<const Vector*>(memory); }

#if __has_builtin(__builtin_shufflevector)
// Of two rows those lanes that one round of the transposition brings into the first of them, and into the second.
template <int step, int... lane> inline Vector first_of(Vector a, Vector b, std::integer_sequence<int, lane...>) {
    return __builtin_shufflevector(a, b, (lane & step ? register_lanes + lane - step : lane)...);
}
template <int step, int... lane> inline Vector second_of(Vector a, Vector b, std::integer_sequence<int, lane...>) {
    return __builtin_shufflevector(a, b, (lane & step ? register_lanes + lane : lane + step)...);
}

// Blocks of 2 × 2, of which each number is a block, change their corners, from single numbers to half the square.
template <int step = 1> inline void transpose_square(Vector* rows) {
    constexpr auto all = std::make_integer_sequence<int, register_lanes>();
#pragma GCC unroll 16
    for (int i = 0; i < register_lanes; ++i)
        if (!(i & step)) {
            const Vector a = rows[i], b = rows[i + step];
            rows[i] = first_of<step>(a, b, all);
            rows[i + step] = second_of<step>(a, b, all);
        }
    if constexpr (2 * step < register_lanes) transpose_square<2 * step>(rows);
}
#else
inline void transpose_square(Vector* rows) {
    for (int i = 0; i < register_lanes; ++i)
        for (int j = 0; j < i; ++j) {
            const float corner = rows[i][j];
            rows[i][j] = rows[j][i];
            rows[j][i] = corner;
        }
}
#endif

// A square whose rows are `from_row` apart to one whose rows are `to_row` apart.
inline void transpose_square(const float* from, std::intptr_t from_row, float* to, std::intptr_t to_row) {
    Vector rows[register_lanes];
#pragma GCC unroll 16
    for (int i = 0; i < register_lanes; ++i) rows[i] = vector_at(from + i * from_row);
    transpose_square(rows);
#pragma GCC unroll 16
    for (int i = 0; i < register_lanes; ++i) vector_at(to + i * to_row) = rows[i];
}

}  // namespace OGIVE_SET
