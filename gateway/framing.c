/* RFC 9112, sections 2.2, 3.2, 5 and 6, without any of the permitted tolerance. */
#include "gateway/framing.h"

#include <string.h>
#include <strings.h>

enum { LENGTH_DIGITS_MAX = 18 };

struct slice {
    const char *at;
    size_t length;
};

struct fields {
    int n_lengths, n_encodings, n_hosts;
    bool is_old; /* HTTP/1.0 */
};

/* Takes the next line off bytes, without its CRLF; false when there is none. A LF alone,
 * which h2o's parser accepts, does not end a line here. */
static bool take_line(struct slice *bytes, struct slice *ret_line)
{
    const char *end = memchr(bytes->at, '\n', bytes->length);

    if (end == NULL || end == bytes->at || end[-1] != '\r')
        return false;
    ret_line->at = bytes->at;
    ret_line->length = (size_t)(end - bytes->at) - 1;
    bytes->length -= ret_line->length + 2;
    bytes->at = end + 1;
    return true;
}

static struct slice trim_slice(struct slice slice)
{
    while (slice.length > 0 && (slice.at[0] == ' ' || slice.at[0] == '\t')) {
        slice.at++;
        slice.length--;
    }
    while (slice.length > 0 &&
           (slice.at[slice.length - 1] == ' ' || slice.at[slice.length - 1] == '\t'))
        slice.length--;
    return slice;
}

static bool is_text(struct slice slice, const char *text)
{
    return slice.length == strlen(text) && strncasecmp(slice.at, text, slice.length) == 0;
}

static bool is_length(struct slice value)
{
    if (value.length == 0 || value.length > LENGTH_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < value.length; i++)
        if (value.at[i] < '0' || value.at[i] > '9')
            return false;
    return true;
}

/* Checks the characters of host[:port], not its form. */
static bool is_host(struct slice value)
{
    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.at[i];

        if (c <= ' ' || c >= 0x7f || strchr("\"#,/<>?@\\^`{|}", c) != NULL)
            return false;
    }
    return true;
}

static const char *read_field(struct slice line, struct fields *fields, struct framing *framing)
{
    const char *colon;
    struct slice name, value;

    if (line.at[0] == ' ' || line.at[0] == '\t')
        return "a folded line";
    colon = memchr(line.at, ':', line.length);
    if (colon == NULL || colon == line.at || colon[-1] == ' ' || colon[-1] == '\t')
        return "a malformed field name";
    name = (struct slice){line.at, (size_t)(colon - line.at)};
    value = trim_slice((struct slice){colon + 1, line.length - name.length - 1});
    if (is_text(name, "content-length")) {
        if (++fields->n_lengths > 1 || !is_length(value))
            return "Content-Length must be one number";
    } else if (is_text(name, "transfer-encoding")) {
        if (++fields->n_encodings > 1 || !is_text(value, "chunked"))
            return "Transfer-Encoding may only be chunked";
        framing->is_chunked = true;
    } else if (is_text(name, "host")) {
        if (++fields->n_hosts > 1 || !is_host(value))
            return "Host must be one host";
    }
    return NULL;
}

static const char *find_fault(const struct fields *fields)
{
    if (fields->n_lengths > 0 && fields->n_encodings > 0)
        return "Content-Length and Transfer-Encoding exclude each other";
    if (fields->n_encodings > 0 && fields->is_old)
        return "HTTP/1.0 has no Transfer-Encoding";
    if (fields->n_hosts == 0 && !fields->is_old)
        return "Host is missing";
    return NULL;
}

bool framing_read(const char *bytes, size_t length, struct framing *ret_framing)
{
    static const char old[] = " HTTP/1.0";
    const size_t old_length = sizeof(old) - 1;
    struct slice rest = {bytes, length}, line;
    struct fields fields = {0};

    *ret_framing = (struct framing){.fault = "lines must end in CR LF"};
    /* A request may be preceded by one empty line. */
    if (length >= 2 && memcmp(bytes, "\r\n", 2) == 0)
        rest = (struct slice){bytes + 2, length - 2};
    if (!take_line(&rest, &line))
        return false;
    fields.is_old = line.length > old_length &&
                    memcmp(line.at + line.length - old_length, old, old_length) == 0;
    while (take_line(&rest, &line)) {
        if (line.length == 0) {
            ret_framing->head_length = length - rest.length;
            ret_framing->fault = find_fault(&fields);
            return ret_framing->fault == NULL;
        }
        ret_framing->n_fields++;
        ret_framing->fault = read_field(line, &fields, ret_framing);
        if (ret_framing->fault != NULL)
            return false;
        ret_framing->fault = "lines must end in CR LF";
    }
    return false;
}
