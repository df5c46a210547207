/* The one form of a text that people typed, to compare it with others: "Straße " and
 * "STRASSE" fold to the same, and so do "can’t" and "can't".
 *
 * In this order: Unicode's NFKC, so that it does not matter how a keyboard composes an accent or
 * whether a letter is full-width; typographic quotation marks and dashes become the ASCII
 * ones; full case folding and NFKC again; each run of white space (Unicode's White_Space)
 * becomes one blank, and is dropped at both ends. Accents stay: "café" is not "cafe". */
#ifndef QL_TEXT_FOLD_H
#define QL_TEXT_FOLD_H

#include <stdbool.h>

#include "platform/base/arena.h"

/* The longest text that is folded, in bytes: 4,000 characters of 4 bytes. What it folds to is
 * at most QL_TEXT_FOLD_GROWTH_MAX times as long: U+FDFA has 3 bytes and becomes 18 characters
 * of 33 bytes together. */
enum { QL_TEXT_FOLD_BYTES_MAX = 16000, QL_TEXT_FOLD_GROWTH_MAX = 11 };

/* The fold of a text, in the arena; case is kept when is_case_sensitive. NULL when the text
 * is longer than QL_TEXT_FOLD_BYTES_MAX or is no UTF-8, or when the arena is spent. It follows
 * from its arguments and from the version of Unicode in the GLib that is installed, so what
 * is stored of it may differ from what a later version makes. Any thread. */
char *ql_text_fold(struct ql_arena *arena, const char *text, bool is_case_sensitive) QL_MUST_CHECK;

#endif
