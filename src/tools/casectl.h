/* casectl.h: what the commands of casectl share
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/csm-json.h"
#include "casefile/csm-case-receipts.h"
#include "media/csm-worker.h"

#include <stdio.h>

/* Exit codes: a contract with scripts. */
enum {
  CSM_EXIT_DONE = 0,
  CSM_EXIT_DOES_NOT_HOLD = 1, /* the thing checked */
  CSM_EXIT_USAGE = 2,
  CSM_EXIT_CANNOT_OPEN = 3, /* missing, wrong passphrase, damaged, newer, busy */
  CSM_EXIT_REFUSED = 4,     /* input */
  CSM_EXIT_WRITE = 5,
};

/* One run of the program. Everything runs on the main thread; a second thread waits for SIGINT
 * and SIGTERM and cancels @cancellable. */
typedef struct
{
  const char *command;
  const char *synopsis; /* of the command, after its name */
  const char *summary;
  GCancellable *cancellable;
  /* Options that more than one command takes. */
  gboolean json;
  char *passphrase_file;     /* (nullable) */
  char *new_passphrase_file; /* (nullable) */
  char **paths;              /* what is not an option, never NULL */
} CsmTool;

/* A command: returns an exit code. */
typedef int (*CsmToolRun) (CsmTool *tool, int argc, char **argv);
int csm_tool_create (CsmTool *tool, int argc, char **argv);
int csm_tool_info (CsmTool *tool, int argc, char **argv);
int csm_tool_passwd (CsmTool *tool, int argc, char **argv);
int csm_tool_key (CsmTool *tool, int argc, char **argv);
int csm_tool_import (CsmTool *tool, int argc, char **argv);
int csm_tool_extract (CsmTool *tool, int argc, char **argv);
int csm_tool_export (CsmTool *tool, int argc, char **argv);
int csm_tool_exhibits (CsmTool *tool, int argc, char **argv);
int csm_tool_codebook (CsmTool *tool, int argc, char **argv);
int csm_tool_marks (CsmTool *tool, int argc, char **argv);
int csm_tool_search (CsmTool *tool, int argc, char **argv);
int csm_tool_log (CsmTool *tool, int argc, char **argv);
int csm_tool_mark (CsmTool *tool, int argc, char **argv);
int csm_tool_still (CsmTool *tool, int argc, char **argv);
int csm_tool_probe (CsmTool *tool, int argc, char **argv);
int csm_tool_merge (CsmTool *tool, int argc, char **argv);
int csm_tool_conflicts (CsmTool *tool, int argc, char **argv);
int csm_tool_settle (CsmTool *tool, int argc, char **argv);
/* Of verify, after its arguments were parsed. */
int csm_tool_continue_restored (CsmTool *tool);
int csm_tool_verify (CsmTool *tool, int argc, char **argv);
int csm_tool_backup (CsmTool *tool, int argc, char **argv);
int csm_tool_salvage (CsmTool *tool, int argc, char **argv);
int csm_tool_erase (CsmTool *tool, int argc, char **argv);
int csm_tool_receipt (CsmTool *tool, int argc, char **argv);
int csm_tool_check (CsmTool *tool, int argc, char **argv);
int csm_tool_open_hand_over (CsmTool *tool, int argc, char **argv);

/* --- arguments --- */
typedef enum {
  CSM_TOOL_JSON = 1 << 0,       /* takes --json */
  CSM_TOOL_PASSPHRASE = 1 << 1, /* takes --passphrase-file */
  CSM_TOOL_NEW_PASSPHRASE = 1 << 2,
} CsmToolFlags;

/* Parses @entries (may be NULL; strings as FILENAME, checked by the caller), the options that
 * @flags allow and --help; fills tool->paths with @min to @max (-1: any number) arguments.
 * false: the command is over, with *@ret_exit. */
bool csm_tool_parse (CsmTool *tool,
                     const GOptionEntry *entries,
                     CsmToolFlags flags,
                     int min,
                     int max,
                     int argc,
                     char **argv,
                     int *ret_exit);
/* A whole number from 0, in decimal digits only. */
bool csm_tool_parse_number (const char *text, int64_t *ret_number);
/* A video track, "v:1" or the number alone; NULL is v:0. */
bool csm_tool_parse_track (const char *text, int *ret_track);
/* "x,y,w,h": whole numbers from 0, none above INT_MAX. */
bool csm_tool_parse_rect (const char *text, CsmRect *ret_rect);

/* --- what went wrong: one line on stderr; each returns the exit code --- */
int csm_tool_usage (const CsmTool *tool, const char *format, ...) G_GNUC_PRINTF (2, 3);
int csm_tool_refuse (const CsmTool *tool, int code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* @what failed by @error; @fallback is the code for errors that do not say by themselves
 * whether reading or writing failed. */
int csm_tool_fail (const CsmTool *tool, const char *what, const GError *error, int fallback);
void csm_tool_warn (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* Free text on the command line must be UTF-8. False after saying so. */
bool csm_tool_check_text (const CsmTool *tool, const char *option, const char *text);

/* --- passphrases: a file's first line, or the terminal --- */
/* (transfer full) (nullable): NULL after the reason was said, with *@ret_exit. @twice asks for
 * it again when it is typed. @question: "Passphrase". */
CsmSecret *csm_tool_read_passphrase (CsmTool *tool,
                                     const char *file,
                                     const char *question,
                                     bool twice,
                                     int *ret_exit);
/* Whether somebody sits at a terminal and types: not a script that brought a passphrase file.
 */
bool csm_tool_is_interactive (const CsmTool *tool);
/* @by_default is for a bare Enter only. */
bool csm_tool_ask_yes (CsmTool *tool, const char *question, bool by_default);
/* Prints a recovery code; @confirm asks for it again. */
void csm_tool_show_recovery (CsmTool *tool, const CsmSecret *code, bool confirm);
/* One line from the terminal, echoed or not; NULL when there is no terminal, it ended, or the
 * run was cancelled. */
CsmSecret *csm_tool_ask (CsmTool *tool, const char *question, bool echo);
bool csm_tool_has_terminal (void);

/* --- the case --- */
/* (transfer full) (nullable): NULL after the reason was said, with *@ret_exit. */
CsmCase *csm_tool_open (CsmTool *tool, const char *path, bool read_only, int *ret_exit);
/* The same for commands that only record what they did: a place that cannot be written to is
 * opened read-only, with a warning that nothing is recorded. */
CsmCase *csm_tool_open_recording (CsmTool *tool, const char *path, int *ret_exit);
CsmExhibit *csm_tool_find_exhibit (CsmTool *tool,
                                   CsmCase *acase,
                                   const char *name,
                                   int *ret_exit);

/* --- the worker --- */
/* (transfer full) (nullable): a worker for @exhibit. */
CsmWorker *csm_tool_start_worker (CsmCase *acase, const CsmId *exhibit, GError **error);
/* Looks into @exhibit and decodes it once, so that its index is exact; stores what was found.
 * A file that cannot be read is no error: the exhibit's status says why (TRUE). */
gboolean csm_tool_make_exact (CsmTool *tool,
                              CsmCase *acase,
                              const CsmExhibit *exhibit,
                              CsmWorker *worker,
                              GError **error);
/* (transfer full) (nullable): a worker that can name the frames of v:@track of @exhibit, with
 * its exact index, which is made now when the case does not hold it yet. NULL after the reason
 * was said, with *@ret_exit. */
CsmWorker *csm_tool_start_frames (CsmTool *tool,
                                  CsmCase *acase,
                                  const CsmExhibit *exhibit,
                                  int track,
                                  CsmFrameIndex **ret_index,
                                  int *ret_exit);

/* --- listings --- */
typedef struct
{
  bool json;
  const char *const *columns; /* keys of a text line, in order, NULL-terminated */
  /* (nullable): the key of pairs of characters, [first, end), of the last column's text that
   * are bold when stdout is a terminal */
  const char *bold;
  int64_t n_rows;
} CsmListing;
void csm_listing_begin (CsmListing *self, bool json, const char *const *columns);
/* Takes @row, an object. Text: its columns with tabs between, "-" for null. */
void csm_listing_add (CsmListing *self, json_t *row);
void csm_listing_end (CsmListing *self);
/* Takes @document. */
void csm_tool_print_json (json_t *document);
/* @text on one line of stdout's or stderr's kind: control characters become '?'. */
void csm_tool_print_text (FILE *stream, const char *text);
json_t *csm_tool_json_time (CsmTime time);
/* Seconds with millisecond precision, null for -1. */
json_t *csm_tool_json_duration (int64_t ms);

/* --- receipts --- */
/* (transfer full) (nullable): the receipt in the file @path; NULL after the reason was said,
 * with *@ret_exit. */
CsmReceipt *csm_tool_read_receipt (CsmTool *tool, const char *path, int *ret_exit);

/* --- findings --- */
typedef struct
{
  CsmListing listing;
  int64_t n_broken;
} CsmToolFindings;
void csm_tool_findings_begin (CsmToolFindings *self, bool json);
/* A CsmFindingCallback whose data is a CsmToolFindings. */
void csm_tool_findings_add_cb (CsmFindingKind kind,
                               const char *where,
                               const char *what,
                               gpointer data);

/* --- progress, on stderr and only when it is a terminal --- */
void csm_tool_progress (const char *what, int64_t done, int64_t total);
/* A CsmProgressCallback whose data is a text. */
void csm_tool_progress_cb (int64_t done, int64_t total, gpointer what);
void csm_tool_progress_end (void);
