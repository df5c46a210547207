# Turns a Lua script for Redis, one to a file, into C: put_newer.lua becomes
# `static const struct ql_redis_script lua_put_newer`. Comment lines become empty
# ones, so that the lines of an error message are those of the file.
BEGIN { print "/* Made from a .lua file by cmake/lua_script.awk. */\n#include \"platform/redis/command.h\"\n" }
FNR == 1 {
    name = FILENAME
    sub(/.*\//, "", name)
    sub(/\.lua$/, "", name)
    print "#pragma GCC diagnostic push\n#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n"
    print "static const struct ql_redis_script lua_" name " __attribute__((unused)) = {\n    \"" name "\","
}
{
    if ($0 ~ /^[ \t]*--/) $0 = ""
    gsub(/[\\"?]/, "\\\\&")
    print "    \"" $0 "\\n\""
}
END { print "};\n\n#pragma GCC diagnostic pop" }
