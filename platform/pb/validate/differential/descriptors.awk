# The descriptors of all generated messages of some headers, as a C table.
/^extern const ProtobufCMessageDescriptor / {
    name = $4
    sub(/;$/, "", name)
    names[++n] = name
}
FNR == 1 {
    header = FILENAME
    sub(/^.*generated\/c\//, "", header)
    print "#include \"" header "\""
}
END {
    print "static const ProtobufCMessageDescriptor *const descriptors[] = {"
    for (i = 1; i <= n; i++)
        print "    &" names[i] ","
    print "};"
}
