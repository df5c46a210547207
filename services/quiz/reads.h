/* The read side of the process: its kinds, and what keeps it in step. */
#ifndef QL_QUIZ_READS_H
#define QL_QUIZ_READS_H

#include "services/quiz/app/quiz_service.h"

/* By QUIZ_READS_QUIZZES and QUIZ_READS_FIGURES. */
extern const struct ql_read_kind reads_kinds[QUIZ_READS_KINDS];

/* Of a service's table: app is the struct quiz_service. */
enum ql_code reads_start(struct ql_call *call, void *app) QL_MUST_CHECK;
void reads_stop(void *app);

/* Forgets the read model and makes it from PostgreSQL: --rebuild-read-model. */
enum ql_code reads_rebuild(struct ql_call *call, void *app) QL_MUST_CHECK;

#endif
