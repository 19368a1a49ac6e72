// Short rows of floats, 16 at a time, a row in each lane: what a row costs as a whole is so shared by 16.
#pragma once

#include <cstring>

#include "loops.hpp"
#include "places.hpp"
#include "rows.hpp"
#include "transpose.hpp"

namespace OGIVE_SET {

constexpr Size longest_across = ogive::RowFunction{}.longest_across;

// One argument of 16 rows, row after row, and as lanes: the first numbers of all rows, then the second ones, and so on.
struct Tile {
    alignas(64) float rows[lanes * longest_across + lanes], across[lanes * longest_across];

    void to_lanes(Size length) { to_lanes(rows, length); }
    void to_rows(Size length) { to_rows(rows, length); }

    // The last square of a row reads on into the next, and nobody asks for what comes of that.
    void to_lanes(const float* from, Size length) {
        for (Size column = 0; column < length; column += register_lanes)
            for (int row = 0; row < lanes; row += register_lanes)
                transpose_square(from + row * length + column, length, across + column * lanes + row, lanes);
    }
    // The last squares come first: what they write too much lies where the next row begins, and is written over.
    void to_rows(float* to, Size length) {
        for (Size column = (length - 1) / register_lanes * register_lanes; column >= 0; column -= register_lanes)
            for (int row = 0; row < lanes; row += register_lanes)
                transpose_square(across + column * lanes + row, lanes, to + row * length + column, length);
    }
};

template <class Stored> class ShortRows {
    const RowFunction& function;
    const Place* places;
    const Size length;
    const int inputs = function.inputs, all = inputs + function.outputs, every = all + function.unasked;
    bool in_places = true;  // unless an input may lie where an output does
    Tile tiles[ogive::most_row_arguments];

public:
    ShortRows(const RowFunction& function, const Place* places, Size length) : function(function), places(places), length(length) {
        for (int k = 0; k < inputs; ++k) in_places &= !is_stored(k) || places[k].direct;
    }

    void run(Size begin, Size end) {
        for (int k = 0; k < inputs; ++k)
            if (is_constant(k)) read(k, begin, lanes);
        for (Size row = begin; row < end; row += lanes) block_at(row, std::min<Size>(lanes, end - row), end);
    }

private:
    bool is_row(int k) const { return function.arguments[k] == ogive::row_argument; }
    bool is_stored(int k) const { return is_row(k) || function.arguments[k] == ogive::scalar_argument; }
    bool is_constant(int k) const { return places[k].between_rows == 0; }

    // What an argument of one row takes in its tile: what is stored is a float there.
    Size bytes_of(int k) const { return is_row(k) ? length * Size(sizeof(float)) : is_stored(k) ? sizeof(float) : sizeof(double); }
    bool in_one_piece(int k) const { return places[k].direct && places[k].between_rows == bytes_of(k); }
    void* place_of(int k, Size row) { return reinterpret_cast<char*>(tiles[k].rows) + row * bytes_of(k); }

    // Rows that lie one after the other change to lanes and back where they are, if more of the same come behind them.
    void block_at(Size first, Size count, Size end) {
        const bool inside = in_places && (end - first - lanes) * length >= register_lanes;
        const auto in_place = [&](int k) { return inside && is_row(k) && in_one_piece(k); };
        void* lanes_of[ogive::most_row_arguments] = {};
        for (int k = 0; k < inputs; ++k) {
            if (is_constant(k)) continue;
            if (in_place(k)) tiles[k].to_lanes(reinterpret_cast<const float*>(places[k].row(first)), length);
            else read(k, first, count);
        }
        for (int k = 0; k < all; ++k) lanes_of[k] = is_row(k) ? tiles[k].across : tiles[k].rows;
        const unsigned unfit = function.across(lanes_of, length);
        for (int k = inputs; k < all; ++k) {
            if (in_place(k) && !unfit) tiles[k].to_rows(reinterpret_cast<float*>(places[k].row(first)), length);
            else if (is_row(k)) tiles[k].to_rows(length);
        }
        for (int k = 0; unfit && k < inputs; ++k)
            if (in_place(k)) read(k, first, count);
        for (Size row = 0; row < count; ++row)
            if (unfit >> row & 1) evaluate(row);
        for (int k = inputs; k < all; ++k)
            if (!in_place(k) || unfit) write(k, first, count);
    }

    // The rest of an incomplete block is zeros.
    void read(int k, Size first, Size count) {
        const Place& place = places[k];
        if (count < lanes) std::memset(tiles[k].rows, 0, lanes * bytes_of(k));
        if (in_one_piece(k)) {
            std::memcpy(tiles[k].rows, place.row(first), count * bytes_of(k));
        } else {
            for (Size row = 0; row < count; ++row) {
                char* const from = place.row(first + row);
                if (is_stored(k)) load<Stored>(from, place.between_elements, static_cast<float*>(place_of(k, row)), place.length);
                else std::memcpy(place_of(k, row), from, sizeof(double));
            }
        }
        if (is_row(k)) tiles[k].to_lanes(length);
    }

    void write(int k, Size first, Size count) {
        const Place& place = places[k];
        if (in_one_piece(k)) {
            std::memcpy(place.row(first), tiles[k].rows, count * bytes_of(k));
            return;
        }
        for (Size row = 0; row < count; ++row) {
            char* const to = place.row(first + row);
            if (is_stored(k)) store<Stored>(static_cast<const float*>(place_of(k, row)), to, place.between_elements, place.length);
            else std::memcpy(to, place_of(k, row), sizeof(double));
        }
    }

    // Nobody has asked for the outputs after the last, and the tiles have room for them.
    void evaluate(Size row) {
        void* vectors[ogive::most_row_arguments];
        for (int k = 0; k < every; ++k) vectors[k] = place_of(k, row);
        function.of_floats(vectors, length);
    }
};

}  // namespace OGIVE_SET
