/*
 * Clients that never read: connect, ask for the path, and that was all.
 *
 *   silent <port> <count> <path>
 *
 * Their receive buffers are as small as the kernel allows, and so are their segments, which is what the server's send
 * buffers are sized by: on loopback, with segments of 64 KiB, the kernel would swallow megabytes for each client
 * before the server noticed anything. Ends when its standard input does.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < atoi(argv[2]); i++) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int bytes = 2048;
    int segment = 536;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
      perror("connect");
      return 1;
    }
    dprintf(fd,
            "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
            argv[3]);
  }
  puts("connected");
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) continue;
  return 0;
}
