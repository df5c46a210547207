# Turns migrations/NNNN_title.sql, in order, into a table of migrations in C.
function finish() {
    if (file == "") return
    printf "    {%d, \"%s\",\n     \"%s\"},\n", number, title, text
}
function quoted(line) {
    gsub(/\\/, "\\\\", line); gsub(/"/, "\\\"", line)
    return line "\\n\"\n     \""
}
BEGIN {
    print "/* Made from migrations/ by cmake/sql_migrations.awk. */\n#include \"platform/pg/migration.h\"\n"
    print "static const struct ql_pg_migration sql_migrations[] = {"
}
FNR == 1 {
    finish()
    file = FILENAME; title = file; sub(/.*\//, "", title); sub(/\.sql$/, "", title)
    number = substr(title, 1, 4) + 0; text = ""
}
{ text = text quoted($0) }
END { finish(); print "    {0, 0, 0},\n};" }
