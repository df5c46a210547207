/* ql-keys: makes the services' signing keys and the JWKS file of their public
 * halves. Running it again changes nothing that is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ql-keys/key_ring.h"

enum { EXIT_USAGE = 2 };

static const char usage[] =
    "Usage: ql-keys DIR ISSUER...\n"
    "\n"
    "Makes DIR/ISSUER.pem, a P-256 private key of mode 0600, for each issuer that\n"
    "has none, and writes DIR/jwks.json from all keys of the folder. What is there\n"
    "already stays as it is.\n"
    "\n"
    "  --help    prints this text\n";

int main(int argc, char **argv)
{
    char error[512] = "";

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        }
    }
    if (argc < 3 || argv[1][0] == '-') {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (!key_ring_update(argv[1], argv + 2, (size_t)argc - 2, stdout, error, sizeof(error))) {
        fprintf(stderr, "ql-keys: %s\n", error);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
