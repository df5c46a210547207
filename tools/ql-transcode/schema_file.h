/* A descriptor set from a file. */
#ifndef QL_TRANSCODE_SCHEMA_FILE_H
#define QL_TRANSCODE_SCHEMA_FILE_H

#include "platform/pb/schema/schema.h"

/* NULL with error filled when the file cannot be read or is no descriptor set. */
struct ql_schema *schema_file_read(const char *path, char *error, size_t error_size);

#endif
