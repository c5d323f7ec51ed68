/* Settings as the owner wrote them, secrets included: for commands that carry them somewhere else (`hoox deploy`) or
 * present them themselves (Cloudflare's token). Spelling and order are those of host/native/settings.h, less the
 * credentials that systemd gives to services; a server reads them there, where secrets can be used and never be read.
 */
#ifndef HX_CLI_SETTING_H
#define HX_CLI_SETTING_H

#include "cli/cli.h"
#include "core/base/str.h"

#define CLI_SETTINGS_MAX 128

struct cli_settings {
    struct cli_setting {
        char *name, *value;
    } list[CLI_SETTINGS_MAX];
    size_t count;
};

/* The environment over hoox.env, which need not exist. 0, or an exit code after the problem was printed. */
int cli_settings_load(const struct cli *cli, struct cli_settings *out);
/* One line of hoox.env. NULL, or what is wrong with it (hx_settings_read_line). Nothing is taken from empty lines and
 * comments. */
const char *cli_settings_take_line(struct cli_settings *settings, hx_str line);
const char *cli_settings_find(const struct cli_settings *settings, const char *name); /* NULL: not set, or empty. */
void cli_settings_release(struct cli_settings *settings);                             /* Wipes the values. */

/* What to say of a HOOX_ name that is no setting: "HOOX_X is no setting of hoox; did you mean HOOX_Y?" */
#define CLI_SETTING_NAME_SIZE 64
void cli_setting_suggest(hx_str name, char *sentence, size_t size);

#endif
