/* What may not be a secret outside local mode. Module-internal. */
#ifndef QL_PROCESS_SECRET_H
#define QL_PROCESS_SECRET_H

enum { QLI_SECRET_MIN_LENGTH = 12 };

/* What is wrong with the value of a secret setting: it, or the password of the URL or
 * libpq connection string that it is, is a placeholder, a product's default, the
 * account's own name, too short, or missing where the product would then use a
 * default. NULL when nothing is, else a constant text. */
const char *qli_secret_fault(const char *value);

/* What is wrong with the permissions of a file that holds a secret: others may read or
 * write it, or its group may write it. NULL when nothing is, or there is no file. */
const char *qli_secret_file_fault(const char *path);

#endif
