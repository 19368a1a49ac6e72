// The table of one instruction set and the loops that all its functions share. Compiled once for each, OGIVE_SET naming it.
#include "row_sums.hpp"
#include "sums.hpp"

namespace OGIVE_SET {

#define DECLARE(family) extern const ogive::Family family;
#define DECLARE_ROWS(family) extern const ogive::RowFamily family;
#define ADDRESS(family) &family,
#define TEXT_OF(set) #set
#define NAME_OF(set) TEXT_OF(set)
#define EVERY_STORAGE(loop) {loop<Half>, loop<float>, loop<double>, loop<BFloat16>}

OGIVE_FAMILIES(DECLARE)
OGIVE_ROW_FAMILIES(DECLARE_ROWS)
extern const ogive::Loop sequence_loops[];
void multiply(const ogive::Matrices& matrices);

constexpr const ogive::Family* families[] = {OGIVE_FAMILIES(ADDRESS)};
constexpr const ogive::RowFamily* row_families[] = {OGIVE_ROW_FAMILIES(ADDRESS)};

extern const ogive::Table table;
const ogive::Table table = {NAME_OF(OGIVE_SET), families, sizeof(families) / sizeof(*families), EVERY_STORAGE(elementwise),
                            EVERY_STORAGE(weighted_sum), EVERY_STORAGE(weighted_sum_and_gradient), EVERY_STORAGE(along_axis),
                            EVERY_STORAGE(sum_of_rows), sequence_loops, row_families, sizeof(row_families) / sizeof(*row_families), multiply};

}  // namespace OGIVE_SET
