/* Debian ships h2o/http2_internal.h without the khash.h that it includes. Its
 * structs need nothing of it but the name of a type, and its inline functions,
 * which we call none of, that names are known. */
#ifndef QL_GATEWAY_H2O_KHASH_H
#define QL_GATEWAY_H2O_KHASH_H

#define khash_t(name)                    struct kh_##name
#define KHASH_MAP_INIT_INT64(name, type) khash_t(name);
#define kh_get(name, table, key)         ((void)(table), (void)(key), 0u)
#define kh_end(table)                    ((void)(table), 0u)
#define kh_val(table, at)                ((void)(table), (void)(at), (void *)0)
typedef unsigned khiter_t;

#endif
