// One POST over http or https with libcurl, whose options Swift can't set (they are variadic), in which the caller looks
// at every address before it is connected to.

#ifndef EMC_HTTP_POST_H
#define EMC_HTTP_POST_H

#include <stddef.h>
#include <sys/socket.h>

struct emc_http_post {
  const char *url;
  // Lines "Name: value", `header_count` of them.
  const char *const *headers;
  size_t header_count;
  const void *body;
  size_t body_length;
  // For the whole, redirects included.
  long timeout_milliseconds;
  long redirects;
  // Whether an address may be connected to: asked for each, after names were resolved, redirects' too.
  int (*allows)(void *context, const struct sockaddr *address);
  void *context;
};

struct emc_http_answer {
  // The status; 0 where there was no answer.
  long status;
  // What went wrong; empty where there was an answer.
  char error[256];
};

/// Sends it and fills the answer in. Blocks.
void emc_http_send(const struct emc_http_post *post, struct emc_http_answer *answer);

#endif
