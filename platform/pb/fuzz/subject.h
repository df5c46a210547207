/* What the fuzz targets share: which message an input is about, a call of
 * bounded memory, and claims that end the run when they do not hold.
 *
 * The first byte of an input chooses the message, the rest is its text or its
 * bytes. One thread. */
#ifndef QLI_PB_FUZZ_SUBJECT_H
#define QLI_PB_FUZZ_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "platform/base/buffer.h"
#include "platform/base/call.h"
#include "platform/pb/schema/schema.h"

struct fuzz_subject {
    const char *name;
    const struct ql_schema *schema;
    const struct ql_message *message;
    const ProtobufCMessageDescriptor *generated; /* NULL: no generated code */
    bool has_required;                           /* which only protobuf-c asks for */
};

/* The message that a first byte chooses, and the other way round; -1: none. */
const struct fuzz_subject *fuzz_subject_of(uint8_t byte);
int fuzz_subject_byte(const char *name);

/* A fresh call on an emptied arena, the same one for every input. */
struct ql_call *fuzz_call_begin(void);

/* Ends the run: prints what was claimed and the call's status (call may be
 * NULL), and aborts. */
_Noreturn void fuzz_claim_broken(const struct ql_call *call, const char *claim, const char *file,
                                 int line);

#define FUZZ_CLAIM(call, claim)                                                                    \
    do {                                                                                           \
        if (!(claim))                                                                              \
            fuzz_claim_broken((call), #claim, __FILE__, __LINE__);                                 \
    } while (0)

/* rc is the call's code and comes with one of reasons (words between spaces). */
void fuzz_claim_refused(const struct ql_call *call, enum ql_code rc, const char *reasons);

/* Why checked bytes may have no JSON. */
#define FUZZ_UNPRINTABLE                                                                           \
    " UNPRINTABLE_VALUE UNKNOWN_ANY_TYPE MALFORMED_MESSAGE MESSAGE_TOO_DEEP MESSAGE_TOO_LARGE "    \
    "MEMORY_LIMIT "

/* wire, which passed the check, becomes JSON or is refused with a reason; JSON
 * that was printed reads, passes the check and prints as itself. Returns
 * whether there was JSON, which lies in *ret_json until the next call of this. */
bool fuzz_claim_prints(const struct fuzz_subject *subject, const void *wire, size_t length,
                       const struct ql_buffer **ret_json);

/* Writes one seed file: FOLDER/TARGET/NUMBER. byte < 0: no first byte. */
void fuzz_seed_write(const char *folder, const char *target, int byte, const void *bytes,
                     size_t length);

#endif
