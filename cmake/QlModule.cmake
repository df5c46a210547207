# A module is a folder: its *.c become a library, its *_test.c become tests, its
# *.sql become statements and migrations, its *.lua scripts for Redis. So a CMakeLists.txt is a few lines.
#
#   ql_module(pg DEPENDS base PACKAGES PkgConfig::PQ)
#   ql_service(NAME)
#   ql_program(questline-gateway DEPENDS base pb PACKAGES PkgConfig::H2O)
#   ql_service(processing FOLDERS rules store replay live rpc)
#
# FOLDERS of a program are part of it, named from the bottom up: a file includes what is in
# its own folder and in those named before. scripts/lint.sh checks that.

find_program(QL_AWK NAMES mawk gawk awk REQUIRED)

# The files of a pattern in the current folder and in those of its folders that are named.
function(_ql_glob out pattern)
    set(found)
    foreach(folder IN ITEMS "." LISTS ARGN)
        file(GLOB files CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/${pattern}")
        list(APPEND found ${files})
    endforeach()
    set(${out} "${found}" PARENT_SCOPE)
endfunction()

# Turns the *.sql (statements) of the module and its folders, and migrations/*.sql, into C.
function(_ql_embed_sql target)
    _ql_glob(statements "*.sql" ${ARGN})
    list(FILTER statements EXCLUDE REGEX "/schema\\.sql$")
    file(GLOB migrations CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/migrations/*.sql")
    foreach(file IN LISTS statements)
        get_filename_component(noun "${file}" NAME_WE)
        set(out "${CMAKE_CURRENT_BINARY_DIR}/${noun}_sql.h")
        add_custom_command(OUTPUT "${out}"
            COMMAND ${QL_AWK} -f "${CMAKE_SOURCE_DIR}/cmake/sql_statements.awk" "${file}" > "${out}"
            DEPENDS "${file}" "${CMAKE_SOURCE_DIR}/cmake/sql_statements.awk" VERBATIM)
        target_sources(${target} PRIVATE "${out}")
    endforeach()
    if(migrations)
        set(out "${CMAKE_CURRENT_BINARY_DIR}/migrations_sql.h")
        list(SORT migrations)
        add_custom_command(OUTPUT "${out}"
            COMMAND ${QL_AWK} -f "${CMAKE_SOURCE_DIR}/cmake/sql_migrations.awk" ${migrations} > "${out}"
            DEPENDS ${migrations} "${CMAKE_SOURCE_DIR}/cmake/sql_migrations.awk" VERBATIM)
        target_sources(${target} PRIVATE "${out}")
    endif()
    target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}")
endfunction()

# Turns the Lua scripts of a folder into C: lua_<noun> in <noun>_lua.h.
function(_ql_embed_lua target folder)
    file(GLOB scripts CONFIGURE_DEPENDS "${folder}/*.lua")
    foreach(file IN LISTS scripts)
        get_filename_component(noun "${file}" NAME_WE)
        set(out "${CMAKE_CURRENT_BINARY_DIR}/${noun}_lua.h")
        add_custom_command(OUTPUT "${out}"
            COMMAND ${QL_AWK} -f "${CMAKE_SOURCE_DIR}/cmake/lua_script.awk" "${file}" > "${out}"
            DEPENDS "${file}" "${CMAKE_SOURCE_DIR}/cmake/lua_script.awk" VERBATIM)
        target_sources(${target} PRIVATE "${out}")
    endforeach()
endfunction()

function(_ql_tests target packages)
    if(NOT BUILD_TESTING)
        return()
    endif()
    _ql_glob(tests "*_test.c" ${ARGN})
    foreach(test IN LISTS tests)
        get_filename_component(noun "${test}" NAME_WE)
        set(name "${target}_${noun}")
        add_executable(${name} "${test}")
        target_include_directories(${name} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}" "${CMAKE_SOURCE_DIR}")
        target_link_libraries(${name} PRIVATE ql_strict ${target} PkgConfig::CMOCKA ${packages})
        add_test(NAME ${target}.${noun} COMMAND ${name})
        if(target MATCHES "events|outbox|service")
            set_tests_properties(${target}.${noun} PROPERTIES RESOURCE_LOCK broker)
        endif()
        set_tests_properties(${target}.${noun} PROPERTIES
            TIMEOUT 120 LABELS "unit" SKIP_RETURN_CODE 77
            ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/cmake/lsan.supp:print_suppressions=0;UBSAN_OPTIONS=print_stacktrace=1")
    endforeach()
endfunction()

function(_ql_sources out)
    _ql_glob(sources "*.c" ${ARGN})
    list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.c$")
    set(${out} "${sources}" PARENT_SCOPE)
endfunction()

# A module of the platform: library ql_<name>, public to the layers above. TEST_DEPENDS names
# libraries that its tests link besides.
function(ql_module name)
    cmake_parse_arguments(ARG "" "" "DEPENDS;PACKAGES;TEST_DEPENDS" ${ARGN})
    _ql_sources(sources)
    if(NOT sources)
        message(FATAL_ERROR "the module ${name} has no sources in ${CMAKE_CURRENT_SOURCE_DIR}")
    endif()
    list(TRANSFORM ARG_DEPENDS PREPEND ql_)
    add_library(ql_${name} STATIC ${sources})
    target_include_directories(ql_${name} PUBLIC "${CMAKE_SOURCE_DIR}")
    target_link_libraries(ql_${name} PUBLIC ${ARG_DEPENDS} PRIVATE ql_strict ${ARG_PACKAGES})
    _ql_embed_sql(ql_${name})
    _ql_embed_lua(ql_${name} "${CMAKE_CURRENT_SOURCE_DIR}")
    list(TRANSFORM ARG_TEST_DEPENDS PREPEND ql_)
    _ql_tests(ql_${name} "${ARG_TEST_DEPENDS};${ARG_PACKAGES}")
endfunction()

# A program: main.c beside a library of the rest, which the tests link.
function(ql_program name)
    cmake_parse_arguments(ARG "" "" "DEPENDS;PACKAGES;FOLDERS" ${ARGN})
    string(REPLACE "-" "_" library "${name}")
    _ql_sources(sources ${ARG_FOLDERS})
    if(NOT sources OR NOT EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/main.c")
        message(FATAL_ERROR "the program ${name} has no main.c or nothing beside it in ${CMAKE_CURRENT_SOURCE_DIR}")
    endif()
    list(TRANSFORM ARG_DEPENDS PREPEND ql_)
    set(inside ${library}_inside)
    add_library(${inside} STATIC ${sources})
    target_include_directories(${inside} PUBLIC "${CMAKE_SOURCE_DIR}")
    target_link_libraries(${inside} PUBLIC ${ARG_DEPENDS} PRIVATE ql_strict ${ARG_PACKAGES})
    _ql_embed_sql(${inside} ${ARG_FOLDERS})
    foreach(folder IN ITEMS "." LISTS ARG_FOLDERS)
        _ql_embed_lua(${inside} "${CMAKE_CURRENT_SOURCE_DIR}/${folder}")
    endforeach()
    _ql_tests(${inside} "${ARG_PACKAGES}" ${ARG_FOLDERS})
    add_executable(${name} main.c)
    target_link_libraries(${name} PRIVATE ql_strict ${inside} ${ARG_PACKAGES})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
    install(TARGETS ${name} RUNTIME DESTINATION bin COMPONENT programs)
endfunction()

# A service: a program on the whole platform, named questline-<name>; its tests share
# services/testing.
function(ql_service name)
    ql_program(questline-${name} DEPENDS service ${ARGN})
    if(BUILD_TESTING)
        get_property(targets DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
        list(FILTER targets INCLUDE REGEX "_test$")
        foreach(test IN LISTS targets)
            target_link_libraries(${test} PRIVATE ql_services_testing)
        endforeach()
    endif()
endfunction()
