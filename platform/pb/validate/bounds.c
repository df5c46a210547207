/* Comparing rules of one field with each other. */
#include "platform/pb/validate/bounds.h"

#include "platform/base/attributes.h"

enum { UNIQUE_ITEMS_MAX = 256 };

static bool counts_agree(const struct ql_field_rules *rules, enum ql_rule_kind least,
                         enum ql_rule_kind most)
{
    const struct ql_rule *low = ql_field_rule(rules, least), *high = ql_field_rule(rules, most);

    return low == NULL || high == NULL || low->count <= high->count;
}

static bool value_is_later(const struct ql_scalar *a, const struct ql_scalar *b)
{
    return a->number != b->number ? a->number > b->number : a->nanos > b->nanos;
}

static bool bounds_agree(const struct ql_field_rules *rules)
{
    static const enum ql_rule_kind lows[] = {QL_RULE_GT, QL_RULE_GTE, QL_RULE_AFTER,
                                             QL_RULE_AFTER_OR_AT};
    static const enum ql_rule_kind highs[] = {QL_RULE_LT, QL_RULE_LTE, QL_RULE_BEFORE,
                                              QL_RULE_BEFORE_OR_AT};

    for (size_t i = 0; i < QL_ARRAY_LENGTH(lows); i++)
        for (size_t j = 0; j < QL_ARRAY_LENGTH(highs); j++) {
            const struct ql_rule *low = ql_field_rule(rules, lows[i]);
            const struct ql_rule *high = ql_field_rule(rules, highs[j]);

            if (low != NULL && high != NULL && value_is_later(low->values, high->values))
                return false;
        }
    return true;
}

const char *qli_bounds_fault(const struct ql_field *field, const struct ql_field_rules *rules)
{
    const struct ql_rule *most = ql_field_rule(rules, QL_RULE_MAX_ITEMS);

    if (!counts_agree(rules, QL_RULE_MIN_LEN, QL_RULE_MAX_LEN) ||
        !counts_agree(rules, QL_RULE_MIN_BYTES, QL_RULE_MAX_BYTES) ||
        !counts_agree(rules, QL_RULE_MIN_ITEMS, QL_RULE_MAX_ITEMS) ||
        !counts_agree(rules, QL_RULE_MIN_PAIRS, QL_RULE_MAX_PAIRS) || !bounds_agree(rules))
        return "no value keeps both of its bounds";
    if (ql_field_rule(rules, QL_RULE_UNIQUE) != NULL &&
        (field->message != NULL || most == NULL || most->count > UNIQUE_ITEMS_MAX))
        return "unique is for lists of scalars with max_items of 256 or less";
    return NULL;
}
