/* csm-key-words.c: a public key's fingerprint as words, to compare over the phone
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "custody/csm-key-words.h"

#include <string.h>

/* By byte; at even places the first, at odd ones the second. */
/* clang-format off */
static const char words[256][2][12] = {
  { "aardvark", "adroitness" }, { "absurd", "adviser" }, { "accrue", "aftermath" },
  { "acme", "aggregate" }, { "adrift", "alkali" }, { "adult", "almighty" },
  { "afflict", "amulet" }, { "ahead", "amusement" }, { "aimless", "antenna" },
  { "Algol", "applicant" }, { "allow", "Apollo" }, { "alone", "armistice" },
  { "ammo", "article" }, { "ancient", "asteroid" }, { "apple", "Atlantic" },
  { "artist", "atmosphere" }, { "assume", "autopsy" }, { "Athens", "Babylon" },
  { "atlas", "backwater" }, { "Aztec", "barbecue" }, { "baboon", "belowground" },
  { "backfield", "bifocals" }, { "backward", "bodyguard" }, { "banjo", "bookseller" },
  { "beaming", "borderline" }, { "bedlamp", "bottomless" }, { "beehive", "Bradbury" },
  { "beeswax", "bravado" }, { "befriend", "Brazilian" }, { "Belfast", "breakaway" },
  { "berserk", "Burlington" }, { "billiard", "businessman" }, { "bison", "butterfat" },
  { "blackjack", "Camelot" }, { "blockade", "candidate" }, { "blowtorch", "cannonball" },
  { "bluebird", "Capricorn" }, { "bombast", "caravan" }, { "bookshelf", "caretaker" },
  { "brackish", "celebrate" }, { "breadline", "cellulose" }, { "breakup", "certify" },
  { "brickyard", "chambermaid" }, { "briefcase", "Cherokee" }, { "Burbank", "Chicago" },
  { "button", "clergyman" }, { "buzzard", "coherence" }, { "cement", "combustion" },
  { "chairlift", "commando" }, { "chatter", "company" }, { "checkup", "component" },
  { "chisel", "concurrent" }, { "choking", "confidence" }, { "chopper", "conformist" },
  { "Christmas", "congregate" }, { "clamshell", "consensus" }, { "classic", "consulting" },
  { "classroom", "corporate" }, { "cleanup", "corrosion" }, { "clockwork", "councilman" },
  { "cobra", "crossover" }, { "commence", "crucifix" }, { "concert", "cumbersome" },
  { "cowbell", "customer" }, { "crackdown", "Dakota" }, { "cranky", "decadence" },
  { "crowfoot", "December" }, { "crucial", "decimal" }, { "crumpled", "designing" },
  { "crusade", "detector" }, { "cubic", "detergent" }, { "dashboard", "determine" },
  { "deadbolt", "dictator" }, { "deckhand", "dinosaur" }, { "dogsled", "direction" },
  { "dragnet", "disable" }, { "drainage", "disbelief" }, { "dreadful", "disruptive" },
  { "drifter", "distortion" }, { "dropper", "document" }, { "drumbeat", "embezzle" },
  { "drunken", "enchanting" }, { "Dupont", "enrollment" }, { "dwelling", "enterprise" },
  { "eating", "equation" }, { "edict", "equipment" }, { "egghead", "escapade" },
  { "eightball", "Eskimo" }, { "endorse", "everyday" }, { "endow", "examine" },
  { "enlist", "existence" }, { "erase", "exodus" }, { "escape", "fascinate" },
  { "exceed", "filament" }, { "eyeglass", "finicky" }, { "eyetooth", "forever" },
  { "facial", "fortitude" }, { "fallout", "frequency" }, { "flagpole", "gadgetry" },
  { "flatfoot", "Galveston" }, { "flytrap", "getaway" }, { "fracture", "glossary" },
  { "framework", "gossamer" }, { "freedom", "graduate" }, { "frighten", "gravity" },
  { "gazelle", "guitarist" }, { "Geiger", "hamburger" }, { "glitter", "Hamilton" },
  { "glucose", "handiwork" }, { "goggles", "hazardous" }, { "goldfish", "headwaters" },
  { "gremlin", "hemisphere" }, { "guidance", "hesitate" }, { "hamlet", "hideaway" },
  { "highchair", "holiness" }, { "hockey", "hurricane" }, { "indoors", "hydraulic" },
  { "indulge", "impartial" }, { "inverse", "impetus" }, { "involve", "inception" },
  { "island", "indigo" }, { "jawbone", "inertia" }, { "keyboard", "infancy" },
  { "kickoff", "inferno" }, { "kiwi", "informant" }, { "klaxon", "insincere" },
  { "locale", "insurgent" }, { "lockup", "integrate" }, { "merit", "intention" },
  { "minnow", "inventive" }, { "miser", "Istanbul" }, { "Mohawk", "Jamaica" },
  { "mural", "Jupiter" }, { "music", "leprosy" }, { "necklace", "letterhead" },
  { "Neptune", "liberty" }, { "newborn", "maritime" }, { "nightbird", "matchmaker" },
  { "Oakland", "maverick" }, { "obtuse", "Medusa" }, { "offload", "megaton" },
  { "optic", "microscope" }, { "orca", "microwave" }, { "payday", "midsummer" },
  { "peachy", "millionaire" }, { "pheasant", "miracle" }, { "physique", "misnomer" },
  { "playhouse", "molasses" }, { "Pluto", "molecule" }, { "preclude", "Montana" },
  { "prefer", "monument" }, { "preshrunk", "mosquito" }, { "printer", "narrative" },
  { "prowler", "nebula" }, { "pupil", "newsletter" }, { "puppy", "Norwegian" },
  { "python", "October" }, { "quadrant", "Ohio" }, { "quiver", "onlooker" },
  { "quota", "opulent" }, { "ragtime", "Orlando" }, { "ratchet", "outfielder" },
  { "rebirth", "Pacific" }, { "reform", "pandemic" }, { "regain", "Pandora" },
  { "reindeer", "paperweight" }, { "rematch", "paragon" }, { "repay", "paragraph" },
  { "retouch", "paramount" }, { "revenge", "passenger" }, { "reward", "pedigree" },
  { "rhythm", "Pegasus" }, { "ribcage", "penetrate" }, { "ringbolt", "perceptive" },
  { "robust", "performance" }, { "rocker", "pharmacy" }, { "ruffled", "phonetic" },
  { "sailboat", "photograph" }, { "sawdust", "pioneer" }, { "scallion", "pocketful" },
  { "scenic", "politeness" }, { "scorecard", "positive" }, { "Scotland", "potato" },
  { "seabird", "processor" }, { "select", "provincial" }, { "sentence", "proximate" },
  { "shadow", "puberty" }, { "shamrock", "publisher" }, { "showgirl", "pyramid" },
  { "skullcap", "quantity" }, { "skydive", "racketeer" }, { "slingshot", "rebellion" },
  { "slowdown", "recipe" }, { "snapline", "recover" }, { "snapshot", "repellent" },
  { "snowcap", "replica" }, { "snowslide", "reproduce" }, { "solo", "resistor" },
  { "southward", "responsive" }, { "soybean", "retraction" }, { "spaniel", "retrieval" },
  { "spearhead", "retrospect" }, { "spellbind", "revenue" }, { "spheroid", "revival" },
  { "spigot", "revolver" }, { "spindle", "sandalwood" }, { "spyglass", "sardonic" },
  { "stagehand", "Saturday" }, { "stagnate", "savagery" }, { "stairway", "scavenger" },
  { "standard", "sensation" }, { "stapler", "sociable" }, { "steamship", "souvenir" },
  { "sterling", "specialist" }, { "stockman", "speculate" }, { "stopwatch", "stethoscope" },
  { "stormy", "stupendous" }, { "sugar", "supportive" }, { "surmount", "surrender" },
  { "suspense", "suspicious" }, { "sweatband", "sympathy" }, { "swelter", "tambourine" },
  { "tactics", "telephone" }, { "talon", "therapist" }, { "tapeworm", "tobacco" },
  { "tempest", "tolerance" }, { "tiger", "tomorrow" }, { "tissue", "torpedo" },
  { "tonic", "tradition" }, { "topmost", "travesty" }, { "tracker", "trombonist" },
  { "transit", "truncated" }, { "trauma", "typewriter" }, { "treadmill", "ultimate" },
  { "Trojan", "undaunted" }, { "trouble", "underfoot" }, { "tumor", "unicorn" },
  { "tunnel", "unify" }, { "tycoon", "universe" }, { "uncut", "unravel" },
  { "unearth", "upcoming" }, { "unwind", "vacancy" }, { "uproot", "vagabond" },
  { "upset", "vertigo" }, { "upshot", "Virginia" }, { "vapor", "visitor" },
  { "village", "vocalist" }, { "virus", "voyager" }, { "Vulcan", "warranty" },
  { "waffle", "Waterloo" }, { "wallet", "whimsical" }, { "watchword", "Wichita" },
  { "wayside", "Wilmington" }, { "willow", "Wyoming" }, { "woodlark", "yesteryear" },
  { "Zulu", "Yucatan" },
};
/* clang-format on */

char *
csm_key_words (const uint8_t public_key[CSM_PUBLIC_KEY_SIZE])
{
  GString *text = g_string_new (NULL);
  CsmDigest digest;

  csm_sha256 (public_key, CSM_PUBLIC_KEY_SIZE, &digest);
  for (int i = 0; i < CSM_KEY_WORDS; i++)
    g_string_append_printf (text, "%s%s", i == 0 ? "" : " ", words[digest.bytes[i]][i % 2]);
  return g_string_free (text, FALSE);
}

/* (transfer full): what stands between blanks. */
static GPtrArray *
split (const char *text)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func (g_free);
  static const char between[] = " \t\r\n,;.";

  for (text += strspn (text, between); *text != '\0'; text += strspn (text, between))
    {
      const size_t size = strcspn (text, between);

      g_ptr_array_add (parts, g_strndup (text, size));
      text += size;
    }
  return parts;
}

bool
csm_key_words_match (const uint8_t public_key[CSM_PUBLIC_KEY_SIZE],
                     const char *text,
                     int *ret_wrong)
{
  g_autoptr (GPtrArray) parts = split (text);
  CsmDigest digest;
  int wrong = 0;

  csm_sha256 (public_key, CSM_PUBLIC_KEY_SIZE, &digest);
  for (int i = 0; wrong == 0 && i < CSM_KEY_WORDS; i++)
    if (i >= (int) parts->len ||
        g_ascii_strcasecmp (parts->pdata[i], words[digest.bytes[i]][i % 2]) != 0)
      wrong = i + 1;
  if (wrong == 0 && parts->len > CSM_KEY_WORDS)
    wrong = CSM_KEY_WORDS + 1;
  if (ret_wrong != NULL)
    *ret_wrong = wrong;
  return wrong == 0;
}

bool
csm_key_words_parse (const char *text, uint8_t ret_bytes[CSM_KEY_WORDS])
{
  g_autoptr (GPtrArray) parts = split (text);
  uint8_t bytes[CSM_KEY_WORDS];

  if (parts->len != CSM_KEY_WORDS)
    return false;
  for (int i = 0; i < CSM_KEY_WORDS; i++)
    {
      int value = 0;

      while (value < 256 && g_ascii_strcasecmp (parts->pdata[i], words[value][i % 2]) != 0)
        value++;
      if (value == 256)
        return false;
      bytes[i] = (uint8_t) value;
    }
  memcpy (ret_bytes, bytes, sizeof bytes);
  return true;
}
