/* Questline, for programs that call it: all public headers of the client library
 * at once. docs/client.md of the project shows a whole program.
 *
 * The messages of the contract are included one domain at a time:
 * "questline/<service>/v1/names.h"; the client.h beside each has a function for each of its
 * methods. */
#ifndef QUESTLINE_CLIENT_H
#define QUESTLINE_CLIENT_H

#include "platform/auth/signer.h"
#include "platform/auth/verifier.h"
#include "platform/base/arena.h"
#include "platform/base/buffer.h"
#include "platform/base/call.h"
#include "platform/base/clock.h"
#include "platform/base/id.h"
#include "platform/base/log.h"
#include "platform/pb/json/json.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/schema/schema.h"
#include "platform/pb/schema/wire_check.h"
#include "platform/rpc/client/channel.h"
#include "platform/rpc/client/pending_call.h"
#include "platform/rpc/client/request.h"
#include "platform/rpc/client/result.h"
#include "platform/rpc/client/unary_call.h"

#endif
