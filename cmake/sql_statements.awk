# Turns a file of named SQL statements into C: each "-- name: quest_insert" opens
# `static const struct ql_pg_statement sql_quest_insert`, up to the next one or
# the end; comments and the closing semicolon are dropped.
function finish() {
    if (name == "") return
    sub(/;[ \t\n]*$/, "", text)
    gsub(/\\/, "\\\\", text); gsub(/"/, "\\\"", text); gsub(/\n/, "\\n\"\n    \"", text)
    printf "static const struct ql_pg_statement sql_%s __attribute__((unused)) = {\"%s\",\n    \"%s\"};\n\n", name, name, text
    name = ""; text = ""
}
BEGIN { print "/* Made from a .sql file by cmake/sql_statements.awk. */\n#include \"platform/pg/statement.h\"\n" }
/^-- name: / { finish(); name = $3; text = ""; next }
/^[ \t]*--/ { next }
/^[ \t]*$/ { next }
name != "" { text = (text == "") ? $0 : text "\n" $0 }
END { finish() }
