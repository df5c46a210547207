/* Claims about names of time zones. */
#include "services/user/time_zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void test_names_are_written_as_the_iana_writes_them(void **state)
{
    static const char *const good[] = {
        "UTC",     "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+12", "Etc/GMT-14",
        "EST5EDT", "GMT0",          "America/Port-au-Prince"};
    static const char *const bad[] = {"",
                                      "/",
                                      "/etc/passwd",
                                      "Europe/",
                                      "Europe//Berlin",
                                      "/Europe/Berlin",
                                      "../../etc/passwd",
                                      "Europe/../Etc/UTC",
                                      "Europe/.",
                                      "Europe/Ber lin",
                                      "Europe/Berlin\n",
                                      "Europe\\Berlin",
                                      "+01:00",
                                      "1/2",
                                      "Z\xc3\xbcrich"};
    char longest[TIME_ZONE_MAX + 2];

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(time_zone_name_is_valid(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(time_zone_name_is_valid(bad[i]));
    memset(longest, 'a', sizeof(longest));
    longest[TIME_ZONE_MAX + 1] = '\0';
    assert_false(time_zone_name_is_valid(longest));
    longest[TIME_ZONE_MAX] = '\0';
    assert_true(time_zone_name_is_valid(longest));
}

static void make_file(const char *folder, const char *name, const char *content)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, strlen(content), file), strlen(content));
    assert_int_equal(fclose(file), 0);
}

static void test_only_files_of_zone_data_are_zones(void **state)
{
    static const char *const files[] = {"Here", "tzdata", "localtime", "short"};
    char folder[] = "/tmp/zones-XXXXXX", path[256];

    (void)state;
    assert_non_null(mkdtemp(folder));
    make_file(folder, "Here", "TZif2 and so on");
    make_file(folder, "localtime", "TZif2 and so on");
    make_file(folder, "tzdata", "# version 2026a");
    make_file(folder, "short", "TZ");
    snprintf(path, sizeof(path), "%s/Folder", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_true(time_zone_exists(folder, "Here"));
    assert_false(time_zone_exists(folder, "here"));
    assert_false(time_zone_exists(folder, "There"));
    assert_false(time_zone_exists(folder, "localtime"));
    assert_false(time_zone_exists(folder, "tzdata"));
    assert_false(time_zone_exists(folder, "short"));
    assert_false(time_zone_exists(folder, "Folder"));
    assert_false(time_zone_exists(folder, "Folder/../Here"));
    assert_true(time_zone_exists("/nowhere", "UTC"));
    assert_false(time_zone_exists("/nowhere", "Here"));
    assert_int_equal(rmdir(path), 0);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(folder), 0);
}

static void test_the_systems_zones_are_found(void **state)
{
    (void)state;
    if (access(TIME_ZONE_FOLDER "/Europe/Berlin", R_OK) != 0)
        skip(); /* no tzdata here */
    assert_true(time_zone_exists(TIME_ZONE_FOLDER, "Europe/Berlin"));
    assert_true(time_zone_exists(TIME_ZONE_FOLDER, "America/Argentina/Buenos_Aires"));
    assert_false(time_zone_exists(TIME_ZONE_FOLDER, "right/Europe/Berlin"));
    assert_false(time_zone_exists(TIME_ZONE_FOLDER, "Europe/Atlantis"));
    assert_false(time_zone_exists(TIME_ZONE_FOLDER, "Europe"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_written_as_the_iana_writes_them),
        cmocka_unit_test(test_only_files_of_zone_data_are_zones),
        cmocka_unit_test(test_the_systems_zones_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
