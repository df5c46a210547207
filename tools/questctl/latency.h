/* How long calls took: counts in buckets, each a thirty-second wide of what it
 * stands for, so that a million calls cost no memory. */
#ifndef QUESTCTL_LATENCY_H
#define QUESTCTL_LATENCY_H

#include <stdint.h>

enum { LATENCY_BUCKETS = 32 * 32 };

struct latency {
    int64_t n;
    int64_t sum_us;
    int64_t largest_us;
    int64_t buckets[LATENCY_BUCKETS];
};

void latency_add(struct latency *latency, int64_t took_us);
void latency_merge(struct latency *latency, const struct latency *other);

/* What this part of the calls (0.99) stayed within, at most 3 % too high; 0
 * without any. */
int64_t latency_within_us(const struct latency *latency, double part);

#endif
