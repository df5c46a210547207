/* questctl broker declare: the topology, by the account that may declare it. */
#include "platform/events/topology.h"
#include "tools/questctl/questctl.h"

static int broker_declare_run(struct questctl *ctl)
{
    const struct ql_queue *queues;
    size_t n_queues;

    if (ctl->stack.amqp_admin_url[0] == '\0')
        return questctl_misused("no administrator of the broker is known: set QL_AMQP_ADMIN_URL "
                                "or QL_AMQP_ADMIN_URL_FILE, or give --state DIR");
    if (ql_topology_declare(&ctl->call, ctl->stack.amqp_admin_url) != QL_OK)
        return questctl_failed(ctl, &ctl->call.status);
    queues = ql_queues(&n_queues);
    for (size_t i = 0; i < n_queues && !ctl->options.json; i++)
        fprintf(ctl->out, "declared %s, %s and %s\n", queues[i].name, queues[i].dead_letter,
                queues[i].replay);
    if (ctl->options.json)
        fputs("{\"declared\":true}\n", ctl->out);
    return EXIT_FINE;
}

const struct command broker_declare_command = {
    .name = "broker",
    .action = "declare",
    .synopsis = "",
    .help = "Declares every exchange, queue and binding that is missing; existing ones keep\n"
            "their messages. Services have no right to declare them: run this before the\n"
            "first start of a version, and after a broker has lost its queues. Needs the\n"
            "broker's administrator: QL_AMQP_ADMIN_URL (or QL_AMQP_ADMIN_URL_FILE).\n",
    .timeout_s = 60,
    .run = broker_declare_run,
};
