/* questctl broker declare: the topology, by the account that may declare it. */
#include "platform/events/topology.h"
#include "tools/questctl/questctl.h"

static int broker_declare_run(struct questctl *ctl)
{
    if (ctl->stack.amqp_admin_url[0] == '\0')
        return questctl_misused("no administrator of the broker is known: set QL_AMQP_ADMIN_URL "
                                "or QL_AMQP_ADMIN_URL_FILE, or give --state DIR");
    if (ql_topology_declare(&ctl->call, ctl->stack.amqp_admin_url) != QL_OK)
        return questctl_failed(ctl, &ctl->call.status);
    for (const struct ql_queue *queue = ql_queues; queue->name != NULL; queue++) {
        if (!ctl->options.json)
            fprintf(ctl->out, "declared %s, %s and %s\n", queue->name, queue->dead_letter,
                    queue->replay);
    }
    if (ctl->options.json)
        fputs("{\"declared\":true}\n", ctl->out);
    return EXIT_FINE;
}

const struct command broker_declare_command = {
    .name = "broker",
    .action = "declare",
    .synopsis = "",
    .help = "Declares every exchange, queue and binding that is missing; what is there stays,\n"
            "with its messages. Services may not do that themselves: run it before the first\n"
            "start of a version, and when a broker has lost its queues. Needs the broker's\n"
            "administrator: QL_AMQP_ADMIN_URL (or QL_AMQP_ADMIN_URL_FILE).\n",
    .timeout_s = 60,
    .run = broker_declare_run,
};
