/* Checks of secrets, which apply outside local mode. Module-internal. */
#ifndef QL_PROCESS_SECRET_H
#define QL_PROCESS_SECRET_H

enum { QLI_SECRET_MIN_LENGTH = 12 };

/* The fault of a secret setting, as a constant text; NULL: none. The value, or the
 * password in it when it is a URL or a libpq connection string, must not be a placeholder,
 * a product's default, the account's own name, or too short; nor may it be missing where
 * the product would use a default. */
const char *qli_secret_fault(const char *value);

/* The fault of the permissions of a file with a secret: others may read or write it, or
 * its group may write it. NULL: none, or there is no file. */
const char *qli_secret_file_fault(const char *path);

#endif
