/* Regular expressions of rules: POSIX extended ones that mean the same to RE2, which
 * protovalidate uses, and to ECMA-262, which readers of the OpenAPI document use. The C
 * library matches them (regexec), as bytes in the C locale.
 *
 *   ^ at the very beginning, $ at the very end; without them the expression may
 *   match anywhere in the text
 *   characters of printable ASCII; \ in front of ^ $ \ . * + ? ( ) [ { |
 *   [a-z0-9_-] and [^...], the same characters without [ ] and \; \xHH, a control
 *   character; a negated class takes any other code point, those beyond ASCII included
 *   ( | ) groups and alternatives, none of them empty
 *   * + ? {n} {n,} {n,m} behind a character, a class or a group
 *
 * Everything else is refused: ".", which differs in newlines, \d, \w and \s, which
 * differ beyond ASCII, [:alpha:], look-around, back references, lazy quantifiers, "|"
 * outside a group. */
#ifndef QL_PB_VALIDATE_PATTERN_H
#define QL_PB_VALIDATE_PATTERN_H

#include <stdbool.h>

#include "platform/base/arena.h"
#include "platform/base/attributes.h"

struct ql_pattern;

/* Reads text into the arena. NULL when it is outside the language, or the arena is full;
 * *ret_fault then says which, a text that lives as long as the program. */
struct ql_pattern *ql_pattern_new(struct ql_arena *arena, const char *text,
                                  const char **ret_fault) QL_MUST_CHECK;

/* The text it was read from. */
const char *ql_pattern_text(const struct ql_pattern *pattern);

/* Makes it ready to match. Whoever compiles it calls ql_pattern_done before the arena goes.
 * false when memory is short, or the process is in another locale than "C". */
bool ql_pattern_compile(struct ql_pattern *pattern) QL_MUST_CHECK;
void ql_pattern_done(struct ql_pattern *pattern);

/* Whether a text, which must be valid UTF-8, contains a match of a compiled pattern. false
 * when memory is short, too. Any thread. */
bool ql_pattern_matches(const struct ql_pattern *pattern, const char *text);

#endif
