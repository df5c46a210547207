/* Answers in wire bytes, put together from messages that are encoded already. */
#ifndef QL_READSIDE_ANSWER_H
#define QL_READSIDE_ANSWER_H

#include <stddef.h>
#include <stdint.h>

enum { QLI_ANSWER_HEAD_MAX = 11 }; /* bytes of a tag and a length */

/* Writes a length-delimited field with a number below 16; returns the place behind it.
 * There must be space for length + QLI_ANSWER_HEAD_MAX bytes. */
uint8_t *qli_answer_put_field(uint8_t *at, unsigned number, const void *bytes, size_t length);

#endif
