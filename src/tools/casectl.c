/* casectl.c: everything the window can do to a case, from a terminal
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/casectl.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  const char *name;
  const char *synopsis;
  const char *summary;
  CsmToolRun run;
} Command;

static const Command commands[] = {
  { "create", "CASE --title T --reviewer NAME [--recovery]",
    "make a new case; refuses to overwrite", csm_tool_create },
  { "info", "CASE", "title, counts, sizes, format, reviewers, heads", csm_tool_info },
  { "import", "CASE PATH... [--link] [--source URL] [--obtained-from T] [--note T]",
    "bring files and folders in", csm_tool_import },
  { "exhibits", "CASE", "number, name, sha256, size, duration, frames, status",
    csm_tool_exhibits },
  { "probe", "FILE [--track v:N] [--decode | --frames [--hash]]",
    "what a file holds; needs no case", csm_tool_probe },
  { "still", "CASE EXHIBIT FRAME -o FILE.png [--track v:N] [--view VIEW]",
    "the exact frame, full size", csm_tool_still },
  { "codebook", "CASE", "the codes: id, label", csm_tool_codebook },
  { "mark",
    "CASE EXHIBIT --from N [--to N] [--track v:N] [--code ID] [--text T] [--rect X,Y,W,H]",
    "add a mark", csm_tool_mark },
  { "marks", "CASE [--exhibit E] [--search T]", "list marks", csm_tool_marks },
  { "search", "CASE TEXT", "find marks, exhibits, notes and codes", csm_tool_search },
  { "log", "CASE", "the ledger, oldest first", csm_tool_log },
  { "verify", "CASE [--media] [--continue-restored] [--receipt FILE]...",
    "check signatures, chains, rows, receipts and, if asked, media", csm_tool_verify },
  { "receipt",
    "CASE [-o FILE] [--request FILE.tsq]... | CASE --list | CASE --check FILE"
    " | CASE --code CODE | CASE --answer FILE.tsr --ca CA.pem [--untrusted CHAIN.pem]",
    "say what state the case is in, have it time-stamped, hold the case against it",
    csm_tool_receipt },
  { "extract", "CASE EXHIBIT -o FILE", "the original, bit for bit, hashed on the way out",
    csm_tool_extract },
  { "check", "DIR [--key KEY] [--no-frames]",
    "does a bundle, or another's bag, hold; needs no case", csm_tool_check },
  { "open", "HANDOVER DIR [--identity-file FILE | --passphrase-file FILE]",
    "unpack an encrypted hand-over file into the new folder DIR; needs no case",
    csm_tool_open_hand_over },
  { "export",
    "CASE DIR [--exhibit E]... [--mark ID]... [--code ID]... [--reviewer NAME]... [--names]"
    " [--acquisition] [--notes] [--superseded] [--access] [--no-files] [--no-stills]"
    " [--captions] [--clips HOW] [--no-report] [--preview]"
    " [--to-recipient KEY | --hand-over-passphrase-file FILE] [-o FILE]",
    "a signed bundle for the other side", csm_tool_export },
  { "backup", "CASE DEST [--full]", "a checked copy in the folder DEST, also while it is open",
    csm_tool_backup },
  { "salvage", "CASE OUT", "a new case from what still verifies in a damaged one",
    csm_tool_salvage },
  { "erase", "CASE ENTRY|MARK|EXHIBIT --reason T",
    "erase what was said or brought in, in this copy", csm_tool_erase },
  { "key", "list|add|remove|rotate|recovery CASE ... | request FILE ...",
    "who can open the case; a new data key", csm_tool_key },
  { "merge", "CASE OTHER [--other-passphrase-file FILE]", "take in what another copy holds",
    csm_tool_merge },
  { "conflicts", "CASE", "what two copies changed, each without the other",
    csm_tool_conflicts },
  { "settle", "CASE CONFLICT --take N", "make one of the versions count", csm_tool_settle },
  { "passwd", "CASE [--new-passphrase-file FILE]", "change your passphrase", csm_tool_passwd },
};

static void
print_help (void)
{
  printf ("Usage: casectl COMMAND [options] CASE ...\n\nCommands:\n");
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    printf ("  %-9s %s\n            %s\n", commands[i].name, commands[i].synopsis,
            commands[i].summary);
  printf (
      "\nThe passphrase is the first line of --passphrase-file FILE, else it is asked for on "
      "the\nterminal. Every listing takes --json. casectl COMMAND --help says more.\n\n"
      "Exit codes: 0 done, 1 the thing checked does not hold, 2 usage, 3 cannot open,\n"
      "4 input refused, 5 write failed.\n");
}

static const Command *
find_command (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, name))
      return &commands[i];
  return NULL;
}

/* The first signal asks the command to stop at the next safe point; the second ends it. */
static void *
wait_for_signals (void *data)
{
  GCancellable *cancellable = data;
  sigset_t set;
  int number;

  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  if (sigwait (&set, &number) == 0)
    g_cancellable_cancel (cancellable);
  if (sigwait (&set, &number) == 0)
    _exit (CSM_EXIT_WRITE);
  return NULL;
}

/* Before any other thread exists, so that all of them, and the worker, leave the signals to
 * this one. */
static void
start_signal_thread (GCancellable *cancellable)
{
  pthread_t thread;
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  if (pthread_sigmask (SIG_BLOCK, &set, NULL) == 0 &&
      pthread_create (&thread, NULL, wait_for_signals, cancellable) == 0)
    pthread_detach (thread);
}

static int
run_command (const Command *command, int argc, char **argv)
{
  CsmTool tool = { .command = command->name,
                   .synopsis = command->synopsis,
                   .summary = command->summary };
  int code;

  tool.cancellable = g_cancellable_new ();
  start_signal_thread (tool.cancellable);
  code = command->run (&tool, argc, argv);
  if ((fflush (stdout) != 0 || ferror (stdout)) && code == CSM_EXIT_DONE)
    code = csm_tool_refuse (&tool, CSM_EXIT_WRITE, "write the output: %s; see where it goes to",
                            g_strerror (errno));
  g_free (tool.passphrase_file);
  g_free (tool.new_passphrase_file);
  g_strfreev (tool.paths);
  /* The signal thread holds the cancellable until the process ends. */
  return code;
}

int
main (int argc, char **argv)
{
  const Command *command;

  csm_process_harden ();
  if (argc < 2)
    {
      fputs ("casectl: usage: no command given; see casectl --help\n", stderr);
      return CSM_EXIT_USAGE;
    }
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h") ||
      g_str_equal (argv[1], "help"))
    {
      print_help ();
      return CSM_EXIT_DONE;
    }
  if (g_str_equal (argv[1], "--version"))
    {
      printf ("casectl %s, case file format %d.%d\n", CSM_VERSION,
              csm_vault_get_format_major (), csm_vault_get_format_minor ());
      return CSM_EXIT_DONE;
    }
  command = find_command (argv[1]);
  if (command == NULL)
    {
      fputs ("casectl: usage: there is no command ", stderr);
      csm_tool_print_text (stderr, argv[1]);
      fputs ("; see casectl --help\n", stderr);
      return CSM_EXIT_USAGE;
    }
  return run_command (command, argc - 1, argv + 1);
}
