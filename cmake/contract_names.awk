# Reads the contract (a FileDescriptorSet in protobuf's text format, our options by
# their names) and writes what C code says of one package's services and events:
#
#   -v package=questline.arena.v1 -v emit=names    constants, for names.h
#   -v package=questline.arena.v1 -v emit=server   the methods to serve, server.h
#   -v package=questline.arena.v1 -v emit=client   calls of the methods, client.h
#   -v emit=tokens   of all packages: who issues the tokens of accounts, tokens.h
function text(value) {
    sub(/^[^"]*"/, "", value); sub(/"$/, "", value)
    return value
}
# CreateApiKey -> create_api_key
function snake(name) {
    gsub(/[A-Z]/, "_&", name); sub(/^_/, "", name)
    return tolower(name)
}
function domain(name) {
    split(name, part, ".")
    return part[2]
}
# The short C name of a message of this package.
function message(type) {
    if (index(type, "." package ".") != 1) fail(type " is no message of " package)
    type = substr(type, length(package) + 3); gsub(/\./, "_", type)
    return type
}
function fail(why) {
    print why >"/dev/stderr"
    failed = 1
    exit 1
}
function add_event(type) {
    n_events++; event_type[n_events] = type; event_key[n_events] = key
}
function banner(guard, what) {
    guard = toupper(package "." guard "_h"); gsub(/[^A-Z0-9]/, "_", guard)
    print "/* Made by scripts/generate.sh: " what " */"
    print "#ifndef " guard "\n#define " guard "\n"
}

/^ *[a-z0-9_\[\].]+ \{$/ {
    depth++; block[depth] = $1; path = path "/" $1
    if (path == "/file/message_type/options/[questline.event.v1.event]") { n_types = 0; key = ""; publisher = "" }
    if (path == "/file/service/options/[questline.event.v1.queue]" && of_package) queue[++n_queues] = ""
    if (path == "/file/service") n_of_service = 0
    next
}
/^ *\}$/ {
    if (path == "/file/service/method" && of_package) {
        n_methods++; n_of_service++
        method[n_methods] = service "_" name; method_name[n_methods] = package "." service "/" name
        input[n_methods] = message(in_type); output[n_methods] = message(out_type)
        call[n_methods] = snake(service) "_" snake(name)
        of_service[n_methods] = service
    }
    if (path == "/file/service" && of_package && n_of_service) { n_services++; services[n_services] = service }
    if (path == "/file/message_type/options/[questline.event.v1.event]" && of_package) {
        if (n_types == 0) add_event(body)
        for (i = 1; i <= n_types; i++) add_event(types[i])
    }
    if (path == "/file/message_type/options/[questline.event.v1.event]" && revokes) {
        if (revocation != "") fail(body " and " revocation " both revoke tokens")
        revocation = body; revocation_package = file_package; issuer = publisher; revokes = 0
    }
    path = substr(path, 1, length(path) - length(block[depth]) - 1); depth--
    next
}
path == "/file" && /^ *package:/ { file_package = text($0); of_package = file_package == package; next }
path == "/file/service" && /^ *name:/ { service = text($0); next }
path == "/file/service/options/[questline.event.v1.queue]" && /^ *name:/ { if (of_package) queue[n_queues] = text($0); next }
path == "/file/service/method" && /^ *name:/ { name = text($0); next }
path == "/file/service/method" && /^ *input_type:/ { in_type = text($0); next }
path == "/file/service/method" && /^ *output_type:/ { out_type = text($0); next }
path == "/file/message_type" && /^ *name:/ { body = text($0); next }
path == "/file/message_type/options/[questline.event.v1.event]" && /^ *key:/ { key = text($0); next }
path == "/file/message_type/options/[questline.event.v1.event]" && /^ *publisher:/ { publisher = text($0); next }
path == "/file/message_type/options/[questline.event.v1.event]" && /^ *revokes_tokens: true/ { revokes = 1; next }
path == "/file/message_type/options/[questline.event.v1.event]" && /^ *types:/ { types[++n_types] = text($0); next }

# A further queue has its name before the version: questline.arena.prizes.v1.
function queue_name(name,    version) {
    if (name == "") return package
    version = package; sub(/^.*\./, "", version)
    return substr(package, 1, length(package) - length(version)) name "." version
}
function queue_constant(name) { return name == "" ? "" : "_" toupper(name) }
function names(    i) {
    for (i = 1; i <= n_methods; i++) print "#define " method[i] " \"" method_name[i] "\""
    if (n_methods) print ""
    for (i = 1; i <= n_events; i++) {
        print "#define EVENT_" toupper(snake(event_type[i])) " \"" event_type[i] "\""
        print "#define EVENT_" toupper(snake(event_type[i])) "_KEY \"" event_key[i] "\""
    }
    if (n_events) print ""
    for (i = 1; i <= n_queues; i++) print "#define QUEUE_" toupper(domain(package)) queue_constant(queue[i]) " \"" queue_name(queue[i]) "\""
    if (n_queues) print ""
}
function server(    i, j) {
    banner("server", "the methods of " package ", for the program that serves them.")
    print "#include \"platform/rpc/server/method.h\"\n#include \"" folder "/names.h\"\n"
    for (i = 1; i <= n_methods; i++) {
        print "typedef " input[i] " " method[i] "_input;"
        print "typedef " output[i] " " method[i] "_output;"
        print "#define " method[i] "_input_descriptor " input[i] "_descriptor"
        print "#define " method[i] "_output_descriptor " output[i] "_descriptor"
        print "extern const struct ql_rpc_method " method[i] "_method[];\n"
    }
    for (j = 1; j <= n_services; j++) {
        printf "#define %s_METHODS", services[j]
        for (i = 1; i <= n_methods; i++)
            if (of_service[i] == services[j]) { printf "%s \\\n    %s_method", comma, method[i]; comma = "," }
        comma = ""
        print "\n"
    }
    printf "/* Every method of the package: without its handler the program does not link. */\n"
    printf "#define %s_METHODS", toupper(domain(package))
    for (j = 1; j <= n_services; j++) { printf "%s \\\n    %s_METHODS", comma, services[j]; comma = "," }
    print "\n\n#endif"
}
function client(    i) {
    banner("client", "calls of the methods of " package ".")
    print "#include \"platform/rpc/client/unary_call.h\"\n#include \"" folder "/names.h\"\n"
    print "/* Each calls and waits as ql_rpc_call does; those that end with _as send this token"
    print " * (\"\" for none) instead of the channel's own. The answer lies in the call's arena. */\n"
    for (i = 1; i <= n_methods; i++) {
        print "QL_MUST_CHECK static inline enum ql_code " call[i] "("
        print "    struct ql_call *call, struct ql_rpc_channel *channel, const " input[i] " *in,"
        print "    " output[i] " **ret_out)\n{"
        print "    return ql_rpc_call(call, channel, " method[i] ", in,"
        print "                       &" output[i] "_descriptor, ret_out);\n}\n"
        print "QL_MUST_CHECK static inline enum ql_code " call[i] "_as("
        print "    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,"
        print "    const " input[i] " *in, " output[i] " **ret_out)\n{"
        print "    return ql_rpc_call_as(call, channel, authorization, " method[i] ", in,"
        print "                          &" output[i] "_descriptor, ret_out);\n}\n"
    }
    print "#endif"
}
function tokens() {
    if (revocation == "") fail("no event revokes tokens")
    gsub(/\./, "/", revocation_package)
    print "/* Made by scripts/generate.sh: who issues the tokens of accounts, and what revokes them. */"
    print "#ifndef QUESTLINE_TOKENS_H\n#define QUESTLINE_TOKENS_H\n"
    print "#include \"" revocation_package "/names.h\"\n"
    print "#define ACCOUNT_TOKEN_ISSUER \"" issuer "\"\n"
    print "typedef " revocation " TokenRevocation;"
    print "#define TokenRevocation_descriptor " revocation "_descriptor"
    print "#define TokenRevocation_init       " revocation "_init"
    print "#define EVENT_TOKEN_REVOCATION     EVENT_" toupper(snake(revocation))
    print "#define EVENT_TOKEN_REVOCATION_KEY EVENT_" toupper(snake(revocation)) "_KEY\n\n#endif"
}
END {
    if (failed) exit 1
    folder = package; gsub(/\./, "/", folder)
    if (emit == "names") names()
    if (emit == "tokens") tokens()
    if (emit == "server" && n_methods) server()
    if (emit == "client" && n_methods) client()
}
