# Reads the protobuf-c headers of one package and writes names.h: short names
# for its messages and enums, so that code says Quest and Quest_init instead of
# Questline__Package__V1__Thing and questline__package__v1__thing__init. Behind
# them stands the file `contract`: the constants of contract_names.awk.
FNR == 1 {
    path = FILENAME; sub(/.*\/questline\//, "questline/", path)
    includes = includes "#include \"" path "\"\n"
    if (guard == "") {
        guard = toupper(path); sub(/\/[^\/]*$/, "", guard); gsub(/[^A-Z0-9]/, "_", guard)
    }
}
/^void +questline__.*__init$/ { lower = $2; sub(/__init$/, "", lower); next }
lower != "" && /^ *\(Questline__/ {
    long = $1; sub(/^\(/, "", long)
    name = long; sub(/^Questline__[A-Za-z0-9]+__V[0-9]+__/, "", name); gsub(/__/, "_", name)
    body = body "typedef " long " " name ";\n"
    body = body "#define " name "_init " lower "__init\n"
    body = body "#define " name "_pack " lower "__pack\n"
    body = body "#define " name "_pack_size " lower "__get_packed_size\n"
    body = body "#define " name "_unpack " lower "__unpack\n"
    body = body "#define " name "_descriptor " lower "__descriptor\n\n"
    lower = ""
}
/^  QUESTLINE__[A-Z0-9_]+ = [0-9]+,?$/ {
    short = $1; sub(/^QUESTLINE__[A-Z0-9]+__V[0-9]+__/, "", short)
    split(short, part, "__")
    short = (index(part[2], part[1] "_") == 1) ? part[2] : part[1] "_" part[2]
    enums = enums "#define " short " " $1 "\n"
}
END {
    print "/* Made by scripts/generate.sh: short names for the messages of one package,\n * and constants for its methods, events and queue. */"
    print "#ifndef " guard "_NAMES_H\n#define " guard "_NAMES_H\n"
    print includes
    printf "%s", body
    if (enums != "") print enums
    while (contract != "" && (getline line <contract) > 0) print line
    print "#endif"
}
