// Batched products of float matrices whose bits depend on nothing but the numbers: every element of the result is one chain of
// fused multiply-adds, from the first term to the last, whatever the shape, the strides, the batch and the width of a register.
// The sets that fuse so agree to the last bit, and with them networks that are trained on different processors.
// This file is compiled with contraction on: the vectors of GCC and Clang have no other portable word for a fused multiply-add.
#include <algorithm>
#include <cstring>
#include <utility>

#include "table.hpp"
#include "transpose.hpp"

namespace OGIVE_SET {

namespace {

using ogive::Matrices;
using ogive::Size;

constexpr int lanes = register_lanes, wide = 2 * lanes;
constexpr int tall = lanes == 16 ? 12 : 6;  // 24 of 32 registers hold sums, or 12 of 16
constexpr Size deep = 128;  // terms at once: so much of the right matrix, two registers wide, leaves room in the first-level cache

constexpr Size few_rows = 8 * tall;  // of a result that is scaled, added to and taken off: it stays in a near cache meanwhile

// What sums start from: rows of numbers, `row` apart; 0 apart where all start alike.
struct Start {
    const float* numbers;
    Size row;
};

// Adds to `rows` × `vectors` registers of sums the products of a block's terms.
template <int rows, int vectors>
void tile(const float* left, Size left_row, Size left_column, const float* right, Size right_row, Start start, float* out, Size out_row, Size depth) {
    Vector sums[rows][vectors];
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 2
        for (int j = 0; j < vectors; ++j) sums[i][j] = vector_at(start.numbers + i * start.row + j * lanes);
    for (Size k = 0; k < depth; ++k) {
        Vector terms[vectors];
#pragma GCC unroll 2
        for (int j = 0; j < vectors; ++j) terms[j] = vector_at(right + k * right_row + j * lanes);
#pragma GCC unroll 16
        for (int i = 0; i < rows; ++i)
#pragma GCC unroll 2
            for (int j = 0; j < vectors; ++j) sums[i][j] += left[i * left_row + k * left_column] * terms[j];
    }
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 2
        for (int j = 0; j < vectors; ++j) vector_at(out + i * out_row + j * lanes) = sums[i][j];
}

using Tile = void (*)(const float*, Size, Size, const float*, Size, Start, float*, Size, Size);

template <int vectors, int... rows> constexpr auto tiles_of(std::integer_sequence<int, rows...>) {
    struct { Tile of[tall]; } tiles = {{tile<rows + 1, vectors>...}};
    return tiles;
}

constexpr auto narrow_tiles = tiles_of<1>(std::make_integer_sequence<int, tall>());
constexpr auto wide_tiles = tiles_of<2>(std::make_integer_sequence<int, tall>());

// What is done to rows before and after the chains. Not inlined: contraction may not reach into these.
// Rows that follow each other without gaps are taken for one.
[[gnu::noinline]] void scale(const Matrices& m, float* out, Size rows) {
    const bool one = m.out_row == m.columns;
    const Size length = one ? rows * m.columns : m.columns;
    for (Size i = 0; i < (one ? 1 : rows); ++i, out += m.out_row)
        for (Size j = 0; j < length; ++j) out[j] *= m.keep;
}

[[gnu::noinline]] void move(const Matrices& m, const float* __restrict out, float* __restrict moved, Size rows) {
    const bool one = m.out_row == m.columns && m.moved_row == m.columns;
    const Size length = one ? rows * m.columns : m.columns;
    for (Size i = 0; i < (one ? 1 : rows); ++i, out += m.out_row, moved += m.moved_row)
        for (Size j = 0; j < length; ++j) moved[j] -= out[j];
}

// At most `wide` numbers, in pieces of known size: a call for each row would take longer than its numbers.
template <int size = wide> void copy_few(const float* from, float* to, Size count) {
    if (count & size) {
        std::memcpy(to, from, size * sizeof(float));
        from += size;
        to += size;
    }
    if constexpr (size > 1) copy_few<size / 2>(from, to, count);
}

void copy_padded(const float* from, float* to, Size count, Size width) {
    for (Size j = 0; j < width; j += lanes) vector_at(to + j) = Vector{};
    copy_few(from, to, count);
}

// Brings columns that are `column` apart, and whose numbers lie side by side, to rows that are `width` apart.
void transpose_plainly(const float* from, Size column, float* to, Size width, Size columns, Size depth) {
    for (Size j = 0; j < columns; ++j)
        for (Size k = 0; k < depth; ++k) to[k * width + j] = from[j * column + k];
}

void transpose(const float* from, Size column, float* to, Size width, Size columns, Size depth) {
    const Size squares = depth / lanes * lanes;
    Size j = 0;
    for (; j + lanes <= columns; j += lanes)
        for (Size k = 0; k < squares; k += lanes) transpose_square(from + j * column + k, column, to + k * width + j, width);
    transpose_plainly(from + squares, column, to + squares * width, width, j, depth - squares);
    transpose_plainly(from + j * column, column, to + j, width, columns - j, depth);
}

// One panel of the right matrix: at most `wide` of its columns, and `deep` of its rows.
struct Panel {
    alignas(64) float terms[deep * wide], sums[tall * wide];

    // Brings a panel together, padded with zeros to whole registers: where its columns are few, lie apart, or are read often.
    void gather(const float* right, Size row, Size column, Size columns, Size width, Size depth) {
        if (column == 1) {
            for (Size k = 0; k < depth; ++k) copy_padded(right + k * row, terms + k * width, columns, width);
            return;
        }
        if (columns < width) std::fill_n(terms, depth * width, 0.0f);
        if (row == 1)
            transpose(right, column, terms, width, columns, depth);
        else
            for (Size k = 0; k < depth; ++k)
                for (Size j = 0; j < columns; ++j) terms[k * width + j] = right[k * row + j * column];
    }

    void add(const Matrices& m, Size count, const float* left, const float* right, Start start, float* out, Size columns, Size depth) {
        const Size width = columns > lanes ? wide : lanes;
        const Tile* tiles = width == wide ? wide_tiles.of : narrow_tiles.of;
        const bool whole = columns == width;
        Size right_row = m.right_row;
        if (!whole || m.right_column != 1 || (right_row > 4 * wide && count > 2 * tall)) {
            gather(right, right_row, m.right_column, columns, width, depth);
            right = terms;
            right_row = width;
        }
        for (Size i = 0; i < count; i += tall) {
            const Size height = std::min<Size>(tall, count - i);
            const Tile add_tile = tiles[height - 1];
            const float* rows = left + i * m.left_row;
            const Start begin = {start.numbers + i * start.row, start.row};
            if (whole) {
                add_tile(rows, m.left_row, m.left_column, right, right_row, begin, out + i * m.out_row, m.out_row, depth);
                continue;
            }
            for (Size r = 0; r < height; ++r) copy_padded(begin.numbers + r * begin.row, sums + r * wide, columns, width);
            add_tile(rows, m.left_row, m.left_column, right, right_row, {sums, wide}, sums, wide, depth);
            for (Size r = 0; r < height; ++r) copy_few(sums + r * wide, out + (i + r) * m.out_row, columns);
        }
    }
};

// Multiplies some rows of a left matrix.
void multiply_rows(const Matrices& m, Panel& panel, Size rows, const float* left, const float* right, const float* bias, float* out) {
    static constexpr float zeros[wide] = {};
    Size k = 0;
    do {
        for (Size j = 0; j < m.columns; j += wide) {
            Start start = {out + j, m.out_row};
            if (k == 0 && bias)
                start = {bias + j, 0};
            else if (k == 0 && m.keep == 0)
                start = {zeros, 0};
            panel.add(m, rows, left + k * m.left_column, right + k * m.right_row + j * m.right_column, start, out + j,
                      std::min<Size>(wide, m.columns - j), std::min(deep, m.depth - k));
        }
    } while ((k += deep) < m.depth);
}

}  // namespace

void multiply(const Matrices& m);
void multiply(const Matrices& m) {
    Panel panel;
    const bool scaled = !m.bias && m.keep != 0 && m.keep != 1;
    const Size at_once = std::max<Size>(1, scaled || m.moved ? few_rows : m.rows);
    for (Size b = 0; b < m.count; ++b)
        for (Size i = 0; i < m.rows; i += at_once) {
            const Size rows = std::min(at_once, m.rows - i);
            float* const out = m.out + b * m.out_batch + i * m.out_row;
            if (scaled) scale(m, out, rows);
            multiply_rows(m, panel, rows, m.left + b % m.lefts * m.left_batch + i * m.left_row, m.right + b * m.right_batch,
                          m.bias ? m.bias + b * m.bias_batch : nullptr, out);
            if (m.moved) move(m, out, m.moved + b * m.moved_batch + i * m.moved_row, rows);
        }
}

}  // namespace OGIVE_SET
