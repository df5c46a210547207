/* Comparing products that are longer than any integer of C. */
#include "services/evaluation/stats/correlation.h"

#include <string.h>

enum { LIMBS = 10, LIMB_BITS = 32, LIMBS_OF_128 = 4, BASIS_POINTS = 10000 };

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

/* A number of 320 bits, the lowest 32 first. */
struct wide {
    uint32_t limbs[LIMBS];
};

static struct wide wide_of(uint128 number)
{
    struct wide wide = {{0}};

    for (int i = 0; i < LIMBS_OF_128; i++)
        wide.limbs[i] = (uint32_t)(number >> (i * LIMB_BITS));
    return wide;
}

/* The product of numbers whose limbs are together at most LIMBS. */
static struct wide multiply(const struct wide *a, const struct wide *b)
{
    struct wide product = {{0}};

    for (int i = 0; i < LIMBS; i++) {
        uint64_t carry = 0;

        for (int j = 0; i + j < LIMBS; j++) {
            uint64_t sum = (uint64_t)a->limbs[i] * b->limbs[j] + product.limbs[i + j] + carry;

            product.limbs[i + j] = (uint32_t)sum;
            carry = sum >> LIMB_BITS;
        }
    }
    return product;
}

static bool is_at_most(const struct wide *a, const struct wide *b)
{
    for (int i = LIMBS - 1; i >= 0; i--)
        if (a->limbs[i] != b->limbs[i])
            return a->limbs[i] < b->limbs[i];
    return true;
}

static struct wide scaled(const struct wide *number, uint32_t factor)
{
    const struct wide by = wide_of(factor);

    return multiply(number, &by);
}

bool correlation_of(const struct correlation_sums *sums, int32_t *ret_basis_points)
{
    int128 n = sums->n;
    int128 spread_x = n * sums->sum_xx - (int128)sums->sum_x * sums->sum_x;
    int128 spread_y = n * sums->sum_yy - (int128)sums->sum_y * sums->sum_y;
    int128 both = n * sums->sum_xy - (int128)sums->sum_x * sums->sum_y;
    struct wide x, y, product, dividend, square;
    uint32_t low = 0, high = BASIS_POINTS;

    *ret_basis_points = 0;
    if (sums->n < 2 || spread_x <= 0 || spread_y <= 0)
        return false;
    x = wide_of((uint128)spread_x);
    y = wide_of((uint128)spread_y);
    product = multiply(&x, &y);
    dividend = wide_of((uint128)(both < 0 ? -both : both));
    square = multiply(&dividend, &dividend);
    square = scaled(&square, (uint32_t)BASIS_POINTS * BASIS_POINTS);
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        const struct wide candidate = scaled(&product, middle * middle);

        if (is_at_most(&candidate, &square))
            low = middle;
        else
            high = middle - 1;
    }
    *ret_basis_points = both < 0 ? -(int32_t)low : (int32_t)low;
    return true;
}
