# How every file of ours is compiled: C11, all warnings, warnings are errors.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1 -D_FORTIFY_SOURCE=2")

find_program(QL_CCACHE ccache)
if(QL_CCACHE)
    set(CMAKE_C_COMPILER_LAUNCHER "${QL_CCACHE}")
endif()

set(QL_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=, for every target")
add_compile_definitions(_GNU_SOURCE)
# Every symbol is resolved at the start, and the tables of it are read-only from then on; a
# stack that grows touches each page, so that none is skipped.
add_link_options(LINKER:-z,relro LINKER:-z,now)
add_compile_options(-fno-common -fstack-protector-strong -fstack-clash-protection -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(QL_SANITIZE)
    add_compile_options(-fsanitize=${QL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${QL_SANITIZE})
endif()

# Points where tests end or stop a process; see platform/base/fault.h.
if(QL_FAULTS)
    add_compile_definitions(QL_FAULTS)
endif()

# Strictness for our own code; generated code gets none of it.
add_library(ql_strict INTERFACE)
target_compile_options(ql_strict INTERFACE
    -Wall -Wextra -Wpedantic -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wwrite-strings -Wformat=2 -Wundef -Wvla)
