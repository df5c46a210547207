/* Keeping a key ring complete. */
#include "tools/ql-keys/key_ring.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/auth/key.h"
#include "platform/base/attributes.h"
#include "platform/base/buffer.h"

enum {
    JWKS_MAX = 65536, /* what readers of the file take */
    JWKS_MODE = 0644,
};

static const char pem_suffix[] = ".pem";

static void close_file(FILE **file)
{
    if (*file != NULL)
        fclose(*file);
}

/* "<dir>/<name><suffix>"; false when it is too long. */
static bool make_path(char ret_path[PATH_MAX], const char *dir, const char *name,
                      const char *suffix, char *error, size_t error_size)
{
    if (snprintf(ret_path, PATH_MAX, "%s/%s%s", dir, name, suffix) < PATH_MAX)
        return true;
    snprintf(error, error_size, "a path in %.64s... is too long", dir);
    return false;
}

static bool make_missing_key(const char *dir, const char *issuer, FILE *out, char *error,
                             size_t error_size)
{
    char path[PATH_MAX], jwk[QL_JWK_MAX];

    if (!make_path(path, dir, issuer, pem_suffix, error, error_size))
        return false;
    if (access(path, F_OK) == 0)
        return true;
    if (!ql_key_make(issuer, path, jwk, sizeof(jwk), error, error_size))
        return false;
    fprintf(out, "made %s\n", path);
    return true;
}

/* The issuer that a file of the folder is the key of; false for other files. */
static bool issuer_of(const char *file_name, char ret_issuer[QL_ISSUER_MAX])
{
    size_t length = strlen(file_name), suffix_length = strlen(pem_suffix);

    if (length <= suffix_length || length - suffix_length >= QL_ISSUER_MAX ||
        strcmp(file_name + length - suffix_length, pem_suffix) != 0)
        return false;
    snprintf(ret_issuer, QL_ISSUER_MAX, "%.*s", (int)(length - suffix_length), file_name);
    return ql_issuer_is_valid(ret_issuer);
}

static int is_key_file(const struct dirent *entry)
{
    char issuer[QL_ISSUER_MAX];

    return issuer_of(entry->d_name, issuer);
}

static bool append_key(struct ql_buffer *jwks, const char *dir, const char *file_name, char *error,
                       size_t error_size)
{
    char issuer[QL_ISSUER_MAX], path[PATH_MAX], jwk[QL_JWK_MAX];

    if (!issuer_of(file_name, issuer) || !make_path(path, dir, file_name, "", error, error_size) ||
        !ql_key_public_jwk(issuer, path, jwk, sizeof(jwk), error, error_size))
        return false;
    ql_buffer_printf(jwks, "%s\n  %s", jwks->length > strlen("{\"keys\":[") ? "," : "", jwk);
    return true;
}

/* Sorted by name, so that the same keys give the same text. */
static bool compose_jwks(const char *dir, struct ql_buffer *jwks, char *error, size_t error_size)
{
    struct dirent **entries = NULL;
    int n = scandir(dir, &entries, is_key_file, alphasort);
    bool is_good = n >= 0;

    if (n < 0)
        snprintf(error, error_size, "cannot read %s: %s", dir, strerror(errno));
    ql_buffer_append_text(jwks, "{\"keys\":[");
    for (int i = 0; i < n; i++) {
        is_good = is_good && append_key(jwks, dir, entries[i]->d_name, error, error_size);
        free(entries[i]);
    }
    free(entries);
    ql_buffer_append_text(jwks, "\n]}\n");
    if (is_good && jwks->failed)
        snprintf(error, error_size, "%s holds more keys than a JWKS file may", dir);
    return is_good && !jwks->failed;
}

static bool has_content(const char *path, const struct ql_buffer *content)
{
    QL_CLEANUP(close_file) FILE *file = fopen(path, "re");
    char text[JWKS_MAX + 1];

    return file != NULL && fread(text, 1, sizeof(text), file) == content->length &&
           memcmp(text, content->data, content->length) == 0;
}

/* By renaming: whoever reads the file meets the old text or the new one. */
static bool replace_file(const char *path, const struct ql_buffer *content, char *error,
                         size_t error_size)
{
    char fresh[PATH_MAX + 8];
    FILE *file = NULL;
    bool is_written;
    int fd;

    snprintf(fresh, sizeof(fresh), "%s.XXXXXX", path);
    fd = mkstemp(fresh);
    if (fd >= 0)
        file = fdopen(fd, "w");
    is_written = file != NULL &&
                 fwrite(content->data, 1, content->length, file) == content->length &&
                 fflush(file) == 0 && fchmod(fd, JWKS_MODE) == 0 && fsync(fd) == 0 &&
                 rename(fresh, path) == 0;
    if (!is_written) {
        snprintf(error, error_size, "cannot write %.256s: %s", path, strerror(errno));
        if (fd >= 0)
            unlink(fresh);
    }
    if (file != NULL)
        fclose(file);
    else if (fd >= 0)
        close(fd);
    return is_written;
}

static bool check_issuers(char *const *issuers, size_t n_issuers, char *error, size_t error_size)
{
    for (size_t i = 0; i < n_issuers; i++) {
        if (ql_issuer_is_valid(issuers[i]))
            continue;
        snprintf(error, error_size, "\"%.64s\" is no name for an issuer: a-z, 0-9 and -",
                 issuers[i]);
        return false;
    }
    return true;
}

bool key_ring_update(const char *dir, char *const *issuers, size_t n_issuers, FILE *out,
                     char *error, size_t error_size)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer jwks;
    char path[PATH_MAX];

    ql_buffer_init(&jwks, JWKS_MAX);
    if (!check_issuers(issuers, n_issuers, error, error_size) ||
        !make_path(path, dir, "jwks", ".json", error, error_size))
        return false;
    if (mkdir(dir, 0755) != 0 && errno != EEXIST) {
        snprintf(error, error_size, "cannot make %.256s: %s", dir, strerror(errno));
        return false;
    }
    for (size_t i = 0; i < n_issuers; i++)
        if (!make_missing_key(dir, issuers[i], out, error, error_size))
            return false;
    if (!compose_jwks(dir, &jwks, error, error_size))
        return false;
    if (has_content(path, &jwks))
        return true;
    if (!replace_file(path, &jwks, error, error_size))
        return false;
    fprintf(out, "wrote %s\n", path);
    return true;
}
