# The client library: what a program of somebody else needs to call a Questline.
# `cmake --install BUILD --component client` gives it, with public headers, a
# pkg-config file, a CMake package (find_package(Questline)) and the contract.
# docs/client.md says what is public.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(client_modules generated base pb_wire pb_schema pb_json auth rpc rpc_client)
set(client_headers
    base/arena.h base/attributes.h base/buffer.h base/call.h base/clock.h base/id.h base/log.h
    base/status.h base/trace.h pb/schema/schema.h pb/json/json.h pb/json/options.h
    pb/schema/message.h pb/schema/wire_check.h auth/signer.h auth/token.h auth/verifier.h
    rpc/client/channel.h rpc/client/pending_call.h rpc/client/request.h rpc/client/result.h
    rpc/client/unary_call.h)
set(client_include "${CMAKE_INSTALL_INCLUDEDIR}/questline")

function(_ql_client_library target kind)
    set(objects ${client_modules})
    list(TRANSFORM objects REPLACE "(.+)" "$<TARGET_OBJECTS:ql_\\1>")
    add_library(${target} ${kind} ${objects})
    set_target_properties(${target} PROPERTIES
        OUTPUT_NAME questline LINKER_LANGUAGE C VERSION ${PROJECT_VERSION}
        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
        LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib" ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
    target_include_directories(${target} INTERFACE
        "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>" "$<INSTALL_INTERFACE:${client_include}>")
    target_link_libraries(${target} PUBLIC PkgConfig::PROTOBUF_C PRIVATE PkgConfig::SODIUM
        PkgConfig::JWT PkgConfig::JANSSON OpenSSL::Crypto nng::nng Threads::Threads)
    install(TARGETS ${target} EXPORT QuestlineTargets COMPONENT client
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endfunction()

_ql_client_library(questline STATIC)
if(QL_SHARED_CLIENT) # its modules are compiled for it then: see CMakeLists.txt
    _ql_client_library(questline_shared SHARED)
    target_link_options(questline_shared PRIVATE
        "LINKER:--version-script=${CMAKE_CURRENT_LIST_DIR}/client/exports.map")
endif()

# platform/nng defines sysconf, for programs of ours alone: other people's programs keep
# the C library's.
if(BUILD_TESTING)
    add_test(NAME client.defines_no_sysconf
        COMMAND "${CMAKE_CURRENT_LIST_DIR}/client/lacks_symbol.sh" "${CMAKE_NM}" sysconf
                $<TARGET_FILE:questline> $<$<TARGET_EXISTS:questline_shared>:$<TARGET_FILE:questline_shared>>)
endif()

foreach(header IN LISTS client_headers)
    get_filename_component(folder "${header}" DIRECTORY)
    install(FILES "${CMAKE_SOURCE_DIR}/platform/${header}" COMPONENT client
        DESTINATION "${client_include}/platform/${folder}")
endforeach()
install(FILES "${CMAKE_CURRENT_LIST_DIR}/client/client.h" COMPONENT client
    DESTINATION "${client_include}")
install(DIRECTORY "${CMAKE_SOURCE_DIR}/generated/c/" COMPONENT client
    DESTINATION "${client_include}" FILES_MATCHING PATTERN "*.h" PATTERN "server.h" EXCLUDE)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/proto/questline" "${CMAKE_SOURCE_DIR}/proto/google"
    "${CMAKE_SOURCE_DIR}/proto/buf"
    COMPONENT client DESTINATION "${CMAKE_INSTALL_DATADIR}/questline/proto"
    FILES_MATCHING PATTERN "*.proto")

# Relative, so that what is installed can be moved.
file(RELATIVE_PATH client_prefix_from_pc "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
string(REGEX REPLACE "/$" "" client_prefix_from_pc "${client_prefix_from_pc}")
configure_file("${CMAKE_CURRENT_LIST_DIR}/client/questline.pc.in"
    "${CMAKE_BINARY_DIR}/client/questline.pc" @ONLY)
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/client/QuestlineConfig.cmake.in"
    "${CMAKE_BINARY_DIR}/client/QuestlineConfig.cmake"
    INSTALL_DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/Questline" PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/client/QuestlineConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/client/questline.pc" COMPONENT client
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
install(FILES "${CMAKE_BINARY_DIR}/client/QuestlineConfig.cmake"
    "${CMAKE_BINARY_DIR}/client/QuestlineConfigVersion.cmake" COMPONENT client
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/Questline")
install(EXPORT QuestlineTargets NAMESPACE Questline:: COMPONENT client
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/Questline")
