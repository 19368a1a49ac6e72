// Prints a hash of what every kernel gives at fixed points, a line for each part and storage: the same lines on every processor that
// fuses products and sums. `bits SET` takes the instruction set; it needs no Python, so it runs under emulation.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "table.hpp"

#define DECLARE(set) namespace set { extern const ogive::Table table; }
OGIVE_SETS(DECLARE)

void ogive::out_of_memory() { std::abort(); }

namespace {

using namespace ogive;

constexpr Size points = 100'000, length = 100;
constexpr const char* part_names[] = {"value", "slope", "value_and_slope", "curvature"};
constexpr const char* storage_names[] = {"float16", "float32", "float64", "bfloat16"};
constexpr Size widths[] = {2, 4, 8, 2};
constexpr int exponent_bits[] = {5, 8, 11, 8};

// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
std::uint64_t scrambled(std::uint64_t n) {
    n += 0x9e3779b97f4a7c15;
    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
    n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
    return n ^ (n >> 31);
}

// Any bits at all, or a number between 2^-10 and 2^6, where functions bend.
std::uint64_t point(std::uint64_t random, int storage, bool any) {
    const int width = 8 * static_cast<int>(widths[storage]), mantissa = width - 1 - exponent_bits[storage];
    const std::uint64_t one = ((std::uint64_t(1) << (exponent_bits[storage] - 1)) - 1) << mantissa;
    const std::uint64_t near = one + (random % (std::uint64_t(16) << mantissa)) - (std::uint64_t(10) << mantissa);
    return any ? random : near | (random >> 63) << (width - 1);
}

// FNV-1a. Which NaN it is, processors do not agree on.
std::uint64_t hash(const std::vector<char>& results, int storage, std::uint64_t seed) {
    const int width = 8 * static_cast<int>(widths[storage]), mantissa = width - 1 - exponent_bits[storage];
    const std::uint64_t sign = std::uint64_t(1) << (width - 1), infinity = ((std::uint64_t(1) << exponent_bits[storage]) - 1) << mantissa;
    for (Size i = 0; i < Size(results.size()); i += widths[storage]) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &results[i], widths[storage]);
        seed = (seed ^ ((bits & ~sign) > infinity ? infinity + 1 : bits)) * 0x100000001b3;
    }
    return seed;
}

// Runs a loop over `rows` rows of `row_length` elements (an elementwise one: over one row) and prints the hash of its outputs.
void run(const std::string& title, Loop loop, const void* data, const std::vector<Argument>& kinds, int inputs, int storage,
         bool elementwise, Size rows, Size row_length) {
    const int all = static_cast<int>(kinds.size());
    std::vector<std::vector<char>> arrays(all);
    std::vector<char*> arguments(all);
    std::vector<Size> strides(all), inner;
    std::vector<int> stored(all, storage);
    for (int k = 0; k < all; ++k) {
        const bool vector = kinds[k] == row_argument;
        if (kinds[k] == double_argument || kinds[k] == index_argument) stored[k] = double_storage;
        const Size width = widths[stored[k]], count = vector ? row_length : 1;
        arrays[k].resize(rows * count * width);
        arguments[k] = arrays[k].data();
        strides[k] = elementwise ? width : count * width;
        if (vector) inner.push_back(width);
        for (Size i = 0; k < inputs && i < rows * count; ++i) {
            const std::uint64_t random = scrambled(i + k * 1'000'003);
            const bool any = elementwise ? i % 2 : (i / row_length) % 8 == 0;
            const std::uint64_t bits = kinds[k] == index_argument ? random % row_length : point(random, stored[k], any);
            std::memcpy(&arrays[k][i * width], &bits, width);
        }
    }
    if (!elementwise) strides.insert(strides.end(), inner.begin(), inner.end());
    const Size sizes[] = {elementwise ? row_length : rows, row_length};
    loop(arguments.data(), sizes, strides.data(), const_cast<void*>(data));
    std::uint64_t result = 0xcbf29ce484222325;
    for (int k = inputs; k < all; ++k) result = hash(arrays[k], stored[k], result);
    std::printf("%s %s %016llx\n", title.c_str(), storage_names[storage], static_cast<unsigned long long>(result));
}

void run_elementwise(const Table& table, const ElementwiseRow& row, int storage) {
    for (int part = 0; part < parts; ++part) {
        const Evaluation& function = row.parts[part];
        if (function.in_double)
            run(row.name + std::string(" ") + part_names[part], table.elementwise[storage], &function,
                std::vector<Argument>(function.inputs + function.outputs, row_argument), function.inputs, storage, true, 1, points);
    }
}

void run_row(const Table& table, const RowFunction& row, int storage) {
    const std::vector<Argument> kinds(row.arguments, row.arguments + row.inputs + row.outputs);
    run(std::string(row.name) + " rows", table.along_axis[storage], &row, kinds, row.inputs, storage, false, points / length, length);
}

// Alignments of frames of 8 classes with labels of the last 7, all of them or some; any bits are no labelling of anything.
void run_sequence(const Table& table, bool of_logits, int storage) {
    constexpr Size items = 100, frames = 30, classes = 8, labels = 6, width = sizeof(std::uint64_t);
    const Size stored = widths[storage], frame = classes * stored, numbers = items * frames * classes;
    std::vector<char> x(numbers * stored), gradient(x.size()), terms(items * width);
    for (Size i = 0; i < numbers; ++i) {
        const std::uint64_t bits = point(scrambled(i), storage, false);
        std::memcpy(&x[i * stored], &bits, stored);
    }
    std::vector<std::int64_t> label(items * labels), frame_count(items), label_count(items);
    for (Size i = 0; i < items * labels; ++i) label[i] = 1 + static_cast<std::int64_t>(scrambled(i) % (classes - 1));
    for (Size i = 0; i < items; ++i) frame_count[i] = frames - i % 5, label_count[i] = i % (labels + 1);
    double blank = 0.0, zero_infinity = 0.0, weight = 0.7, divisor = 3.0;
    char* arguments[] = {x.data(), reinterpret_cast<char*>(label.data()), reinterpret_cast<char*>(frame_count.data()),
                         reinterpret_cast<char*>(label_count.data()), reinterpret_cast<char*>(&blank), reinterpret_cast<char*>(&zero_infinity),
                         reinterpret_cast<char*>(&weight), reinterpret_cast<char*>(&divisor), terms.data(), gradient.data()};
    const Size sizes[] = {items, frames, classes, labels};
    const Size strides[] = {frames * frame, labels * width, width, width, 0, 0, 0, 0, width, frames * frame,
                            frame, stored, width, frame, stored};
    const SequenceFunction function = {"ctc", "", of_logits, true};
    table.sequences[storage](arguments, sizes, strides, const_cast<SequenceFunction*>(&function));
    const std::uint64_t result = hash(gradient, storage, hash(terms, double_storage, 0xcbf29ce484222325));
    std::printf("ctc of %s %s %016llx\n", of_logits ? "logits" : "log-probabilities", storage_names[storage], static_cast<unsigned long long>(result));
}

}  // namespace

int main(int count, char** arguments) {
    const Table* chosen = nullptr;
#define CHOOSE(set) if (count == 2 && !std::strcmp(arguments[1], #set)) chosen = &set::table;
    OGIVE_SETS(CHOOSE)
    if (!chosen) {
        std::fprintf(stderr, "expected one argument, an instruction set that was compiled in\n");
        return 2;
    }
    for (int storage = 0; storage < storages; ++storage) {
        for (int f = 0; f < chosen->family_count; ++f)
            for (int i = 0; i < chosen->families[f]->count; ++i)
                run_elementwise(*chosen, chosen->families[f]->rows[i], storage);
        for (int f = 0; f < chosen->row_family_count; ++f)
            for (int i = 0; i < chosen->row_families[f]->count; ++i) run_row(*chosen, chosen->row_families[f]->rows[i], storage);
        for (const bool of_logits : {true, false}) run_sequence(*chosen, of_logits, storage);
    }
}
