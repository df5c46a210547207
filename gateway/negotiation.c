/* Reading media types, ranges and codings. */
#include "gateway/negotiation.h"

#include <string.h>
#include <strings.h>

struct span {
    const char *text;
    size_t length;
};

static struct span trim_span(struct span span)
{
    while (span.length > 0 && (span.text[0] == ' ' || span.text[0] == '\t')) {
        span.text++;
        span.length--;
    }
    while (span.length > 0 &&
           (span.text[span.length - 1] == ' ' || span.text[span.length - 1] == '\t'))
        span.length--;
    return span;
}

/* Cuts the part up to the next separator off the front of *rest. */
static struct span cut_span(struct span *rest, char separator)
{
    const char *end = memchr(rest->text, separator, rest->length);
    struct span part = {rest->text, end == NULL ? rest->length : (size_t)(end - rest->text)};
    size_t taken = end == NULL ? rest->length : part.length + 1;

    rest->text += taken;
    rest->length -= taken;
    return trim_span(part);
}

static bool is_text(struct span span, const char *text)
{
    return span.length == strlen(text) && strncasecmp(span.text, text, span.length) == 0;
}

bool content_type_is_json(const char *value, size_t length)
{
    struct span rest = {value, length};

    if (!is_text(cut_span(&rest, ';'), "application/json"))
        return false;
    while (rest.length > 0) {
        struct span parameter = cut_span(&rest, ';');

        if (parameter.length != 0 && !is_text(parameter, "charset=utf-8") &&
            !is_text(parameter, "charset=\"utf-8\"") && !is_text(parameter, "charset=utf8") &&
            !is_text(parameter, "charset=\"utf8\""))
            return false;
    }
    return true;
}

/* A weight of zero is "0", "0.", "0.0", "0.00" or "0.000" (RFC 9110 section 12.4.2). */
static bool is_zero_weight(struct span parameter)
{
    if (parameter.length < 3 || strncasecmp(parameter.text, "q=0", 3) != 0)
        return false;
    for (size_t i = 3; i < parameter.length; i++)
        if (parameter.text[i] != '.' && parameter.text[i] != '0')
            return false;
    return true;
}

static int specificity_of(struct span range)
{
    if (is_text(range, "application/json"))
        return 3;
    if (is_text(range, "application/*"))
        return 2;
    return is_text(range, "*/*") ? 1 : 0;
}

void accepted_read(struct accepted *accepted, const char *value, size_t length)
{
    struct span rest = {value, length};

    if (trim_span(rest).length == 0)
        return;
    accepted->has_field = true;
    while (rest.length > 0) {
        struct span element = cut_span(&rest, ',');
        int specificity = specificity_of(cut_span(&element, ';'));
        bool is_refused = false;

        while (element.length > 0)
            is_refused |= is_zero_weight(cut_span(&element, ';'));
        if (specificity > accepted->specificity) {
            accepted->specificity = specificity;
            accepted->is_refused = is_refused;
        }
    }
}

bool accepted_json(const struct accepted *accepted)
{
    if (!accepted->has_field)
        return true;
    return accepted->specificity > 0 && !accepted->is_refused;
}

bool accepts_gzip(const char *value, size_t length)
{
    struct span rest = {value, length};
    bool is_wanted = false, is_named = false;

    while (rest.length > 0) {
        struct span element = cut_span(&rest, ',');
        struct span coding = cut_span(&element, ';');
        bool names_it = is_text(coding, "gzip") || is_text(coding, "x-gzip");
        bool is_refused = false;

        while (element.length > 0)
            is_refused |= is_zero_weight(cut_span(&element, ';'));
        /* "*" stands for codings that are not named. */
        if (names_it || (is_text(coding, "*") && !is_named))
            is_wanted = !is_refused;
        is_named |= names_it;
    }
    return is_wanted;
}
