# Fuzz targets, for clang: in a module's fuzz/ each <noun>_fuzz.c becomes
# bin/fuzz_<noun>, and seeds.c the program bin/<module>_seeds that writes their
# first inputs. The target `fuzz` builds them all and what they need.

add_custom_target(fuzz)

function(ql_fuzz module)
    cmake_parse_arguments(ARG "" "" "DEPENDS;PACKAGES" ${ARGN})
    list(TRANSFORM ARG_DEPENDS PREPEND ql_)
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*_fuzz.c")
    set(programs ${module}_seeds)
    add_executable(${module}_seeds seeds.c)
    foreach(source IN LISTS sources)
        get_filename_component(noun "${source}" NAME_WE)
        string(REGEX REPLACE "_fuzz$" "" noun "${noun}")
        add_executable(fuzz_${noun} "${source}")
        target_link_options(fuzz_${noun} PRIVATE -fsanitize=fuzzer)
        list(APPEND programs fuzz_${noun})
    endforeach()
    foreach(program IN LISTS programs)
        target_link_libraries(${program} PRIVATE ql_strict ql_${module} ${ARG_DEPENDS} ${ARG_PACKAGES})
        set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
        add_dependencies(fuzz ${program})
    endforeach()
endfunction()
