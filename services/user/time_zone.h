/* Time zones that a user may have: names of the system's zone data. */
#ifndef QL_USER_TIME_ZONE_H
#define QL_USER_TIME_ZONE_H

#include <stdbool.h>

enum { TIME_ZONE_MAX = 64 };

/* Where Debian's tzdata is. */
#define TIME_ZONE_FOLDER "/usr/share/zoneinfo"

/* Whether a name is written like one of the IANA's: "Europe/Berlin", "Etc/GMT+1".
 * Such a name leads nowhere but below the folder that it is looked up in. */
bool time_zone_name_is_valid(const char *name);

/* Whether the zone data in that folder have the zone. "UTC" is there without any;
 * the machine's own zone, and the copies that count leap seconds, are not. */
bool time_zone_exists(const char *folder, const char *name);

#endif
