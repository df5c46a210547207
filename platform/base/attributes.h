/* Compiler attributes the whole tree shares: must-check results, printf
 * formats, cleanup by scope. Both gcc and clang know all of them. */
#ifndef QL_BASE_ATTRIBUTES_H
#define QL_BASE_ATTRIBUTES_H

#define QL_MUST_CHECK __attribute__((warn_unused_result))
#define QL_PRINTF(format_index, first_argument)                                                    \
    __attribute__((format(printf, format_index, first_argument)))

/* Runs `function(&variable)` when the variable's scope ends. A variable may exist for that
 * alone, which clang would take for one that is not used. */
#define QL_CLEANUP(function) __attribute__((cleanup(function), unused))

#define QL_ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
