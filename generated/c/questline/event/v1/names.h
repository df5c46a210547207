/* Made by scripts/generate.sh: short names for the messages of one package. */
#ifndef QUESTLINE_EVENT_V1_NAMES_H
#define QUESTLINE_EVENT_V1_NAMES_H

#include "questline/event/v1/event.pb-c.h"

typedef Questline__Event__V1__Event Event;
#define Event_init questline__event__v1__event__init
#define Event_pack questline__event__v1__event__pack
#define Event_pack_size questline__event__v1__event__get_packed_size
#define Event_unpack questline__event__v1__event__unpack
#define Event_descriptor questline__event__v1__event__descriptor

#endif
