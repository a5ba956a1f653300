#include "CHTTPPost.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct transfer {
  const struct emc_http_post *post;
  int is_refused;
  size_t received;
};

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
  struct transfer *transfer = context;
  if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKET_BAD;
  if (!transfer->post->allows(transfer->post->context, &address->addr)) {
    transfer->is_refused = 1;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// What the receiver says is of no interest beyond its status; a long answer is broken off.
static size_t ignore(char *data, size_t size, size_t count, void *context) {
  (void)data;
  struct transfer *transfer = context;
  transfer->received += size * count;
  return transfer->received > 1 << 20 ? 0 : size * count;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void initialize(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

void emc_http_send(const struct emc_http_post *post, struct emc_http_answer *answer) {
  memset(answer, 0, sizeof *answer);
  pthread_once(&once, initialize);
  CURL *curl = curl_easy_init();
  struct curl_slist *headers = NULL;
  struct transfer transfer = {post, 0, 0};
  char error[CURL_ERROR_SIZE] = "";
  if (!curl) {
    snprintf(answer->error, sizeof answer->error, "out of memory");
    return;
  }
  for (size_t index = 0; index < post->header_count; index++) {
    headers = curl_slist_append(headers, post->headers[index]);
  }
  // No wait for leave to send so little.
  headers = curl_slist_append(headers, "Expect:");
  curl_easy_setopt(curl, CURLOPT_URL, post->url);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post->body);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->body_length);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, post->timeout_milliseconds);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, post->redirects > 0 ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, post->redirects);
  curl_easy_setopt(curl, CURLOPT_POSTREDIR, (long)CURL_REDIR_POST_ALL);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  // A proxy of the environment would connect where nobody looks.
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  CURLcode code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
  if (transfer.is_refused && code != CURLE_OK) {
    answer->status = 0;
    snprintf(answer->error, sizeof answer->error,
             "its address is private, of loopback or link-local, and not allowed (--webhook-allow)");
  } else if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && transfer.received > 1 << 20)) {
    answer->status = 0;
    snprintf(answer->error, sizeof answer->error, "%s", error[0] ? error : curl_easy_strerror(code));
  }
  curl_slist_free_all(headers);
  curl_easy_cleanup(curl);
}
