# Writes a file as a C array: ql_descriptor_set and ql_descriptor_set_length.
file(READ "${IN}" hex HEX)
file(SIZE "${IN}" length)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
file(WRITE "${OUT}" "#include <stddef.h>\nextern const unsigned char ql_descriptor_set[];\nextern const size_t ql_descriptor_set_length;\nconst unsigned char ql_descriptor_set[] = {\n${bytes}\n};\nconst size_t ql_descriptor_set_length = ${length};\n")
