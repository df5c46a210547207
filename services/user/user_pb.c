/* domain -> pb for accounts. */
#include "services/user/user_pb.h"

/* A user without a scored attempt has no statistics. */
static bool quiz_stats_to_pb(struct ql_call *call, const struct quiz_stats *stats,
                             QuizStats **ret_pb)
{
    if (stats->attempts == 0)
        return true;
    *ret_pb = ql_arena_alloc(call->arena, sizeof(**ret_pb));
    if (*ret_pb == NULL)
        return false;
    QuizStats_init(*ret_pb);
    (*ret_pb)->attempts = stats->attempts;
    (*ret_pb)->quizzes = stats->quizzes;
    (*ret_pb)->quizzes_passed = stats->quizzes_passed;
    (*ret_pb)->millipoints = stats->millipoints;
    (*ret_pb)->average_basis_points = stats->average_basis_points;
    return true;
}

User *user_to_pb(struct ql_call *call, const struct user *user)
{
    static const Questline__User__V1__UserStatus statuses[] = {
        [USER_IS_NEW] = USER_STATUS_NEW,
        [USER_IS_ACTIVE] = USER_STATUS_ACTIVE,
        [USER_IS_BANNED] = USER_STATUS_BANNED,
        [USER_IS_DELETED] = USER_STATUS_DELETED,
    };
    User *pb = ql_arena_alloc(call->arena, sizeof(*pb));
    char *user_id = ql_arena_strdup(call->arena, user->user_id);

    if (pb == NULL || user_id == NULL)
        return NULL;
    User_init(pb);
    pb->user_id = user_id;
    pb->user_name = (char *)user->user_name;
    pb->gold = user->gold;
    pb->diamond = user->diamond;
    pb->status = statuses[user->status];
    pb->role = user->role == QL_ROLE_ADMIN ? USER_ROLE_ADMIN : USER_ROLE_USER;
    pb->time_zone = (char *)user->time_zone;
    return quiz_stats_to_pb(call, &user->quiz_stats, &pb->quiz_stats) ? pb : NULL;
}
