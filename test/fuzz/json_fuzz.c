/* The JSON scanner and the canonical writer against yajl and jansson: see test/oracle/json_peers.h for what must hold.
 */
#include <stdio.h>

#include "test/oracle/json_peers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *finding = json_peers_finding(hx_str_make((const char *)data, size));
    if (finding == NULL) return 0;
    fprintf(stderr, "finding: %s\n", finding);
    abort();
}
