/* Pearson's correlation of two quantities, exactly, from sums of whole numbers:
 *
 *   (n Σxy - Σx Σy) / √((n Σx² - (Σx)²) (n Σy² - (Σy)²))
 *
 * No root is drawn: the share is the greatest whole k for which k² times the product under
 * the root is not above (10000 times the dividend)², in 320 bits. */
#ifndef QL_EVALUATION_CORRELATION_H
#define QL_EVALUATION_CORRELATION_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/attributes.h"

/* |x| up to 100,000 and |y| up to 10,000 for n up to 10¹². */
struct correlation_sums {
    int64_t n, sum_x, sum_xx, sum_y, sum_yy, sum_xy;
};

/* In basis points, -10000 to 10000, truncated toward zero. False when x or y is the same in
 * all, or n is below 2: there is none then. */
bool correlation_of(const struct correlation_sums *sums, int32_t *ret_basis_points) QL_MUST_CHECK;

#endif
