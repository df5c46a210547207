/* File descriptors: as many as the system allows, and a reserve that connections
 * from outside cannot take. Module-internal.
 *
 * Who connects costs a descriptor before anything is known of the connection, and
 * neither nng nor h2o bounds that. The process therefore closes what it accepts into
 * the last of its descriptors at once: those stay for databases, broker and files. */
#ifndef QL_PROCESS_DESCRIPTORS_H
#define QL_PROCESS_DESCRIPTORS_H

enum {
    QLI_DESCRIPTORS_MAX = 65536,  /* what the soft limit is raised to, within the hard one */
    QLI_DESCRIPTORS_RESERVE = 128 /* or a quarter of a small limit */
};

/* Raises the limit and begins to keep the reserve. Before threads start. */
void qli_descriptors_prepare(void);

#endif
