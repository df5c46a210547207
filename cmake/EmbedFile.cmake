# Writes a file as a C array: NAME and NAME_length.
file(READ "${IN}" hex HEX)
file(SIZE "${IN}" length)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
file(WRITE "${OUT}" "#include <stddef.h>\nextern const unsigned char ${NAME}[];\nextern const size_t ${NAME}_length;\nconst unsigned char ${NAME}[] = {\n${bytes}\n};\nconst size_t ${NAME}_length = ${length};\n")
