#include "counts.hpp"

#include "one_pass.hpp"

namespace OGIVE_SET {

constexpr ogive::ElementwiseRow rows[] = {OGIVE_COUNTS(OGIVE_LOSS_ROW)};
extern const ogive::Family counts;
const ogive::Family counts = {rows, sizeof(rows) / sizeof(*rows), true};

}  // namespace OGIVE_SET
