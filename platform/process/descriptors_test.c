/* Connections take no descriptor of the reserve. The limits are this program's own. */
#include "platform/process/descriptors.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { HARD = 200, RESERVE = HARD / 4, CLIENTS = 60 };

static int listener;
static struct sockaddr_in address = {.sin_family = AF_INET};

static int set_up(void **state)
{
    socklen_t length = sizeof(address);

    (void)state;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, CLIENTS), 0);
    return getsockname(listener, (struct sockaddr *)&address, &length);
}

static void test_soft_limit_is_raised_and_a_reserve_kept_from_connections(void **state)
{
    struct rlimit limit = {.rlim_cur = HARD / 2, .rlim_max = HARD};
    int connections[2 * HARD], fd, n_connections = 0, n_refused = 0, n_files = 0;

    (void)state;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    qli_descriptors_prepare();
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(limit.rlim_cur, HARD);
    while (n_refused < 3) {
        int client = socket(AF_INET, SOCK_STREAM, 0);

        assert_true(client >= 0);
        assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
        errno = 0;
        fd = n_connections % 2 == 0 ? accept(listener, NULL, NULL)
                                    : accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) {
            connections[n_connections++] = fd;
            assert_in_range(fd, 0, HARD - RESERVE - 1);
        } else {
            assert_int_equal(errno, ECONNABORTED);
            n_refused++;
        }
        close(client);
    }
    assert_int_equal(accept(listener, NULL, NULL), -1);
    assert_int_equal(errno, EAGAIN);
    while ((fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        connections[n_connections + n_files++] = fd;
    assert_true(n_connections > HARD / 2 && n_files >= RESERVE);
    for (int i = 0; i < n_connections + n_files; i++)
        close(connections[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_soft_limit_is_raised_and_a_reserve_kept_from_connections),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
