#include "metric.hpp"

#include "one_pass.hpp"

namespace OGIVE_SET {

constexpr ogive::ElementwiseRow rows[] = {OGIVE_METRIC(OGIVE_LOSS_ROW)};
extern const ogive::Family metric;
const ogive::Family metric = {rows, sizeof(rows) / sizeof(*rows), true};

}  // namespace OGIVE_SET
