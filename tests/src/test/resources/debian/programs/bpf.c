// A classic and an extended BPF program, run by the kernel over the same packets; prints what they let through and computed.
#include <linux/bpf.h>
#include <linux/filter.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SO_ATTACH_BPF
#define SO_ATTACH_BPF 50
#endif

static unsigned char packet[256];

static int passed(int fds[2], int packets) {
  int count = 0;
  long bytes = 0;
  char got[300];
  for (int i = 0; i < packets; i++) {
    int length = 16 + i % 200;
    for (int b = 0; b < length; b++) packet[b] = i * 31 + b * 7 + (i >> 3);
    send(fds[0], packet, length, 0);
    ssize_t n = recv(fds[1], got, sizeof got, MSG_DONTWAIT);
    if (n > 0) count++, bytes = bytes * 31 + n, bytes %= 1000000007;
  }
  printf("%d packets %ld\n", count, bytes);
  return count;
}

static long bpf(int command, union bpf_attr *attribute) {
  return syscall(SYS_bpf, command, attribute, sizeof *attribute);
}

static struct bpf_insn insn(int code, int dst, int src, int off, int imm) {
  return (struct bpf_insn){.code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm};
}

int main(void) {
  int fds[2];
  socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);

  // Lengths over 40 whose byte 3 times length plus word 4 has bit 2 set, cut to a third.
  struct sock_filter classic[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 40, 0, 11),
      BPF_STMT(BPF_MISC | BPF_TAX, 0),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 3),
      BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0),
      BPF_STMT(BPF_ST, 1),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4),
      BPF_STMT(BPF_LDX | BPF_MEM, 1),
      BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 4, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
      BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 3),
      BPF_STMT(BPF_RET | BPF_A, 0),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = {sizeof classic / sizeof *classic, classic};
  if (setsockopt(fds[1], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program)) return perror("classic"), 1;
  printf("classic ");
  passed(fds, 5000);
  setsockopt(fds[1], SOL_SOCKET, SO_DETACH_FILTER, &program, sizeof program);

  // Adds up squares of lengths in a map by an atomic addition; passes the packets where the low bits of a hash are not all clear.
  union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 2};
  int map_fd = bpf(BPF_MAP_CREATE, &map);
  if (map_fd < 0) return perror("map"), 1;
  struct bpf_insn extended[] = {
      insn(BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0),
      insn(BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, 0),
      insn(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0),
      insn(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4),
      insn(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, map_fd),
      insn(0, 0, 0, 0, 0),
      insn(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
      insn(BPF_JMP | BPF_JNE | BPF_K, 0, 0, 2, 0),
      insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0),
      insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
      insn(BPF_LDX | BPF_MEM | BPF_W, 7, 6, 0, 0),  // skb->len
      insn(BPF_ALU64 | BPF_MOV | BPF_X, 8, 7, 0, 0),
      insn(BPF_ALU64 | BPF_MUL | BPF_X, 8, 7, 0, 0),
      insn(BPF_STX | BPF_ATOMIC | BPF_DW, 0, 8, 0, BPF_ADD),
      insn(BPF_ALU64 | BPF_LSH | BPF_K, 8, 0, 0, 33),
      insn(BPF_ALU64 | BPF_ARSH | BPF_K, 8, 0, 0, 29),
      insn(BPF_ALU64 | BPF_XOR | BPF_X, 8, 7, 0, 0),
      insn(BPF_ALU | BPF_MOD | BPF_K, 8, 0, 0, 37),
      insn(BPF_ALU | BPF_END | BPF_TO_BE, 8, 0, 0, 16),
      insn(BPF_ALU64 | BPF_MOV | BPF_X, 0, 7, 0, 0),
      insn(BPF_JMP | BPF_JSET | BPF_K, 8, 0, 1, 0x300),
      insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0),
      insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
  };
  static char log[65536];
  union bpf_attr load = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
                         .insns = (unsigned long)extended,
                         .insn_cnt = sizeof extended / sizeof *extended,
                         .license = (unsigned long)"GPL",
                         .log_buf = (unsigned long)log,
                         .log_size = sizeof log,
                         .log_level = 1};
  int fd = bpf(BPF_PROG_LOAD, &load);
  if (fd < 0) return perror("load"), puts(log), 1;
  if (setsockopt(fds[1], SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof fd)) return perror("attach"), 1;
  printf("extended ");
  passed(fds, 5000);
  unsigned key = 0;
  unsigned long long value = 0;
  union bpf_attr look = {.map_fd = map_fd, .key = (unsigned long)&key, .value = (unsigned long)&value};
  bpf(BPF_MAP_LOOKUP_ELEM, &look);
  printf("map %llu\n", value);

  struct bpf_prog_info info = {0};
  union bpf_attr about = {.info = {.bpf_fd = fd, .info_len = sizeof info, .info = (unsigned long)&info}};
  bpf(BPF_OBJ_GET_INFO_BY_FD, &about);
  fprintf(stderr, "jited %d\n", info.jited_prog_len > 0);
  return 0;
}
