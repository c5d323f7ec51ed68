/* Static settings: the environment over systemd's credentials over hoox.env in the data directory.
 *
 * Secrets among them go to the secrets and are never found here. Names are [A-Z][A-Z0-9_]*. From the environment only
 * the program's own names are taken (HOOX_ TELEGRAM_ and the exchanges': BYBIT_), and secrets are wiped from it. */
#ifndef HX_HOST_NATIVE_SETTINGS_H
#define HX_HOST_NATIVE_SETTINGS_H

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
/* BROKEN_CONFIG with a sentence in `problem`: hoox.env readable by others, or a line of it that is not NAME=value.
 * Lines may be empty or begin with '#'; a value may stand in double or single quotes, taken literally. */
HX_MUST_USE hx_err hx_settings_load(struct hx_settings *settings, struct hx_secrets *secrets, const char *data_dir,
                                    char *problem, size_t problem_size);
bool hx_settings_find(const struct hx_settings *settings, const char *name, hx_str *out);
bool hx_settings_find_str(const struct hx_settings *settings, hx_str name, hx_str *out);
/* A whole number within [min, max]; `otherwise` when not set or not that. */
int64_t hx_settings_get_int(const struct hx_settings *settings, const char *name, int64_t min, int64_t max,
                            int64_t otherwise);
/* Sets or replaces; secrets by name go to the secrets. False: too many or too long. */
bool hx_settings_put(struct hx_settings *settings, struct hx_secrets *secrets, hx_str name, hx_str value);
void hx_settings_release(struct hx_settings *settings);

#endif
