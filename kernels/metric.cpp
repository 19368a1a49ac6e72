#include "metric.hpp"

#include "evaluate.hpp"

namespace OGIVE_SET {

constexpr ogive::ElementwiseRow rows[] = {OGIVE_METRIC(OGIVE_ELEMENTWISE_ROW)};
extern const ogive::Family metric;
const ogive::Family metric = {rows, sizeof(rows) / sizeof(*rows), true};

}  // namespace OGIVE_SET
