# Turns a file of named SQL statements into C: each "-- name: quest_insert" opens
# `static const struct ql_pg_statement sql_quest_insert`, up to the next one or
# the end; comment lines and the closing semicolon are dropped.
function finish() {
    if (name == "") return
    sub(/[ \t\n]*;?[ \t\n]*$/, "", text)
    gsub(/[\\"?]/, "\\\\&", text)
    gsub(/\n/, "\\n\"\n    \"", text)
    print "static const struct ql_pg_statement sql_" name " __attribute__((unused)) = {"
    print "    \"" name "\",\n    \"" text "\"};\n"
    name = ""; text = ""
}
BEGIN {
    print "/* Made from a .sql file by cmake/sql_statements.awk. */\n#include \"platform/pg/statement.h\"\n"
    print "#pragma GCC diagnostic push\n#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n"
}
/^-- name: / { finish(); name = $3; text = ""; next }
/^[ \t]*--/ { next }
/^[ \t]*$/ { next }
name != "" { text = (text == "") ? $0 : text "\n" $0 }
END { finish(); print "#pragma GCC diagnostic pop" }
