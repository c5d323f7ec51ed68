#define _GNU_SOURCE

#include "host/native/test_rig.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READ_TIMEOUT_S 30

struct ports {
    uint16_t port;
    uint16_t lab_port;
};

int64_t hx_rig_now_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint16_t port_of(const char *address) {
    const char *colon = address == NULL ? NULL : strrchr(address, ':');
    return colon == NULL ? 0 : (uint16_t)strtoul(colon + 1, NULL, 10);
}

static void on_ready(void *arg, const struct hx_native_ready *ready) {
    struct ports ports = {port_of(ready->address), port_of(ready->lab_url)};
    hx_assert(write(*(int *)arg, &ports, sizeof(ports)) == (ssize_t)sizeof(ports));
}

void hx_rig_restart(struct hx_rig *rig, const struct hx_native_options *options) {
    int ends[2];
    hx_assert(pipe2(ends, O_CLOEXEC) == 0);
    rig->pid = fork();
    hx_assert(rig->pid >= 0);
    if (rig->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* A failing test must not leave a server behind. */
        int log = open(rig->log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
        hx_assert(log >= 0 && dup2(log, STDERR_FILENO) >= 0);
        struct hx_native_options own = *options;
        own.data_dir = rig->directory;
        if (own.listen == NULL) own.listen = "127.0.0.1:0";
        own.on_ready = on_ready;
        own.on_ready_arg = &ends[1];
        exit(hx_native_serve(&own));
    }
    (void)close(ends[1]);
    struct ports ports = {0, 0};
    ssize_t got = read(ends[0], &ports, sizeof(ports));
    (void)close(ends[0]);
    rig->port = got == (ssize_t)sizeof(ports) ? ports.port : 0;
    rig->lab_port = ports.lab_port;
}

void hx_rig_start(struct hx_rig *rig, const struct hx_native_options *options) {
    memset(rig, 0, sizeof(*rig));
    (void)snprintf(rig->directory, sizeof(rig->directory), "/tmp/hoox-rig-XXXXXX");
    hx_assert(mkdtemp(rig->directory) != NULL);
    (void)snprintf(rig->log_path, sizeof(rig->log_path), "%s/stderr", rig->directory);
    hx_rig_restart(rig, options);
}

int hx_rig_wait(struct hx_rig *rig) {
    int status = 0;
    hx_assert(waitpid(rig->pid, &status, 0) == rig->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

void hx_rig_remove(struct hx_rig *rig) {
    DIR *directory = opendir(rig->directory);
    struct dirent *entry = NULL;
    while (directory != NULL && (entry = readdir(directory)) != NULL)
        (void)unlinkat(dirfd(directory), entry->d_name, 0);
    if (directory != NULL) (void)closedir(directory);
    (void)rmdir(rig->directory);
}

int hx_rig_stop(struct hx_rig *rig) {
    hx_assert(kill(rig->pid, SIGTERM) == 0);
    int code = hx_rig_wait(rig);
    if (code != 0) {
        /* What the server said is what a reader of the failure needs. */
        FILE *log = fopen(rig->log_path, "r");
        char line[512];
        while (log != NULL && fgets(line, sizeof(line), log) != NULL) (void)fputs(line, stderr);
        if (log != NULL) (void)fclose(log);
    }
    hx_rig_remove(rig);
    return code;
}

bool hx_rig_log_has(const struct hx_rig *rig, const char *text) {
    FILE *log = fopen(rig->log_path, "r");
    char line[16384];
    bool found = false;
    while (log != NULL && !found && fgets(line, sizeof(line), log) != NULL) found = strstr(line, text) != NULL;
    if (log != NULL) (void)fclose(log);
    return found;
}

int hx_rig_connect(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    hx_assert(fd >= 0);
    struct timeval limit = {.tv_sec = READ_TIMEOUT_S};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

void hx_rig_send(int fd, const char *text) {
    size_t len = strlen(text);
    size_t sent = 0;
    while (sent < len) {
        ssize_t part = send(fd, text + sent, len - sent, MSG_NOSIGNAL);
        if (part < 0 && errno == EINTR) continue;
        if (part <= 0) return;
        sent += (size_t)part;
    }
}

ssize_t hx_rig_recv(int fd, char *out, size_t size) {
    ssize_t got = 0;
    do {
        got = recv(fd, out, size, 0);
    } while (got < 0 && errno == EINTR);
    return got;
}

/* Whole once the announced body is there. */
static bool is_whole(const char *text, size_t len) {
    const char *end = strstr(text, "\r\n\r\n");
    const char *length = strcasestr(text, "\r\ncontent-length:");
    if (end == NULL) return false;
    if (strncmp(text, "HTTP/1.1 100", 12) == 0) return true;
    if (length == NULL || length > end) return false;
    return len >= (size_t)(end + 4 - text) + strtoul(length + 17, NULL, 10);
}

size_t hx_rig_read(int fd, char *out, size_t size) {
    size_t len = 0;
    out[0] = '\0';
    while (len + 1 < size && !is_whole(out, len)) {
        ssize_t got = hx_rig_recv(fd, out + len, size - 1 - len);
        if (got <= 0) break;
        len += (size_t)got;
        out[len] = '\0';
    }
    return len;
}

void hx_rig_exchange(uint16_t port, const char *request, char *out, size_t size) {
    out[0] = '\0';
    int fd = hx_rig_connect(port);
    if (fd < 0) return;
    hx_rig_send(fd, request);
    (void)hx_rig_read(fd, out, size);
    (void)close(fd);
}

static void write_pem(const char *path, X509 *cert, EVP_PKEY *key) {
    FILE *file = fopen(path, "w");
    hx_assert(file != NULL);
    int ok = cert != NULL ? PEM_write_X509(file, cert) : PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    hx_assert(ok == 1 && fclose(file) == 0);
}

void hx_rig_certify(struct hx_rig_certificate *out, const char *address) {
    (void)snprintf(out->cert_path, sizeof(out->cert_path), "/tmp/hoox-cert-%d.pem", (int)getpid());
    (void)snprintf(out->key_path, sizeof(out->key_path), "/tmp/hoox-key-%d.pem", (int)getpid());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    hx_assert(key != NULL && cert != NULL);
    X509_NAME *name = X509_get_subject_name(cert);
    char alternative[80];
    (void)snprintf(alternative, sizeof(alternative), "IP:%s", address);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternative);
    bool ok =
        extension != NULL && X509_set_version(cert, 2) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) == 1 &&
        X509_gmtime_adj(X509_getm_notBefore(cert), -3600) != NULL &&
        X509_gmtime_adj(X509_getm_notAfter(cert), 86400) != NULL &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"hoox test", -1, -1, 0) == 1 &&
        X509_set_issuer_name(cert, name) == 1 && X509_set_pubkey(cert, key) == 1 &&
        X509_add_ext(cert, extension, -1) == 1 && X509_sign(cert, key, EVP_sha256()) > 0;
    hx_assert(ok);
    write_pem(out->cert_path, cert, NULL);
    write_pem(out->key_path, NULL, key);
    X509_EXTENSION_free(extension);
    X509_free(cert);
    EVP_PKEY_free(key);
}

void hx_rig_uncertify(struct hx_rig_certificate *pair) {
    (void)unlink(pair->cert_path);
    (void)unlink(pair->key_path);
}
