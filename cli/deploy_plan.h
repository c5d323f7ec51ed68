/* What a deployment consists of, what of it is missing, and what is uploaded: the pure part of `hoox deploy`.
 *
 * The one source is the wrangler.jsonc that is built beside the Worker. Under another Worker name than "hoox" every
 * resource gets a name of its own ("paper-ledger", "paper-trade-execution"), so that two deployments never share. */
#ifndef HX_CLI_DEPLOY_PLAN_H
#define HX_CLI_DEPLOY_PLAN_H

#include "cli/resource.h"

#define CLI_EDGE_ITEMS_MAX 12
#define CLI_EDGE_CONSUMERS_MAX 4
#define CLI_EDGE_MIGRATIONS_MAX 64
#define CLI_EDGE_NAME_SIZE 160
#define CLI_STEPS_MAX (CLI_EDGE_ITEMS_MAX + CLI_EDGE_CONSUMERS_MAX + CLI_EDGE_MIGRATIONS_MAX + 3)

struct cli_edge_config {
    const struct hx_json *root;
    void *memory;
    struct cli_edge_item {
        enum cli_resource_kind kind;
        char binding[64];
        char name[CLI_EDGE_NAME_SIZE];
    } items[CLI_EDGE_ITEMS_MAX];
    size_t item_count;
    struct cli_edge_consumer {
        char queue[CLI_EDGE_NAME_SIZE], dead[CLI_EDGE_NAME_SIZE]; /* dead: "" for none. */
        int64_t batch_size, wait_ms, retries;
    } consumers[CLI_EDGE_CONSUMERS_MAX];
    size_t consumer_count;
};

/* `text` must outlive it. NULL, or what is wrong with it. */
const char *cli_edge_config_parse(struct cli_edge_config *config, hx_str text, const char *worker);
void cli_edge_config_release(struct cli_edge_config *config);
/* "hoox-ledger" of the Worker "paper" is "paper-ledger". */
void cli_edge_name(const char *worker, const char *name, char out[CLI_EDGE_NAME_SIZE]);

/* What is there already. */
struct cli_edge_state {
    bool found[CLI_EDGE_ITEMS_MAX];
    char ids[CLI_EDGE_ITEMS_MAX][CLI_RESOURCE_ID_SIZE];
    bool applied[CLI_EDGE_MIGRATIONS_MAX];
    bool has_script;
    char tag[64]; /* The last migration of its objects; "": none. */
    bool consumes[CLI_EDGE_CONSUMERS_MAX];
    char consumer_ids[CLI_EDGE_CONSUMERS_MAX][CLI_RESOURCE_ID_SIZE]; /* "": nobody consumes the queue. */
    bool has_schedule, has_subdomain;
};

enum cli_step_kind {
    CLI_STEP_RESOURCE,
    CLI_STEP_MIGRATION,
    CLI_STEP_UPLOAD,
    CLI_STEP_CONSUMER,
    CLI_STEP_SCHEDULE,
    CLI_STEP_SUBDOMAIN
};

struct cli_step {
    enum cli_step_kind kind;
    size_t index;       /* Of the item, migration or consumer. */
    const char *action; /* "create", "apply", "upload", "set" or "keep". */
    const char *what;
    char name[CLI_EDGE_NAME_SIZE];
};

/* In the order in which they are done. `migrations` are their file names. Returns how many. */
size_t cli_deploy_plan(const struct cli_edge_config *config, const struct cli_edge_state *state, const char *worker,
                       const char *const *migrations, size_t migration_count, struct cli_step *out);

enum cli_travel { CLI_STAYS, CLI_PLAIN, CLI_SECRET };
/* How a setting of this name goes to the Worker. */
enum cli_travel cli_edge_travel(const char *name);

/* The `metadata` part of the upload. REJECT_INPUT when the deployed tag is none of this program's; LIMIT_BUFFER. */
HX_MUST_USE hx_err cli_edge_write_metadata(const struct cli_edge_config *config, const struct cli_edge_state *state,
                                           const struct cli_settings *settings, struct hx_buf *out);
/* The body that makes the Worker a queue's consumer. */
HX_MUST_USE hx_err cli_edge_write_consumer(const struct cli_edge_consumer *consumer, const char *worker,
                                           struct hx_buf *out);
/* Whether a consumer as Cloudflare lists it is this one. */
bool cli_edge_is_consumer(const struct cli_edge_consumer *consumer, const char *worker, const struct hx_json *listed);
/* The crons as the schedules' body, and whether a list of schedules is just that. */
HX_MUST_USE hx_err cli_edge_write_schedules(const struct cli_edge_config *config, struct hx_buf *out);
bool cli_edge_is_schedule(const struct cli_edge_config *config, const struct hx_json *listed);

#endif
