/* What the lines of a head mean: internal to core/http. Lines come without their line end, are not empty and
 * hold only HX_HTTP_CHAR_TEXT characters; the parser has seen to that. Views point into the line. */
#ifndef HX_CORE_HTTP_HEAD_H
#define HX_CORE_HTTP_HEAD_H

#include "core/http/http.h"

/* RFC 9112 3 and 3.2. Sets method, target, path, query and version; host when the target is absolute. */
enum hx_http_refusal hx_http_read_request_line(hx_str line, struct hx_http_message *message);

/* RFC 9112 4. A missing reason phrase may take its space with it: several servers send that. */
enum hx_http_refusal hx_http_read_status_line(hx_str line, struct hx_http_message *message);

/* RFC 9112 5. */
enum hx_http_refusal hx_http_read_field(hx_str line, struct hx_http_header *header);

/* What one header does to the framing of its message, and to the connection after it. */
struct hx_http_head_notes {
    bool has_host;
    bool has_close;
    bool has_keep_alive;
};
enum hx_http_refusal hx_http_note_field(struct hx_http_head_notes *notes, struct hx_http_message *message,
                                        bool is_response, const struct hx_http_header *header);

#endif
