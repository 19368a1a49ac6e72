#include "counts.hpp"

#include "evaluate.hpp"

namespace OGIVE_SET {

constexpr ogive::ElementwiseRow rows[] = {OGIVE_COUNTS(OGIVE_ELEMENTWISE_ROW)};
extern const ogive::Family counts;
const ogive::Family counts = {rows, sizeof(rows) / sizeof(*rows), true};

}  // namespace OGIVE_SET
