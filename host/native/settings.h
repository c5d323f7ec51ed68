/* Static settings: the environment over systemd's credentials over hoox.env in the data directory.
 *
 * Secrets among them go to the secrets and are never found here. Names are [A-Z][A-Z0-9_]*. From the environment only
 * the program's own names are taken (HOOX_ TELEGRAM_ and the exchanges': BYBIT_), and secrets are wiped from it. */
#ifndef HX_HOST_NATIVE_SETTINGS_H
#define HX_HOST_NATIVE_SETTINGS_H

#include "core/app/setting.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "host/native/secrets.h"

#define HX_SETTINGS_MAX 128
#define HX_SETTING_LEN_MAX 4096

struct hx_settings {
    struct {
        char *name;
        char *value;
    } list[HX_SETTINGS_MAX];
    size_t count;
};

bool hx_settings_is_ours(hx_str name); /* By its prefix. */
/* One line of hoox.env: empty, a comment that begins with '#', or NAME=value, where the value may stand in double or
 * single quotes, taken literally. *name is empty when there is nothing in it. NULL, or what is wrong with the line: a
 * sentence that begins with its verb. */
const char *hx_settings_read_line(hx_str line, hx_str *name, hx_str *value);
/* BROKEN_CONFIG with a sentence in `problem`: hoox.env readable by others or with a line that is wrong, or a value of
 * ours that is too long. What the values say is not looked at. */
HX_MUST_USE hx_err hx_settings_load(struct hx_settings *settings, struct hx_secrets *secrets, const char *data_dir,
                                    char *problem, size_t problem_size);
bool hx_settings_find(const struct hx_settings *settings, const char *name, hx_str *out);
bool hx_settings_find_str(const struct hx_settings *settings, hx_str name, hx_str *out);
/* As the core reads them (core/app/setting.h): the default when it is not set. */
hx_str hx_settings_read(const struct hx_settings *settings, enum hx_setting_id id);
bool hx_settings_is_on(const struct hx_settings *settings, enum hx_setting_id id);
int64_t hx_settings_read_whole(const struct hx_settings *settings, enum hx_setting_id id);
/* Calls for each setting that is wrong, and with NULL for each HOOX_ name that is no setting. */
void hx_settings_check(const struct hx_settings *settings, struct hx_secrets *secrets,
                       void (*on_found)(void *arg, hx_str name, const struct hx_setting_info *wrong), void *arg);
/* Sets or replaces; secrets by name go to the secrets. False: too many or too long. */
bool hx_settings_put(struct hx_settings *settings, struct hx_secrets *secrets, hx_str name, hx_str value);
void hx_settings_release(struct hx_settings *settings);

#endif
