#include "robust.hpp"

#include "evaluate.hpp"

namespace OGIVE_SET {

constexpr ogive::ElementwiseRow rows[] = {OGIVE_ROBUST(OGIVE_ELEMENTWISE_ROW)};
extern const ogive::Family robust;
const ogive::Family robust = {rows, sizeof(rows) / sizeof(*rows), true};

}  // namespace OGIVE_SET
