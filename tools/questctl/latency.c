/* Buckets: up to 63 each number has one of its own; from there on 32 for each
 * power of two. */
#include "tools/questctl/latency.h"

enum { SUB_BITS = 5, SUB = 1 << SUB_BITS };

static int bucket_of(int64_t value)
{
    int shift = 0, bucket;

    if (value < 0)
        value = 0;
    while (value >> shift >= 2 * SUB)
        shift++;
    bucket = shift * SUB + (int)(value >> shift);
    return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

/* The largest value of a bucket. */
static int64_t value_of(int bucket)
{
    int shift = bucket < 2 * SUB ? 0 : bucket / SUB - 1;

    return ((int64_t)(bucket - shift * SUB + 1) << shift) - 1;
}

void latency_add(struct latency *latency, int64_t took_us)
{
    latency->n++;
    latency->sum_us += took_us;
    if (took_us > latency->largest_us)
        latency->largest_us = took_us;
    latency->buckets[bucket_of(took_us)]++;
}

void latency_merge(struct latency *latency, const struct latency *other)
{
    latency->n += other->n;
    latency->sum_us += other->sum_us;
    if (other->largest_us > latency->largest_us)
        latency->largest_us = other->largest_us;
    for (int i = 0; i < LATENCY_BUCKETS; i++)
        latency->buckets[i] += other->buckets[i];
}

int64_t latency_within_us(const struct latency *latency, double part)
{
    int64_t wanted = (int64_t)(part * (double)latency->n), seen = 0;

    if (latency->n == 0)
        return 0;
    if (wanted < 1)
        wanted = 1;
    for (int i = 0; i < LATENCY_BUCKETS; i++) {
        seen += latency->buckets[i];
        if (seen >= wanted) {
            int64_t value = value_of(i);

            return value < latency->largest_us ? value : latency->largest_us;
        }
    }
    return latency->largest_us;
}
