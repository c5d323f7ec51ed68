/* What a deployment stores its data in, at Cloudflare or in the embedded store: databases, namespaces, buckets, queues,
 * indexes. In the embedded store a bucket is the directory blobs/NAME under the data directory; the others need no
 * preparation there, and their names are kept as files infra/KIND/NAME. (Not as rows of the ledger: only the server
 * writes to that.) */
#ifndef HX_CLI_RESOURCE_H
#define HX_CLI_RESOURCE_H

#include "cli/cloudflare.h"

enum cli_resource_kind { CLI_D1, CLI_KV, CLI_R2, CLI_QUEUES, CLI_VECTORIZE, CLI_RESOURCE_KINDS };

#define CLI_RESOURCE_ID_SIZE 128

struct cli_resource {
    enum cli_resource_kind kind;
    const char *name;
    long dimensions;    /* Of an index; 0: 768. */
    const char *metric; /* Of an index; NULL: cosine. */
};

bool cli_resource_find_kind(const char *word, enum cli_resource_kind *out); /* "d1", "kv", … */
const char *cli_resource_word(enum cli_resource_kind kind);
const char *cli_resource_title(enum cli_resource_kind kind); /* "D1 database". */
/* What Cloudflare accepts as a name, which is narrower for some kinds than for others. NULL, or what is wrong. */
const char *cli_resource_name_problem(enum cli_resource_kind kind, const char *name);

/* At Cloudflare. 0, or an exit code after the problem was printed. */
int cli_resource_find(struct cli_cloudflare *cf, enum cli_resource_kind kind, const char *name, bool *found,
                      char id[CLI_RESOURCE_ID_SIZE]);
int cli_resource_create(struct cli_cloudflare *cf, const struct cli_resource *resource, char id[CLI_RESOURCE_ID_SIZE]);
int cli_resource_delete(struct cli_cloudflare *cf, enum cli_resource_kind kind, const char *id);
/* Rows (name, id, created) into a table of these three columns. */
int cli_resource_list(struct cli_cloudflare *cf, enum cli_resource_kind kind, struct cli_table *table);

/* In the embedded store. */
int cli_embedded_create(const struct cli *cli, const struct cli_resource *resource, bool *made); /* Or there before. */
int cli_embedded_delete(const struct cli *cli, enum cli_resource_kind kind, const char *name);
int cli_embedded_list(const struct cli *cli, enum cli_resource_kind kind, struct cli_table *table);

#endif
