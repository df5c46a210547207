/* One form of a password; Unicode's tables are GLib's. */
#include "services/user/user_password.h"

#include <stdlib.h>
#include <string.h>

#include <glib.h>

enum { TYPED_SIZE = USER_PASSWORD_TYPED_MAX + 1 };

_Static_assert(USER_PASSWORD_TYPED_MAX == 16 * USER_PASSWORD_MAX, "4 code points of 4 bytes");

bool user_password_is_possible(const char *password)
{
    return strnlen(password, TYPED_SIZE) < TYPED_SIZE;
}

/* The password with plain spaces; false when it is longer than a password may be, or
 * no UTF-8. */
static bool map_spaces(const char *password, char ret_mapped[TYPED_SIZE])
{
    size_t length = 0;

    if (!user_password_is_possible(password) || !g_utf8_validate(password, -1, NULL))
        return false;
    for (const char *c = password; *c != '\0'; c = g_utf8_next_char(c)) {
        size_t width = (size_t)(g_utf8_next_char(c) - c);

        if (g_unichar_type(g_utf8_get_char(c)) == G_UNICODE_SPACE_SEPARATOR)
            ret_mapped[length++] = ' ';
        else
            for (size_t i = 0; i < width; i++)
                ret_mapped[length++] = c[i];
    }
    ret_mapped[length] = '\0';
    return true;
}

static void wipe_and_free(char *text)
{
    if (text == NULL)
        return;
    explicit_bzero(text, strlen(text));
    g_free(text);
}

/* The one form of a password, for wipe_and_free; NULL when it is no password that a
 * user can have. */
static char *one_form(const char *password)
{
    char mapped[TYPED_SIZE];
    char *form = NULL;

    if (map_spaces(password, mapped))
        form = g_utf8_normalize(mapped, -1, G_NORMALIZE_DEFAULT_COMPOSE);
    explicit_bzero(mapped, sizeof(mapped));
    return form;
}

bool user_password_is_valid(const char *password)
{
    char *form = one_form(password);
    glong n = form == NULL ? 0 : g_utf8_strlen(form, -1);

    wipe_and_free(form);
    return n >= USER_PASSWORD_MIN && n <= USER_PASSWORD_MAX;
}

/* The one form of a password that is not in it; else NULL. */
static char *another_form(const char *password)
{
    char *form = one_form(password);

    if (form == NULL || strcmp(form, password) != 0)
        return form;
    wipe_and_free(form);
    return NULL;
}

enum ql_code user_password_hash(struct ql_call *call, const char *password,
                                char ret_hash[QL_PASSWORD_HASH_SIZE])
{
    char *form = another_form(password);
    enum ql_code rc = ql_password_hash(call, form == NULL ? password : form, ret_hash);

    wipe_and_free(form);
    return rc;
}

bool user_password_matches(const char *hash, const char *password)
{
    char *form;
    bool matches;

    if (!user_password_is_possible(password))
        return false;
    form = another_form(password);
    matches = form != NULL && ql_password_matches(hash, form);
    wipe_and_free(form);
    return matches || ql_password_matches(hash, password);
}

bool user_password_is_same(const char *password, const char *other)
{
    char *form = another_form(password);
    char *other_form = another_form(other);
    bool is_same =
        strcmp(form == NULL ? password : form, other_form == NULL ? other : other_form) == 0;

    wipe_and_free(form);
    wipe_and_free(other_form);
    return is_same;
}

void user_password_decoy(const char *password)
{
    char *form = another_form(password);

    if (form != NULL)
        ql_password_decoy(form);
    ql_password_decoy(password);
    wipe_and_free(form);
}
