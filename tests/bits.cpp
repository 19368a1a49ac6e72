// Prints a hash of what every elementwise kernel gives at fixed points, a line for each part and storage: the same lines on every
// processor that fuses products and sums. `bits SET` takes the instruction set; it needs no Python, so it runs under emulation.
#include <cstdio>
#include <cstring>
#include <vector>

#include "table.hpp"

#define DECLARE(set) namespace set { extern const ogive::Table table; }
OGIVE_SETS(DECLARE)

namespace {

using namespace ogive;

constexpr Size points = 100'000;
constexpr const char* part_names[] = {"value", "slope", "value_and_slope", "curvature"};
constexpr const char* storage_names[] = {"float16", "float32", "float64", "bfloat16"};
constexpr Size widths[] = {2, 4, 8, 2};

// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
std::uint64_t scrambled(std::uint64_t n) {
    n += 0x9e3779b97f4a7c15;
    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
    n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
    return n ^ (n >> 31);
}

// Half of them are any bits at all, half have an exponent near that of one, where functions bend.
std::uint64_t point(Size i, int input, int storage) {
    const std::uint64_t random = scrambled(2 * i + input * 1'000'003);
    const int exponent_bits[] = {5, 8, 11, 8}, width = 8 * static_cast<int>(widths[storage]);
    const int mantissa = width - 1 - exponent_bits[storage];
    if (i % 2) return random;
    const std::uint64_t one = ((std::uint64_t(1) << (exponent_bits[storage] - 1)) - 1) << mantissa;
    const std::uint64_t sign = (random >> 63) << (width - 1);
    return sign | (one + (random % (std::uint64_t(16) << mantissa)) - (std::uint64_t(10) << mantissa));
}

bool is_nan(std::uint64_t bits, int storage) {
    const std::uint64_t infinity[] = {0x7c00, 0x7f800000, 0x7ff0000000000000, 0x7f80};
    const std::uint64_t sign = std::uint64_t(1) << (8 * widths[storage] - 1);
    return (bits & ~sign) > infinity[storage];
}

// FNV-1a. Which NaN it is, processors do not agree on.
std::uint64_t hash(const std::vector<char>& results, int storage, std::uint64_t seed) {
    for (Size i = 0; i < Size(results.size()); i += widths[storage]) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &results[i], widths[storage]);
        seed = (seed ^ (is_nan(bits, storage) ? 0x7e57 : bits)) * 0x100000001b3;
    }
    return seed;
}

void print(const Table& table, const ElementwiseRow& row, int part, int storage) {
    const Evaluation& function = row.parts[part];
    const int all = function.inputs + function.outputs;
    std::vector<std::vector<char>> arrays(all, std::vector<char>(points * widths[storage]));
    for (int k = 0; k < function.inputs; ++k)
        for (Size i = 0; i < points; ++i) {
            const std::uint64_t bits = point(i, k, storage);
            std::memcpy(&arrays[k][i * widths[storage]], &bits, widths[storage]);
        }
    std::vector<char*> arguments;
    for (auto& array : arrays) arguments.push_back(array.data());
    const std::vector<Size> strides(all, widths[storage]);
    table.elementwise[storage](arguments.data(), &points, strides.data(), const_cast<Evaluation*>(&function));
    std::uint64_t result = 0xcbf29ce484222325;
    for (int k = function.inputs; k < all; ++k) result = hash(arrays[k], storage, result);
    std::printf("%s %s %s %016llx\n", row.name, part_names[part], storage_names[storage], static_cast<unsigned long long>(result));
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
    for (int f = 0; f < chosen->family_count; ++f)
        for (int i = 0; i < chosen->families[f]->count; ++i)
            for (int part = 0; part < parts; ++part)
                for (int storage = 0; storage < storages; ++storage)
                    if (chosen->families[f]->rows[i].parts[part].in_double)
                        print(*chosen, chosen->families[f]->rows[i], part, storage);
}
