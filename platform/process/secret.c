/* Finding the account in a URL, and checking its password. */
#include "platform/process/secret.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "platform/base/attributes.h"
#include "platform/base/hex.h"
#include "platform/base/settings.h"

enum { PART_MAX = 256, DISTINCT_MIN = 5 };

/* The account of a URL, decoded. */
struct account {
    char scheme[16], user[PART_MAX], password[PART_MAX], host[PART_MAX];
    bool has_password;
};

/* Copies length bytes, percent-decoded and cut to fit. */
static void copy_decoded(const char *from, size_t length, char ret_text[PART_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < length && n < PART_MAX - 1; i++) {
        int high = i + 2 < length && from[i] == '%' ? ql_hex_digit(from[i + 1]) : -1;
        int low = high >= 0 ? ql_hex_digit(from[i + 2]) : -1;

        ret_text[n++] = low >= 0 ? (char)(high * 16 + low) : from[i];
        i += low >= 0 ? 2 : 0;
    }
    ret_text[n] = '\0';
}

/* The value behind "password=" in a query or a connection string; NULL for none. */
static const char *find_password(const char *text, const char *separators)
{
    static const char key[] = "password=";

    for (const char *at = text; at != NULL; at = strpbrk(at, separators)) {
        at += strspn(at, separators);
        if (strncmp(at, key, sizeof(key) - 1) == 0)
            return at + sizeof(key) - 1;
    }
    return NULL;
}

/* "scheme://user:password@host:port/…?password=…". False when it is no URL. */
static bool account_from_url(const char *url, struct account *account)
{
    const char *authority = strstr(url, "://"), *at = NULL, *colon, *query, *password;
    size_t length;

    if (authority == NULL || (size_t)(authority - url) >= sizeof(account->scheme))
        return false;
    memcpy(account->scheme, url, (size_t)(authority - url));
    authority += strlen("://");
    length = strcspn(authority, "/?#");
    for (size_t i = 0; i < length; i++)
        if (authority[i] == '@')
            at = authority + i;
    colon = at != NULL ? memchr(authority, ':', (size_t)(at - authority)) : NULL;
    if (at != NULL) {
        copy_decoded(authority, (size_t)((colon != NULL ? colon : at) - authority), account->user);
        length -= (size_t)(at + 1 - authority);
    }
    if (colon != NULL) {
        copy_decoded(colon + 1, (size_t)(at - colon) - 1, account->password);
        account->has_password = true;
    }
    copy_decoded(at != NULL ? at + 1 : authority, length, account->host);
    query = strchr(authority, '?');
    password = query != NULL ? find_password(query + 1, "&") : NULL;
    if (password != NULL) {
        copy_decoded(password, strcspn(password, "&#"), account->password);
        account->has_password = true;
    }
    return true;
}

/* libpq's "host=… user=… password='…'". False when it is none. */
static bool account_from_words(const char *text, struct account *account)
{
    const char *password = find_password(text, " \t\n");

    if (password == NULL)
        return false;
    password += password[0] == '\'';
    copy_decoded(password, strcspn(password, "' \t\n"), account->password);
    account->has_password = true;
    return true;
}

/* "Change-Me-123!" is "changeme". */
static bool is_default_word(const char *password)
{
    static const char *const words[] = {
        "changeme", "changeit", "placeholder", "secret",        "password",  "passwd",
        "passw",    "example",  "guest",       "postgres",      "rabbit",    "rabbitmq",
        "redis",    "admin",    "root",        "default",       "test",      "testing",
        "welcome",  "letmein",  "qwerty",      "qwertz",        "questline", "foobared",
        "user",     "demo",     "postgresql",  "administrator",
    };
    char letters[PART_MAX];
    size_t n = 0;

    for (; *password != '\0'; password++)
        if (isalpha((unsigned char)*password))
            letters[n++] = (char)tolower((unsigned char)*password);
    letters[n] = '\0';
    for (size_t i = 0; i < QL_ARRAY_LENGTH(words); i++)
        if (strcmp(letters, words[i]) == 0)
            return true;
    return false;
}

static size_t count_distinct(const char *text)
{
    bool is_seen[256] = {false};
    size_t n = 0;

    for (; *text != '\0'; text++) {
        n += !is_seen[(unsigned char)*text];
        is_seen[(unsigned char)*text] = true;
    }
    return n;
}

static const char *password_fault(const char *password, const char *user)
{
    if (ql_setting_is_placeholder(password))
        return "a placeholder is no secret";
    if (user[0] != '\0' && strcasecmp(password, user) == 0)
        return "the password is the account's name";
    if (is_default_word(password))
        return "the password is one that products and examples come with";
    if (strlen(password) < QLI_SECRET_MIN_LENGTH)
        return "a password has 12 characters at least";
    if (count_distinct(password) < DISTINCT_MIN)
        return "the password repeats a few characters";
    return NULL;
}

/* "127.0.0.1:6379", "localhost", "[::1]:6379". */
static bool is_loopback(const char *host)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};

    for (size_t i = 0; i < QL_ARRAY_LENGTH(names); i++) {
        size_t length = strlen(names[i]);

        if (strncasecmp(host, names[i], length) == 0 &&
            (host[length] == '\0' || host[length] == ':'))
            return true;
    }
    return false;
}

/* PostgreSQL may authenticate by socket or certificate; RabbitMQ and Redis do not. */
static const char *missing_password_fault(const struct account *account)
{
    if (strncasecmp(account->scheme, "amqp", strlen("amqp")) == 0)
        return "without a password RabbitMQ's default account, guest, is used";
    if (strncasecmp(account->scheme, "redis", strlen("redis")) == 0 && !is_loopback(account->host))
        return "a Redis without a password is open to its network";
    return NULL;
}

const char *qli_secret_fault(const char *value)
{
    struct account account = {0};

    if (ql_setting_is_placeholder(value))
        return "a placeholder is no secret";
    if (!account_from_url(value, &account) && !account_from_words(value, &account))
        return strchr(value, '=') != NULL ? NULL : password_fault(value, "");
    return account.has_password ? password_fault(account.password, account.user)
                                : missing_password_fault(&account);
}

const char *qli_secret_file_fault(const char *path)
{
    struct stat found;

    if (stat(path, &found) != 0 || (found.st_mode & (S_IRWXO | S_IWGRP)) == 0)
        return NULL;
    return "the file may be read or written by others; chmod 600 or 640 is right";
}
