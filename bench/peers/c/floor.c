/*
 * The floor: what fan-out costs with nothing but system calls.
 *
 *   floor <redis port> single|coalesced <channel>...
 *
 * Subscribes to Redis, answers every HTTP request with 101 and writes every message, as a WebSocket text frame made
 * once, to every client: with `single` one write() a message and client, with `coalesced` one write() a client for all
 * messages that one read from Redis brought. No check of the handshake, no TLS, no ping: a floor, not a server.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CLIENTS = 65536, REDIS_BUFFER = 1 << 20, EVENTS = 1024 };

struct client {
  int fd;
  int is_open;
  char *owed; /* what the socket did not take */
  size_t owed_size;
};

static struct client *clients[MAX_CLIENTS]; /* by descriptor */
static int open_fds[MAX_CLIENTS];
static int open_count;
static int epoll_fd;
static int is_coalesced;

static char redis_bytes[REDIS_BUFFER];
static size_t redis_used;
static char frames[REDIS_BUFFER + REDIS_BUFFER / 8];
static size_t frames_used;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void watch(int fd, uint32_t events, int operation) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  if (epoll_ctl(epoll_fd, operation, fd, &event) < 0) fail("epoll_ctl");
}

static void drop(int fd) {
  struct client *client = clients[fd];
  if (client == NULL) return;
  for (int i = 0; client->is_open && i < open_count; i++) {
    if (open_fds[i] != fd) continue;
    open_fds[i] = open_fds[--open_count];
    break;
  }
  free(client->owed);
  free(client);
  clients[fd] = NULL;
  close(fd);
}

/* 0 when the client had to be dropped. */
static int send_bytes(struct client *client, const char *bytes, size_t size) {
  ssize_t written = 0;
  if (client->owed_size == 0) {
    written = write(client->fd, bytes, size);
    if (written < 0 && errno != EAGAIN) {
      drop(client->fd);
      return 0;
    }
    if (written < 0) written = 0;
    if ((size_t)written == size) return 1;
    watch(client->fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  }
  size_t rest = size - (size_t)written;
  client->owed = realloc(client->owed, client->owed_size + rest);
  if (client->owed == NULL) fail("realloc");
  memcpy(client->owed + client->owed_size, bytes + written, rest);
  client->owed_size += rest;
  return 1;
}

static void send_owed(struct client *client) {
  ssize_t written = write(client->fd, client->owed, client->owed_size);
  if (written < 0) {
    if (errno != EAGAIN) drop(client->fd);
    return;
  }
  client->owed_size -= (size_t)written;
  memmove(client->owed, client->owed + written, client->owed_size);
  if (client->owed_size == 0) watch(client->fd, EPOLLIN, EPOLL_CTL_MOD);
}

static void flush_frames(void) {
  if (frames_used == 0) return;
  for (int i = open_count - 1; i >= 0; i--) send_bytes(clients[open_fds[i]], frames, frames_used);
  frames_used = 0;
}

static void add_frame(const char *payload, size_t size) {
  frames[frames_used++] = (char)0x81;
  if (size < 126) {
    frames[frames_used++] = (char)size;
  } else {
    frames[frames_used++] = 126;
    frames[frames_used++] = (char)(size >> 8);
    frames[frames_used++] = (char)(size & 0xff);
  }
  memcpy(frames + frames_used, payload, size);
  frames_used += size;
  if (!is_coalesced) flush_frames();
}

/* One `*3 $7 message $n <channel> $n <payload>`, or the answer to SUBSCRIBE. Returns bytes used, 0 when incomplete. */
static size_t take_reply(const char *at, const char *end) {
  const char *start = at;
  const char *part = NULL;
  long size = 0;
  int parts = 3;
  at = memchr(at, '\n', (size_t)(end - at));
  if (at == NULL) return 0;
  at++;
  int is_message = 0;
  for (int i = 0; i < parts; i++) {
    const char *line_end = memchr(at, '\n', (size_t)(end - at));
    if (line_end == NULL) return 0;
    char kind = *at;
    size = strtol(at + 1, NULL, 10);
    at = line_end + 1;
    if (kind != '$') continue; /* :1 */
    if (end - at < size + 2) return 0;
    part = at;
    if (i == 0) is_message = size == 7 && memcmp(at, "message", 7) == 0;
    at += size + 2;
  }
  if (is_message) add_frame(part, (size_t)size);
  return (size_t)(at - start);
}

static void read_redis(int fd) {
  ssize_t got = read(fd, redis_bytes + redis_used, sizeof redis_bytes - redis_used);
  if (got <= 0) {
    if (got < 0 && errno == EAGAIN) return;
    fail("redis");
  }
  redis_used += (size_t)got;
  size_t at = 0;
  for (size_t used; at < redis_used && (used = take_reply(redis_bytes + at, redis_bytes + redis_used)) > 0;) at += used;
  memmove(redis_bytes, redis_bytes + at, redis_used - at);
  redis_used -= at;
  flush_frames();
}

static void accept_clients(int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fd >= MAX_CLIENTS || (clients[fd] = calloc(1, sizeof(struct client))) == NULL) {
      close(fd);
      continue;
    }
    clients[fd]->fd = fd;
    watch(fd, EPOLLIN, EPOLL_CTL_ADD);
  }
}

static void read_client(struct client *client) {
  static const char accepted[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
  char request[4096];
  ssize_t got = read(client->fd, request, sizeof request);
  if (got == 0 || (got < 0 && errno != EAGAIN)) {
    drop(client->fd);
    return;
  }
  /* The generator's request arrives in one piece. */
  if (client->is_open || got < 4 || memcmp(request + got - 4, "\r\n\r\n", 4) != 0) return;
  if (!send_bytes(client, accepted, sizeof accepted - 1)) return;
  client->is_open = 1;
  open_fds[open_count++] = client->fd;
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static int subscribe(int port, int count, char **names) {
  struct sockaddr_in address = loopback(port);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect to redis");
  dprintf(fd, "*%d\r\n$9\r\nSUBSCRIBE\r\n", count + 1);
  for (int i = 0; i < count; i++) dprintf(fd, "$%zu\r\n%s\r\n", strlen(names[i]), names[i]);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  signal(SIGPIPE, SIG_IGN);
  is_coalesced = strcmp(argv[2], "coalesced") == 0;
  epoll_fd = epoll_create1(0);
  int redis = subscribe(atoi(argv[1]), argc - 3, argv + 3);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 4096) < 0) fail("listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  watch(redis, EPOLLIN, EPOLL_CTL_ADD);
  watch(listener, EPOLLIN, EPOLL_CTL_ADD);
  printf("listening %d\n", ntohs(address.sin_port));
  fflush(stdout);

  struct epoll_event events[EVENTS];
  for (;;) {
    int count = epoll_wait(epoll_fd, events, EVENTS, -1);
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd == redis) {
        read_redis(fd);
      } else if (fd == listener) {
        accept_clients(fd);
      } else if (clients[fd] != NULL) {
        if (events[i].events & EPOLLOUT) send_owed(clients[fd]);
        if (clients[fd] != NULL && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) read_client(clients[fd]);
      }
    }
  }
}
