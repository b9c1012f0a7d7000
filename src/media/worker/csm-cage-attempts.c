/* csm-cage-attempts.c: what a hijacked worker would try, for tests from inside the cage
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-cage.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096

static long
try_mprotect (void)
{
  void *page = mmap (NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  return page == MAP_FAILED ? 0 : mprotect (page, PAGE, PROT_READ | PROT_EXEC);
}

static long
try_mmap (int protection, int fd)
{
  int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_PRIVATE;

  return mmap (NULL, PAGE, protection, flags, fd, 0) == MAP_FAILED ? -1 : 0;
}

static long
try_exec (void)
{
  char *arguments[] = { (char *) "/bin/true", NULL };

  return execve (arguments[0], arguments, arguments);
}

static long
try_memory (void)
{
  for (int i = 0; i < 4096; i++)
    {
      char *block = malloc (16 << 20);

      if (block == NULL)
        return -1;
      memset (block, 1, 16 << 20);
    }
  return 0;
}

static long
try_open (void)
{
  return open ("/etc/passwd", O_RDONLY);
}
static long
try_create (void)
{
  return open ("/tmp/x", O_CREAT | O_RDWR, 0600);
}
static long
try_creat (void)
{
  return syscall (SYS_creat, "/tmp/x", 0600);
}

static long
try_openat2 (void)
{
  char how[24] = { 0 };

  return syscall (SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof how);
}

static long
try_inet (void)
{
  return socket (AF_INET, SOCK_STREAM, 0);
}
static long
try_unix (void)
{
  return socket (AF_UNIX, SOCK_STREAM, 0);
}
static long
try_fork (void)
{
  return fork ();
}
static long
try_ptrace (void)
{
  return syscall (SYS_ptrace, PTRACE_ATTACH, getppid (), 0, 0);
}
static long
try_kill (void)
{
  return kill (1, SIGTERM);
}
static long
try_io_uring (void)
{
  return syscall (SYS_io_uring_setup, 8, NULL);
}
static long
try_mmap_exec (void)
{
  return try_mmap (PROT_READ | PROT_EXEC, -1);
}
static long
try_mmap_file (void)
{
  return try_mmap (PROT_READ, 0);
}
static long
try_truncate (void)
{
  return ftruncate (0, 0);
}
static long
try_unshare (void)
{
  return unshare (CLONE_NEWUSER);
}
static long
try_rename (void)
{
  return rename ("/tmp/x", "/tmp/y");
}
static long
try_mount (void)
{
  return syscall (SYS_mount, "none", "/", NULL, 0, NULL);
}
static long
try_bpf (void)
{
  return syscall (SYS_bpf, 0, NULL, 0);
}

static long
try_read_parent (void)
{
  return syscall (SYS_process_vm_readv, getppid (), NULL, 0, NULL, 0, 0);
}

/* To prove that the test can tell: this one is allowed. */
static long
try_nothing (void)
{
  return getpid () > 0 ? 0 : -1;
}

static const struct
{
  const char *name;
  long (*run) (void);
} attempts[] = {
  { "open", try_open },
  { "create", try_create },
  { "creat", try_creat },
  { "openat2", try_openat2 },
  { "rename", try_rename },
  { "truncate", try_truncate },
  { "mmap-file", try_mmap_file },
  { "inet-socket", try_inet },
  { "unix-socket", try_unix },
  { "exec", try_exec },
  { "fork", try_fork },
  { "ptrace", try_ptrace },
  { "kill", try_kill },
  { "read-parent", try_read_parent },
  { "mprotect-exec", try_mprotect },
  { "mmap-exec", try_mmap_exec },
  { "io-uring", try_io_uring },
  { "unshare", try_unshare },
  { "mount", try_mount },
  { "bpf", try_bpf },
  { "memory", try_memory },
  { "nothing", try_nothing },
};

const char *
csm_cage_attempt (const char *attempt)
{
  static char words[128];

  for (size_t i = 0; i < G_N_ELEMENTS (attempts); i++)
    if (g_str_equal (attempts[i].name, attempt))
      {
        errno = 0;
        if (attempts[i].run () >= 0)
          return "succeeded";
        g_snprintf (words, sizeof words, "refused: %s", g_strerror (errno));
        return words;
      }
  return NULL;
}

const char *const *
csm_cage_list_attempts (void)
{
  static const char *names[G_N_ELEMENTS (attempts) + 1];

  for (size_t i = 0; i < G_N_ELEMENTS (attempts); i++)
    names[i] = attempts[i].name;
  return names;
}
