/* File descriptors: as many as the system allows, and a reserve that incoming connections
 * cannot take. Module-internal.
 *
 * A connection takes a descriptor before anything is known of it, and neither nng nor h2o
 * bounds their number. The process therefore closes a connection at once that is accepted
 * into the last of its descriptors: those are reserved for databases, broker and files. */
#ifndef QL_PROCESS_DESCRIPTORS_H
#define QL_PROCESS_DESCRIPTORS_H

enum {
    QLI_DESCRIPTORS_MAX = 65536,  /* what the soft limit is raised to, within the hard one */
    QLI_DESCRIPTORS_RESERVE = 128 /* or a quarter of a small limit */
};

/* Raises the limit and sets the reserve. Before threads start. */
void qli_descriptors_prepare(void);

#endif
