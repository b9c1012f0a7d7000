/* csm-sound-server.c: a real sound server for one test, and a recording of what it plays
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "csm-sound-server.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char *folder, *socket_path, *record_path;
static GSubprocess *server, *recorder;

/* Neither outlives a test that fails. */
static void
die_with_parent (gpointer data)
{
  (void) prctl (PR_SET_PDEATHSIG, SIGKILL); /* only tidiness */
}

static GSubprocess *
launch (const char *const *arguments, const char *output)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_setenv (launcher, "HOME", folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_RUNTIME_DIR", folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_CONFIG_HOME", folder, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "DISPLAY");
  g_subprocess_launcher_unsetenv (launcher, "PULSE_CLIENTCONFIG");
  g_subprocess_launcher_unsetenv (launcher, "G_DEBUG");
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  g_subprocess_launcher_set_stdout_file_path (launcher, output);
  process = g_subprocess_launcher_spawnv (launcher, arguments, &error);
  g_assert_no_error (error);
  return process;
}

/* Both fail by the test's own time limit. */
static void
wait_for_file (const char *path, gint64 size)
{
  GStatBuf st;

  while (g_stat (path, &st) != 0 || st.st_size < size)
    g_usleep (5000);
}

/* The socket's file is there a little before anybody listens. */
static void
wait_for_listener (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  bool listens = false;

  g_assert_cmpuint (g_strlcpy (address.sun_path, path, sizeof address.sun_path), <,
                    sizeof address.sun_path);
  while (!listens)
    {
      const int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

      listens = connect (fd, (struct sockaddr *) &address, sizeof address) == 0;
      close (fd);
      if (!listens)
        g_usleep (5000);
    }
}

void
csm_sound_server_start (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *protocol = NULL;
  g_autofree char *address = NULL;

  folder = g_dir_make_tmp ("casement-sound-XXXXXX", &error);
  g_assert_no_error (error);
  socket_path = g_build_filename (folder, "native", NULL);
  record_path = g_build_filename (folder, "recording", NULL);
  protocol =
      g_strdup_printf ("module-native-protocol-unix socket=%s auth-anonymous=1", socket_path);
  address = g_strconcat ("unix:", socket_path, NULL);
  server = launch (
      (const char *const[]){
          "pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
          "--disable-shm=yes", "-L",
          "module-null-sink sink_name=void rate=48000 format=s16le channels=2", "-L", protocol,
          NULL },
      "/dev/null");
  wait_for_listener (socket_path);
  g_setenv ("PULSE_SERVER", address, TRUE);
  recorder = launch ((const char *const[]){ "parec", "-d", "void.monitor", "--raw",
                                            "--format=s16le", "--rate=48000", "--channels=2",
                                            "--latency-msec=10", NULL },
                     record_path);
  wait_for_file (record_path, 4800 * 4);
}

static void
end (GSubprocess **process)
{
  g_subprocess_force_exit (*process);
  (void) g_subprocess_wait (*process, NULL, NULL); /* it was killed, whatever it says */
  g_clear_object (process);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

void
csm_sound_server_stop (void)
{
  end (&recorder);
  end (&server);
  remove_tree (folder);
  g_unsetenv ("PULSE_SERVER");
  g_clear_pointer (&folder, g_free);
  g_clear_pointer (&socket_path, g_free);
  g_clear_pointer (&record_path, g_free);
}

const char *
csm_sound_server_get_socket (void)
{
  return socket_path;
}

gint64
csm_sound_server_count (void)
{
  GStatBuf st;

  g_assert_cmpint (g_stat (record_path, &st), ==, 0);
  return st.st_size / 4;
}

GBytes *
csm_sound_server_read (void)
{
  g_autoptr (GError) error = NULL;
  char *bytes;
  gsize size;

  g_file_get_contents (record_path, &bytes, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (bytes, size / 4 * 4);
}

gint64
csm_sound_server_find_sound (GBytes *recording, gint64 from)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (recording, &size);

  for (gint64 i = from; i < (gint64) size / 4; i++)
    if (memcmp (data + i * 4, "\0\0\0\0", 4) != 0)
      return i;
  return -1;
}
