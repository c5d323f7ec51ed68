/* HTTP/1.1 (RFC 9112, semantics RFC 9110), bytes in and bytes out: the listener's and the order path's codec.
 *
 * It is not a server or a client: it has no sockets, no clock, no deadlines and no retries. It is strict where leniency
 * would let two programs disagree about where a message ends: every ambiguous framing is refused.
 *
 * Invariants
 *  1. The result, the refusal and the total of consumed bytes do not depend on how the input was split.
 *  2. No byte behind the end of a message is consumed (pipelining), and none is read again.
 *  3. Nothing outside the caller's storage is written, and every limit holds while the bytes stream in.
 *  4. Encoders emit only what the parsers accept: no part given by the caller can add a line or a header.
 *
 * Nothing here suspends. */
#ifndef HX_CORE_HTTP_HTTP_H
#define HX_CORE_HTTP_HTTP_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/str.h"

/* Budgets for one message that are not worth a setting. */
#define HX_HTTP_METHOD_LEN_MAX 32
#define HX_HTTP_CHUNK_EXTENSIONS_LEN_MAX 1024 /* Bytes of extensions over all chunks. */
#define HX_HTTP_TRAILERS_LEN_MAX 2048         /* Bytes of trailer lines, line ends included. */
#define HX_HTTP_BODY_LEN_LIMIT ((size_t)1 << 30)
#define HX_HTTP_INTERIM_COUNT_MAX 8 /* 1xx responses before the final one. */

enum hx_http_method {
    HX_HTTP_METHOD_OTHER = 0, /* A valid token that is none of these; compare method_text. */
    HX_HTTP_METHOD_GET,
    HX_HTTP_METHOD_HEAD,
    HX_HTTP_METHOD_POST,
    HX_HTTP_METHOD_PUT,
    HX_HTTP_METHOD_PATCH,
    HX_HTTP_METHOD_DELETE,
    HX_HTTP_METHOD_OPTIONS,
    HX_HTTP_METHOD_TRACE,
};

enum hx_http_refusal {
    HX_HTTP_REFUSAL_NONE = 0,
#define X(name, status, text) HX_HTTP_REFUSAL_##name,
#include "core/http/refusal.def"
#undef X
};

enum hx_http_progress {
    HX_HTTP_NEED_MORE, /* All bytes were taken; the message is not complete. */
    HX_HTTP_DONE,      /* The message is complete; bytes not consumed belong to the next one. */
    HX_HTTP_REFUSED,   /* See parser.refusal; the connection must be closed after answering. */
};

struct hx_http_limits {
    size_t start_line_len_max; /* Request line or status line, without its line end. Beyond: 414. */
    size_t fields_len_max;     /* All header lines with their line ends. Beyond: 431. */
    size_t fields_count_max;   /* Beyond: 431. */
    /* Decoded body, at most HX_HTTP_BODY_LEN_LIMIT. Beyond: 413, as soon as it is announced or reached. */
    size_t body_len_max;
};
#define HX_HTTP_LIMITS_SERVER ((struct hx_http_limits){8192, 8192, 64, (size_t)64 * 1024})
#define HX_HTTP_LIMITS_CLIENT ((struct hx_http_limits){8192, 8192, 64, (size_t)1024 * 1024})

struct hx_http_header {
    hx_str name;  /* As it came; names compare without regard to case. */
    hx_str value; /* Without the white space around it. */
};

/* A parsed message. Every hx_str is a view into the parser's storage: valid until the parser is reset. */
struct hx_http_message {
    /* Requests only. */
    enum hx_http_method method;
    hx_str method_text;
    hx_str target; /* As it came. */
    hx_str path;   /* Not decoded; starts with '/', or is "*" for OPTIONS. */
    hx_str query;  /* Not decoded, without '?'. */
    hx_str host;   /* host[:port]: of the target when that is absolute (RFC 9112 3.2.2), else of Host; may be empty
                      in 1.0. */
    bool expects_continue;

    /* Responses only. */
    uint32_t status;
    hx_str reason;

    /* Both. */
    uint32_t version_minor; /* 0 or 1. */
    const struct hx_http_header *headers;
    size_t headers_count;
    bool has_content_length;
    uint64_t content_length; /* As announced; a HEAD response announces without sending. */
    bool chunked;
    bool keep_alive; /* Whether the peer lets the connection carry another message after this one. */
    hx_str body;     /* Decoded. Trailers are checked and dropped. */
};

struct hx_http_parser {
    struct hx_http_message message; /* Head: complete once head_done. Body: once the progress is DONE. */
    enum hx_http_refusal refusal;
    bool head_done;

    /* Below: the parser's own. */
    enum hx_http_progress progress;
    uint32_t state;
    bool is_response;
    bool request_was_head;
    bool carriage_return_seen;
    bool empty_line_skipped;
    bool body_begun;
    bool has_host;
    bool has_close;
    bool has_keep_alive;
    uint32_t interim_count;
    uint32_t chunk_digits_count;
    struct hx_http_limits limits;
    struct hx_http_header *headers;
    char *text; /* Start line and header lines, back to back; the body follows. */
    size_t text_len;
    size_t line_start;
    size_t fields_len;
    char *body;
    size_t body_len;
    size_t remaining; /* Of the body or of the chunk. */
    size_t chunk_extensions_len;
    size_t trailers_len;
    uint64_t consumed_total;
};

/* Bytes of storage a parser with these limits needs. */
size_t hx_http_storage_size(struct hx_http_limits limits);

/* Both keep `memory` for as long as the parser is used; no alignment is asked of it.
 * LIMIT_BUFFER when size is less than hx_http_storage_size(limits). */
HX_MUST_USE hx_err hx_http_request_parser_init(struct hx_http_parser *parser, void *memory, size_t size,
                                               struct hx_http_limits limits);
/* request_was_head: the response to a HEAD has no body whatever it announces (RFC 9112 6.3). */
HX_MUST_USE hx_err hx_http_response_parser_init(struct hx_http_parser *parser, void *memory, size_t size,
                                                struct hx_http_limits limits, bool request_was_head);

/* Ready for the next message on the same connection, same storage and limits. Views from the last one die. */
void hx_http_parser_reset(struct hx_http_parser *parser);
/* The same for responses when the next request is of another kind. */
void hx_http_response_parser_reset(struct hx_http_parser *parser, bool request_was_head);

/* Takes bytes; *consumed says how many. After DONE or REFUSED it consumes nothing and repeats the verdict.
 *
 * A server answers a refusal with hx_http_refusal_status and closes. A client treats it as an unknown outcome.
 * For a client, bytes left over after DONE were not asked for: the connection must not be used again.
 *
 * Requests: one empty line before the request line is ignored (RFC 9112 2.2). Origin-form and absolute-form targets;
 * "*" for OPTIONS only; CONNECT is refused. Characters outside RFC 3986 and broken percent escapes are refused.
 * Responses: 1xx are skipped except 101, which ends the message without a body. */
enum hx_http_progress hx_http_parser_feed(struct hx_http_parser *parser, const void *bytes, size_t len,
                                          size_t *consumed);

/* The peer closed. DONE when that is how the body ends (a response without length) or the message was complete before;
 * else REFUSED with TRUNCATED: a premature close. A server asks hx_http_parser_is_idle first. */
enum hx_http_progress hx_http_parser_eof(struct hx_http_parser *parser);

/* True before the first byte of a message: a close now is an ordinary end of the connection. */
bool hx_http_parser_is_idle(const struct hx_http_parser *parser);

/* True while the client holds its body back for a "100 Continue" (RFC 9110 10.1.1): the head is complete, it asked,
 * and no byte of the body has come. Answer with hx_http_encode_response_head(buf, 100, ...) or a final status. */
bool hx_http_parser_wants_continue(const struct hx_http_parser *parser);

uint32_t hx_http_refusal_status(enum hx_http_refusal refusal);  /* 400, 413, 414, 417, 431, 501, 505; 0 for NONE. */
const char *hx_http_refusal_text(enum hx_http_refusal refusal); /* Constant sentence; "none" for NONE. */

/* First header of that name, any case; *value is untouched when there is none. */
bool hx_http_find_header(const struct hx_http_message *message, hx_str name, hx_str *value);
/* Each header of that name in order: start with *position = 0. */
bool hx_http_find_next_header(const struct hx_http_message *message, hx_str name, size_t *position, hx_str *value);

enum hx_http_method hx_http_find_method(hx_str text); /* Case-sensitive (RFC 9110 9.1). */

/* Reason phrase of RFC 9110 section 15 and RFC 6585; "" for a code without one. Constant storage. */
const char *hx_http_reason(uint32_t status);

/* Appends a whole request: HTTP/1.1, Host, the given headers, Content-Length (for a body, and always for POST, PUT and
 * PATCH), body. `target` is origin-form, already percent-encoded.
 * REJECT_INPUT: method no token or CONNECT; bad host or target; a header name that is no token; a value with a control
 * character or white space around it; a header that is the codec's to write (Host, Content-Length, Transfer-Encoding,
 * Trailer, Expect). LIMIT_BUFFER when it does not fit. On any error nothing of the buffer may be sent. */
HX_MUST_USE hx_err hx_http_encode_request(struct hx_buf *buf, hx_str method, hx_str host, hx_str target,
                                          const struct hx_http_header *headers, size_t headers_count, hx_str body);

/* Appends a whole response with Content-Length and Connection (keep-alive or close). Date, Server, Content-Type and the
 * security headers are the caller's. Errors as above, also for a Connection header (but with 101), a status outside
 * 100..599, and for a body with a status that has none (1xx, 204, 304). */
HX_MUST_USE hx_err hx_http_encode_response(struct hx_buf *buf, uint32_t status, const struct hx_http_header *headers,
                                           size_t headers_count, hx_str body, bool keep_alive);
/* The head alone, announcing body_len bytes: for HEAD, for bodies sent from elsewhere, and for 100 Continue
 * (1xx, 204 and 304 carry neither Content-Length nor a body; 1xx no Connection either). */
HX_MUST_USE hx_err hx_http_encode_response_head(struct hx_buf *buf, uint32_t status,
                                                const struct hx_http_header *headers, size_t headers_count,
                                                uint64_t body_len, bool keep_alive);

#endif
