#include "robust.hpp"

#include "one_pass.hpp"

namespace OGIVE_SET {

constexpr ogive::ElementwiseRow rows[] = {OGIVE_ROBUST(OGIVE_LOSS_ROW)};
extern const ogive::Family robust;
const ogive::Family robust = {rows, sizeof(rows) / sizeof(*rows), true};

}  // namespace OGIVE_SET
