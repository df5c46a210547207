# Turns migrations/NNNN_title.sql, in order, into a table of migrations in C.
function finish() {
    if (title != "") print "     \"\"},"
}
BEGIN {
    print "/* Made from migrations/ by cmake/sql_migrations.awk. */\n#include \"platform/pg/migration.h\"\n"
    print "#pragma GCC diagnostic push\n#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n"
    print "static const struct ql_pg_migration sql_migrations[] = {"
}
FNR == 1 {
    finish()
    title = FILENAME; sub(/.*\//, "", title); sub(/\.sql$/, "", title)
    print "    {" (substr(title, 1, 4) + 0) ", \"" title "\","
}
{ gsub(/[\\"?]/, "\\\\&"); print "     \"" $0 "\\n\"" }
END { finish(); print "    {0, 0, 0},\n};\n\n#pragma GCC diagnostic pop" }
