/* Tokens: JWTs signed with ES256 (RFC 7519, RFC 7518), which every process verifies
 * itself (verifier.h).
 *
 * Each service has a key pair (signer.h); the public keys of all are in one JWKS file
 * (RFC 7517), which is read again when it changes. A key's `kid` is "<issuer>-<digits>" and
 * is bound to that issuer: one service's key never verifies a token of another issuer.
 * The tokens of accounts are issued by one service, which the contract names
 * (questline/event/v1/options.proto, revokes_tokens): role user or admin, or publisher
 * for a game server's account, with the event types it may publish in the claim "evt".
 * They carry the generation of the account's tokens (claim "gen") and the session that they
 * belong to ("sid"), by which they can be revoked before they expire. A service signs its
 * own tokens (iss = sub = its name, aud = the callee). */
#ifndef QL_AUTH_TOKEN_H
#define QL_AUTH_TOKEN_H

enum {
    QL_TOKEN_MAX = 2048,
    QL_EVENT_GRANT_SIZE = 256,
    QL_ACCOUNT_TOKEN_LIFE_S = 600,
    QL_SERVICE_TOKEN_LIFE_S = 60,
};

#define QL_ACCOUNT_AUDIENCE "questline"

/* The issuer of operators' tokens: the command line, with a key of its own. */
#define QL_OPERATOR_ISSUER "questctl"

#endif
