// Batched products of float matrices whose bits depend on nothing but the numbers: every element of the result is one chain of
// fused multiply-adds, from the first term to the last, whatever the shape, the strides, the batch and the width of a register.
// The sets that fuse so agree to the last bit, and with them networks that are trained on different processors.
// This file is compiled with contraction on: the vectors of GCC and Clang have no other portable word for a fused multiply-add.
#include <algorithm>
#include <cstring>
#include <utility>

#include "table.hpp"

namespace OGIVE_SET {

namespace {

using ogive::Matrices;
using ogive::Size;

#if defined(__AVX512F__)
constexpr int lanes = 16, tall = 12;  // 24 of 32 registers hold sums
#elif defined(__AVX__)
constexpr int lanes = 8, tall = 6;  // 12 of 16
#else
constexpr int lanes = 4, tall = 6;
#endif
constexpr int wide = 2 * lanes;
constexpr Size deep = 128;  // terms at once: so much of the right matrix, two registers wide, leaves room in the first-level cache

using Vector = float __attribute__((vector_size(lanes * sizeof(float)), aligned(alignof(float)), may_alias));

// Adds to `rows` × `vectors` registers of sums the products of a block's terms.
template <int rows, int vectors>
void tile(const float* left, Size left_row, Size left_column, const float* right, Size right_row, float* out, Size out_row, Size depth) {
    Vector sums[rows][vectors];
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < vectors; ++j) sums[i][j] = *reinterpret_cast<const Vector*>(out + i * out_row + j * lanes);
    for (Size k = 0; k < depth; ++k) {
        Vector terms[vectors];
        for (int j = 0; j < vectors; ++j) terms[j] = *reinterpret_cast<const Vector*>(right + k * right_row + j * lanes);
        for (int i = 0; i < rows; ++i)
            for (int j = 0; j < vectors; ++j) sums[i][j] += left[i * left_row + k * left_column] * terms[j];
    }
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < vectors; ++j) *reinterpret_cast<Vector*>(out + i * out_row + j * lanes) = sums[i][j];
}

using Tile = void (*)(const float*, Size, Size, const float*, Size, float*, Size, Size);

template <int vectors, int... rows> constexpr auto tiles_of(std::integer_sequence<int, rows...>) {
    struct { Tile of[tall]; } tiles = {{tile<rows + 1, vectors>...}};
    return tiles;
}

constexpr auto narrow_tiles = tiles_of<1>(std::make_integer_sequence<int, tall>());
constexpr auto wide_tiles = tiles_of<2>(std::make_integer_sequence<int, tall>());

// The sums start from nothing, from the biases, or from a share of what is there. Not inlined: contraction may not reach into the chains.
[[gnu::noinline]] void begin(float* out, Size columns, const float* bias, float keep) {
    if (bias)
        std::copy_n(bias, columns, out);
    else if (keep == 0)
        std::fill_n(out, columns, 0.0f);
    else if (keep != 1)
        for (Size j = 0; j < columns; ++j) out[j] *= keep;
}

// One panel of the right matrix: at most `wide` of its columns, and `deep` of its rows.
struct Panel {
    alignas(64) float terms[deep * wide], sums[tall * wide];

    // Brings a panel together, padded with zeros to whole registers: where its columns are few, lie apart, or are read often.
    void gather(const float* right, Size row, Size column, Size columns, Size width, Size depth) {
        if (column == 1)
            for (Size k = 0; k < depth; ++k) std::memcpy(terms + k * width, right + k * row, columns * sizeof(float));
        else
            for (Size j = 0; j < columns; ++j)
                for (Size k = 0; k < depth; ++k) terms[k * width + j] = right[k * row + j * column];
        for (Size k = 0; columns < width && k < depth; ++k) std::fill(terms + k * width + columns, terms + (k + 1) * width, 0.0f);
    }

    void add(const Matrices& m, const float* left, const float* right, float* out, Size columns, Size depth) {
        const Size width = columns > lanes ? wide : lanes;
        const Tile* tiles = width == wide ? wide_tiles.of : narrow_tiles.of;
        const bool whole = columns == width;
        Size right_row = m.right_row;
        if (!whole || m.right_column != 1 || (right_row > 4 * wide && m.rows > 2 * tall)) {
            gather(right, right_row, m.right_column, columns, width, depth);
            right = terms;
            right_row = width;
        }
        for (Size i = 0; i < m.rows; i += tall) {
            const Size height = std::min<Size>(tall, m.rows - i);
            const Tile add_tile = tiles[height - 1];
            if (whole) {
                add_tile(left + i * m.left_row, m.left_row, m.left_column, right, right_row, out + i * m.out_row, m.out_row, depth);
                continue;
            }
            for (Size r = 0; r < height; ++r) {
                std::memcpy(sums + r * wide, out + (i + r) * m.out_row, columns * sizeof(float));
                std::fill(sums + r * wide + columns, sums + (r + 1) * wide, 0.0f);
            }
            add_tile(left + i * m.left_row, m.left_row, m.left_column, right, right_row, sums, wide, depth);
            for (Size r = 0; r < height; ++r) std::memcpy(out + (i + r) * m.out_row, sums + r * wide, columns * sizeof(float));
        }
    }
};

}  // namespace

void multiply(const Matrices& m);
void multiply(const Matrices& m) {
    Panel panel;
    for (Size b = 0; b < m.count; ++b) {
        const float* left = m.left + b % m.lefts * m.left_batch;
        const float* right = m.right + b * m.right_batch;
        float* out = m.out + b * m.out_batch;
        for (Size i = 0; i < m.rows; ++i) begin(out + i * m.out_row, m.columns, m.bias ? m.bias + b * m.bias_batch : nullptr, m.keep);
        for (Size k = 0; k < m.depth; k += deep)
            for (Size j = 0; j < m.columns; j += wide)
                panel.add(m, left + k * m.left_column, right + k * m.right_row + j * m.right_column, out + j,
                          std::min<Size>(wide, m.columns - j), std::min(deep, m.depth - k));
    }
}

}  // namespace OGIVE_SET
