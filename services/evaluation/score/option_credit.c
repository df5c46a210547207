/* Credits of options: which were chosen, and what that comes to. */
#include "services/evaluation/score/option_credit.h"

/* The chosen options of a question with options. */
static enum credit_verdict read_options(const CompletedItem *item,
                                        bool ret_chosen[ANSWER_CHOICES_MAX])
{
    if (item->n_option_credits_ppm < 2 || item->n_option_credits_ppm > ANSWER_CHOICES_MAX)
        return CREDIT_NO_KEY;
    for (size_t i = 0; i < item->n_option_credits_ppm; i++)
        if (item->option_credits_ppm[i] < -CREDIT_PPM_MAX ||
            item->option_credits_ppm[i] > CREDIT_PPM_MAX)
            return CREDIT_NO_KEY;
    if (!answer_read_set(item->answer, item->n_option_credits_ppm, ret_chosen))
        return CREDIT_NO_ANSWER;
    return CREDIT_FOUND;
}

enum credit_verdict option_credit_single(const CompletedItem *item, bool is_formula_scored,
                                         struct credit *ret_credit)
{
    bool chosen[ANSWER_CHOICES_MAX];
    int32_t parts;
    enum credit_verdict verdict;

    verdict = read_options(item, chosen);
    if (verdict != CREDIT_FOUND)
        return verdict;
    if (item->answer->n_choices != 1)
        return CREDIT_NO_ANSWER;
    parts = item->option_credits_ppm[item->answer->choices[0] - 1];
    *ret_credit = parts == 0 && is_formula_scored
                      ? (struct credit){-1, (int64_t)item->n_option_credits_ppm - 1}
                      : credit_ppm(parts);
    return CREDIT_FOUND;
}

/* What a question with options has, and what of it was chosen. */
struct options {
    int64_t n_right, n_wrong, n_right_chosen, n_wrong_chosen;
    int64_t sum_ppm, chosen_ppm; /* of credits above zero; of all chosen ones */
    bool has_penalty;
};

static struct options count_options(const CompletedItem *item,
                                    const bool chosen[ANSWER_CHOICES_MAX])
{
    struct options options = {0};

    for (size_t i = 0; i < item->n_option_credits_ppm; i++) {
        int32_t credit_ppm = item->option_credits_ppm[i];
        bool is_right = credit_ppm > 0;

        options.n_right += is_right;
        options.n_wrong += !is_right;
        options.n_right_chosen += is_right && chosen[i];
        options.n_wrong_chosen += !is_right && chosen[i];
        options.sum_ppm += is_right ? credit_ppm : 0;
        options.chosen_ppm += chosen[i] ? credit_ppm : 0;
        options.has_penalty = options.has_penalty || credit_ppm < 0;
    }
    return options;
}

static struct credit right_minus_wrong(const struct options *o)
{
    if (o->n_wrong == 0)
        return (struct credit){o->n_right_chosen, o->n_right};
    return credit_at_least_nothing(o->n_right_chosen * o->n_wrong - o->n_wrong_chosen * o->n_right,
                                   o->n_right * o->n_wrong);
}

static struct credit weighted_credit(const struct options *o)
{
    int64_t numerator = o->chosen_ppm, denominator = o->sum_ppm;

    if (o->n_wrong > 0 && !o->has_penalty) {
        numerator = numerator * o->n_wrong - o->n_wrong_chosen * denominator;
        denominator *= o->n_wrong;
    }
    return numerator > denominator ? credit_all_or_nothing(true)
                                   : credit_at_least_nothing(numerator, denominator);
}

enum credit_verdict option_credit_multiple(const CompletedItem *item, struct credit *ret_credit)
{
    bool chosen[ANSWER_CHOICES_MAX];
    struct options options;
    enum credit_verdict verdict;

    verdict = read_options(item, chosen);
    if (verdict != CREDIT_FOUND)
        return verdict;
    options = count_options(item, chosen);
    if (options.n_right == 0)
        return CREDIT_NO_KEY;
    switch (item->partial_credit) {
    case PARTIAL_CREDIT_UNSPECIFIED:
    case PARTIAL_CREDIT_RIGHT_MINUS_WRONG:
        *ret_credit = right_minus_wrong(&options);
        return CREDIT_FOUND;
    case PARTIAL_CREDIT_ALL_OR_NOTHING:
        *ret_credit = credit_all_or_nothing(options.n_right_chosen == options.n_right &&
                                            options.n_wrong_chosen == 0);
        return CREDIT_FOUND;
    case PARTIAL_CREDIT_WEIGHTED:
        *ret_credit = weighted_credit(&options);
        return CREDIT_FOUND;
    default:
        return CREDIT_NO_KEY;
    }
}
