/* Made by scripts/generate.sh: who issues the tokens of accounts, and what revokes them. */
#ifndef QUESTLINE_TOKENS_H
#define QUESTLINE_TOKENS_H

#include "questline/user/v1/names.h"

#define ACCOUNT_TOKEN_ISSUER "user"

typedef TokensRevoked TokenRevocation;
#define TokenRevocation_descriptor TokensRevoked_descriptor
#define TokenRevocation_init       TokensRevoked_init
#define EVENT_TOKEN_REVOCATION     EVENT_TOKENS_REVOKED
#define EVENT_TOKEN_REVOCATION_KEY EVENT_TOKENS_REVOKED_KEY

#endif
