/* csm-verify-text.c: VERIFY.txt, how to check a bundle without Casement
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "casefile/csm-case-export.h"
#include "custody/csm-key-words.h"
#include "custody/csm-minisign.h"
#include "export/csm-bundle-parts.h"

#include <inttypes.h>

/* Four blanks before a line mean: a command. Never translated, so that whoever checks two
 * bundles reads the same text twice. */

static const char opening[] =
    "HOW TO CHECK THIS BUNDLE\n"
    "\n"
    "Everything in this folder can be checked with tools that do not come from the program\n"
    "that made it: a POSIX shell and coreutils, minisign "
    "(https://jedisct1.github.io/minisign/),\n"
    "openssl (3.0 or later) and ffmpeg (5.1 or later). On Windows: see the end.\n"
    "\n"
    "Lines that begin with four blanks are commands. To run them all: read them first, since\n"
    "whoever changes a bundle can change this text as well, then, in this folder,\n"
    "\n"
    "  sed -n 's/^    //p' VERIFY.txt | sh -eu\n"
    "\n"
    "It ends with \"HOLDS\" and exit code 0, or says what does not hold and ends with "
    "another.\n"
    "\n"
    "    fail () { echo \"DOES NOT HOLD: $*\" >&2; exit 1; }\n"
    "    work=$(mktemp -d)\n"
    "    trap 'rm -rf \"$work\"' EXIT\n"
    "    export LC_ALL=C\n"
    "    tab=$(printf '\\t')\n"
    "\n";

static const char about_signature[] =
    "\n"
    "What minisign does not look at is the first line of the signature file, its untrusted\n"
    "comment: whoever likes can change it. In this bundle it always reads as follows:\n"
    "\n"
    "    test \"$(head -n 1 tagmanifest-sha256.txt.minisig)\" = '" CSM_MINISIGN_COMMENT
    "' || fail 'the untrusted comment'\n"
    "\n";

static const char files_part[] =
    "2. The files\n"
    "\n"
    "The signed file holds the SHA-256 of the files that describe the bundle, two of which "
    "hold\n"
    "the SHA-256 and SHA-512 of every file below data/.\n"
    "\n"
    "    sha256sum -c --quiet --strict tagmanifest-sha256.txt || fail 'the tag manifest'\n"
    "    sha256sum -c --quiet --strict manifest-sha256.txt || fail 'the SHA-256 manifest'\n"
    "    sha512sum -c --quiet --strict manifest-sha512.txt || fail 'the SHA-512 manifest'\n"
    "\n"
    "Nothing signs tagmanifest-sha512.txt, so it is made again and compared.\n"
    "\n"
    "    cut -c131- tagmanifest-sha512.txt | xargs sha512sum | cmp -s - tagmanifest-sha512.txt "
    "|| fail 'the SHA-512 tag manifest'\n"
    "\n"
    "Files that were added: all that is here against all that is named.\n"
    "\n"
    "    test -z \"$(find . ! -type f ! -type d)\" || fail 'something that is no file'\n"
    "    test -z \"$(find . -type d -empty)\" || fail 'an empty folder'\n"
    "    find . -type f | sort > \"$work/there\"\n"
    "    { cut -c67- manifest-sha256.txt tagmanifest-sha256.txt; printf '%s\\n' "
    "tagmanifest-sha256.txt tagmanifest-sha512.txt tagmanifest-sha256.txt.minisig; } | "
    "sed 's|^|./|' | sort > \"$work/named\"\n"
    "    diff \"$work/named\" \"$work/there\" || fail 'files were added or are missing'\n"
    "    cut -c131- manifest-sha512.txt > \"$work/sha512\"\n"
    "    cut -c67- manifest-sha256.txt | diff - \"$work/sha512\" || fail 'the manifests "
    "differ'\n"
    "\n";

static const char ledger_part[] =
    "3. The ledger\n"
    "\n"
    "The ledger is the record of everything that was done in the case. Each line of\n"
    "data/ledger/headers.jsonl is the header of one entry. Its SHA-256 is the entry's id; the\n"
    "header names the entry before it in the same chain, and the SHA-256 of two more parts, "
    "meta\n"
    "and body. Those that are disclosed are in metas.jsonl and bodies.jsonl; the others were\n"
    "withheld, and the chain holds without them. data/ledger/signatures.tsv: id, author's "
    "key,\n"
    "Ed25519 signature over the ASCII text casement-entry-v1: and the id.\n"
    "\n"
    "Each author's key, as openssl reads it:\n"
    "\n";

static const char loop_part[] =
    "\n"
    "Each entry: id, author, signature, its place in the chain and in the order.\n"
    "\n"
    "    mkdir \"$work/e\"\n"
    "    n=0 before=0 before_id=\n"
    "    exec 3< data/ledger/signatures.tsv\n"
    "    while IFS= read -r header; do\n"
    "      n=$((n + 1))\n"
    "      IFS=$tab read -r id author signature <&3 || fail \"entry $n has no signature\"\n"
    "      test \"$(printf %s \"$header\" | sha256sum)\" = \"$id  -\" || fail \"entry $n: its "
    "id\"\n"
    "      case $header in \"{\\\"author\\\":\\\"$author\\\",\"*) ;; *) fail \"entry $n: its "
    "author\" ;; "
    "esac\n"
    "      pem=$(pem_of \"$author\")\n"
    "      test -n \"$pem\" || fail \"entry $n: a key that is not here\"\n"
    "      printf 'casement-entry-v1:%s' \"$id\" > \"$work/message\"\n"
    "      printf %s \"$signature\" | base64 -d > \"$work/signature\" || fail \"entry $n: its "
    "signature\"\n"
    "      openssl pkeyutl -verify -pubin -inkey \"$pem\" -rawin -in \"$work/message\" "
    "-sigfile "
    "\"$work/signature\" > \"$work/said\" 2>&1 || fail \"entry $n: its signature\"\n"
    "      places=$(printf '%s\\n' \"$header\" | sed -n "
    "'s/"
    ".*\"case\":\"\\([0-9a-f]*\\)\",\"chain\":\"\\([0-9a-f]*\\)\",\"heads\":\\[\\([^]]*\\)\\],"
    "\"lamport\":\\([0-9]*\\),\"meta_sha256\":\"[0-9a-f]*\",\"prev\":\\([^,]*\\),\"seq\":\\([0-"
    "9]*\\),"
    "\"v\":1}$/\\1 \\2 \\4 \\5 \\6 \\3/p')\n"
    "      set -- $(printf %s \"$places\" | tr -d '\"' | tr , ' ')\n"
    "      test $# -ge 5 || fail \"entry $n: its form\"\n"
    "      test \"$1\" = \"$case_id\" || fail \"entry $n: of another case\"\n"
    "      if test \"$5\" -eq 1; then test \"$4\" = null || fail \"entry $n: the first of its "
    "chain "
    "names another\"; else\n"
    "        test \"$(cat \"$work/e/$4\" 2> \"$work/said\")\" = \"$2 $(($5 - 1))\" || fail "
    "\"entry $n: "
    "the one before it is missing\"; fi\n"
    "      test \"$3\" -gt \"$before\" || { test \"$3\" -eq \"$before\" && "
    "printf '%s\\n%s\\n' \"$before_id\" \"$id\" | sort -c 2> \"$work/said\"; } || fail \"entry "
    "$n: its "
    "order\"\n"
    "      before=$3 before_id=$id entry=\"$2 $5\"\n"
    "      shift 5\n"
    "      for head in \"$@\"; do test -e \"$work/e/$head\" || fail \"entry $n: names one that "
    "is "
    "missing\"; done\n"
    "      test ! -e \"$work/e/$id\" || fail \"entry $n: twice\"\n"
    "      printf %s \"$entry\" > \"$work/e/$id\"\n"
    "    done < data/ledger/headers.jsonl\n"
    "    ! IFS= read -r id <&3 || fail 'a signature without an entry'\n"
    "\n"
    "Disclosed metas and bodies: each has the SHA-256 that a header names, in the same order.\n"
    "\n"
    "    for part in meta body; do\n"
    "      case $part in meta) file=metas.jsonl ;; body) file=bodies.jsonl ;; esac\n"
    "      sed 's/.*\"'$part'_sha256\":\"\\([0-9a-f]*\\)\".*/\\1/' data/ledger/headers.jsonl > "
    "\"$work/all\"\n"
    "      while IFS= read -r line; do printf %s \"$line\" | sha256sum | cut -c1-64; done < "
    "data/ledger/$file > \"$work/have\"\n"
    "      awk 'NR == FNR { want[n++] = $0; next } i < n && $0 == want[i] { i++ } END { exit i "
    "< n "
    "}' \"$work/have\" \"$work/all\" || test ! -s \"$work/have\" || fail "
    "\"data/ledger/$file\"\n"
    "    done\n"
    "\n"
    "The receipt of the state that the ledger was in. Whoever has its code from elsewhere, or "
    "a\n"
    "time stamp on it, knows that none of these entries was changed since.\n"
    "\n";

static const char receipt_part[] =
    "    grep -Fq \"\\\"case\\\":\\\"$case_id\\\",\\\"count\\\":$n,\" data/ledger/heads.json "
    "|| fail 'the "
    "receipt counts other entries'\n"
    "    for head in $(sed 's/.*\"heads\":\\[\\([^]]*\\)\\].*/\\1/' data/ledger/heads.json | "
    "tr -d '\"' "
    "| tr , ' '); do\n"
    "      test -e \"$work/e/$head\" || fail 'an entry that the receipt names is missing'\n"
    "    done\n"
    "\n";

static const char frames_part[] =
    "\n"
    "5. The frames\n"
    "\n"
    "data/marked-frames.tsv holds each frame that a mark commits to: which one of its file "
    "(the\n"
    "first is 0), its time stamp, and the SHA-256 of its decoded picture, with the library "
    "that\n"
    "decoded it. For most formats every FFmpeg gives the same pictures.\n"
    "\n"
    "    sed 1d data/marked-frames.tsv | cut -f 1,2 | sort -u > \"$work/tracks\"\n"
    "    while IFS=$tab read -r file track <&4; do\n"
    "      test \"$file\" != - || continue\n"
    "      ffmpeg -nostdin -v error -threads 1 -noautorotate -i \"$file\" -map \"0:$track\" "
    "-fps_mode passthrough -autoscale 0 -enc_time_base -1 -f framehash -hash sha256 - > "
    "\"$work/decoded\" 2> \"$work/said\" || test -s \"$work/decoded\" || fail \"$file: cannot "
    "be "
    "decoded\"\n"
    "      awk -F, '!/^#/ { gsub (/ /, \"\"); print n++ \"\\t\" $3 \"\\t\" $6; print n - 1 "
    "\"\\t-\\t\" "
    "$6 }' \"$work/decoded\" > \"$work/frames\"\n"
    "      awk -F '\\t' -v f=\"$file\" -v t=\"$track\" '$1 == f && $2 == t { print $3 \"\\t\" "
    "$4 \"\\t\" "
    "$5 }' data/marked-frames.tsv > \"$work/marked\"\n"
    "      if grep -Fxv -f \"$work/frames\" \"$work/marked\"; then fail \"$file: these frames "
    "differ\"; "
    "fi\n"
    "    done 4< \"$work/tracks\"\n"
    "\n"
    "    echo HOLDS\n"
    "\n";

static const char windows_part[] =
    "On Windows\n"
    "\n"
    "In PowerShell, in this folder: these print nothing when the hashes hold and no file was\n"
    "added. The signature is checked by minisign.exe, as above. The rest needs a POSIX shell.\n"
    "\n"
    "PS> $named = @('tagmanifest-sha256.txt', 'tagmanifest-sha512.txt', "
    "'tagmanifest-sha256.txt.minisig')\n"
    "PS> foreach ($m in 'tagmanifest-sha256.txt', 'manifest-sha256.txt') { foreach ($line in "
    "Get-Content $m) { $hash, $path = $line -split '  ', 2; $named += $path; if ((Get-FileHash "
    "-Algorithm SHA256 $path).Hash -ne $hash) { \"DOES NOT HOLD: $path\" } } }\n"
    "PS> foreach ($line in Get-Content manifest-sha512.txt) { $hash, $path = $line -split '  "
    "', 2; "
    "if ((Get-FileHash -Algorithm SHA512 $path).Hash -ne $hash) { \"DOES NOT HOLD: $path\" } "
    "}\n"
    "PS> Get-ChildItem -Recurse -File | Resolve-Path -Relative | ForEach-Object { "
    "$_.Substring(2).Replace('\\', '/') } | Where-Object { $named -notcontains $_ } | "
    "ForEach-Object { \"ADDED: $_\" }\n"
    "\n";

static const char limits_part[] =
    "What this shows\n"
    "\n"
    "That the files are those that were signed; that the entries are those that their "
    "authors'\n"
    "keys signed, in that order, none of them missing up to the receipt; that the frames that\n"
    "marks speak of are those of the files. It detects changes made after the receipt, and\n"
    "changes by anyone without the reviewers' keys. Whoever holds those keys could have "
    "written\n"
    "everything anew before it. Times are those of the authors' own clocks, unless a time "
    "stamp\n"
    "says otherwise. Nothing here says that what was filmed, or what was written about it, is\n"
    "true.\n";

/* ---- 1. The signature ---- */

/* (transfer full): a name cannot begin a line, which would be a command. */
static char *
make_harmless (const char *name)
{
  GString *text = g_string_new (NULL);

  for (const char *c = name; *c != '\0'; c = g_utf8_next_char (c))
    {
      const gunichar letter = g_utf8_get_char (c);

      g_string_append_unichar (text, g_unichar_isprint (letter) ? letter : '?');
    }
  return g_string_free (text, FALSE);
}

static void
add_signature (GString *text, const CsmDossier *dossier)
{
  CsmMinisignKey key;
  uint8_t bytes[CSM_PUBLIC_KEY_SIZE] = { 0 };
  g_autofree char *label = make_harmless (dossier->exporter->label);
  g_autofree char *base64 = NULL;
  g_autofree char *words = NULL;

  (void) csm_hex_decode (dossier->exporter->key, bytes, sizeof bytes); /* made from bytes */
  csm_minisign_key_init (&key, bytes);
  base64 = csm_minisign_key_to_base64 (&key);
  words = csm_key_words (bytes);
  g_string_append_printf (
      text,
      "1. The signature\n\n"
      "This bundle was signed with the key of %s. A signature is worth what is known\n"
      "about its key: compare it with what came to you by another way than this bundle, the\n"
      "telephone say. As words:\n\n"
      "  %s\n\n"
      "    minisign -V -q -P %s -m tagmanifest-sha256.txt || fail 'the signature'\n",
      label, words, base64);
  g_string_append (text, about_signature);
}

/* ---- 3. The ledger ---- */

static void
add_ledger (GString *text, const CsmDossier *dossier)
{
  char code[CSM_RECEIPT_CODE_LENGTH + 1];

  g_string_append (text, ledger_part);
  g_string_append (text, "    pem_of () { case $1 in\n");
  for (guint i = 0; i < dossier->reviewers->len; i++)
    {
      const CsmDossierReviewer *reviewer = dossier->reviewers->pdata[i];

      g_string_append_printf (text, "      %s) echo data/%s.pem ;;\n", reviewer->key,
                              reviewer->key_file);
    }
  g_string_append (text, "    esac; }\n");
  for (guint i = 0; i < dossier->reviewers->len; i++)
    {
      const CsmDossierReviewer *reviewer = dossier->reviewers->pdata[i];

      g_string_append_printf (
          text,
          "    test \"$(openssl pkey -pubin -in data/%s.pem -outform DER | od -An -v -tx1 | "
          "tr -d ' \\n')\" = 302a300506032b6570032100%s || fail 'data/%s.pem'\n",
          reviewer->key_file, reviewer->key, reviewer->key_file);
    }
  g_string_append_printf (text, "    case_id=%s\n", dossier->case_id.hex);
  g_string_append (text, loop_part);
  csm_receipt_code (csm_receipt_get_sha256 (dossier->receipt), code);
  g_string_append_printf (
      text,
      "    code=$(sha256sum < data/ledger/heads.json | cut -c1-64 | tr a-f A-F | "
      "basenc -d --base16 | basenc --base32 -w0 | cut -c1-26)\n"
      "    test \"$code\" = %s || fail 'the receipt'\n",
      code);
  g_string_append (text, receipt_part);
}

/* ---- 4. Time stamps ---- */

static void
add_stamp (GString *text, guint number, const CsmStampFiles *stamp)
{
  g_autofree char *stem = csm_bundle_stamp_file (number);
  g_autofree char *chain =
      stamp->chain != NULL ? g_strdup_printf (" -untrusted data/%s-chain.pem", stem) : NULL;

  g_string_append_printf (
      text,
      "    openssl ts -verify -data data/%s.json -in data/%s.tsr -token_in -CAfile "
      "data/%s-ca.pem"
      "%s -attime %" PRId64 " > \"$work/said\" 2>&1 || fail 'data/%s.tsr'\n"
      "    for head in $(sed 's/.*\"heads\":\\[\\([^]]*\\)\\].*/\\1/' data/%s.json | tr -d "
      "'\"' | "
      "tr , ' '); do\n"
      "      test -e \"$work/e/$head\" || fail 'data/%s.json names an entry that is missing'\n"
      "    done\n"
      "    openssl ts -reply -in data/%s.tsr -token_in -text 2> \"$work/said\" | grep 'Time "
      "stamp:'\n",
      stem, stem, stem, chain != NULL ? chain : "", stamp->time / 1000, stem, stem, stem, stem);
}

static void
add_stamps (GString *text, const GPtrArray *stamps)
{
  g_string_append (text, "4. Time stamps\n\n");
  if (stamps->len == 0)
    {
      g_string_append (text, "There is none: these entries are dated by the clocks of the\n"
                             "computers that signed them, and by nothing else.\n");
      return;
    }
  g_string_append (text,
                   "Services outside have stamped earlier receipts (RFC 3161): the entries "
                   "that lead to\nthose receipts' heads were there at that time. Whether to "
                   "trust a service is up to\nyou: its CA file came with the time stamp.\n"
                   "\n");
  for (guint i = 0; i < stamps->len; i++)
    add_stamp (text, i, stamps->pdata[i]);
}

GBytes *
csm_verify_text_write (const CsmDossier *dossier, const GPtrArray *stamps)
{
  GString *text = g_string_new (opening);

  add_signature (text, dossier);
  g_string_append (text, files_part);
  add_ledger (text, dossier);
  add_stamps (text, stamps);
  g_string_append (text, frames_part);
  g_string_append (text, windows_part);
  g_string_append (text, limits_part);
  return g_string_free_to_bytes (text);
}
