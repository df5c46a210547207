/* The read side of the process: its kinds, and what keeps it in step. */
#ifndef QL_QUIZ_READS_H
#define QL_QUIZ_READS_H

#include "services/quiz/app/quiz_service.h"

/* By QUIZ_READS_QUIZZES and QUIZ_READS_FIGURES. */
extern const struct ql_read_kind reads_kinds[QUIZ_READS_KINDS];

enum ql_code reads_start(struct ql_call *call, struct quiz_service *app) QL_MUST_CHECK;
/* Any number of times, also after a start that failed half-way. */
void reads_stop(struct quiz_service *app);

/* Forgets the read model and makes it from PostgreSQL: --rebuild-read-model. */
enum ql_code reads_rebuild(struct ql_call *call, void *app) QL_MUST_CHECK;

#endif
