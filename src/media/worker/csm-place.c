/* csm-place.c: where a file says it was taken
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-place.h"

#include <glib.h>
#include <string.h>

#define DEGREE INT64_C (10000000) /* a degree, in the unit of CsmPlace */
#define MAX_DIGITS 9              /* what fits without overflow, before the point */

/* ---- ISO 6709 ---- */

/* "+DDMMSS.sss": its digits before the point, and after it in 1e-7, no more than seven read. */
typedef struct
{
  int sign;
  int n_digits;
  int64_t whole, fraction;
} Number;

static bool
take_number (const char **at, Number *ret)
{
  int64_t unit = DEGREE;

  *ret = (Number){ .sign = **at == '-' ? -1 : 1 };
  if (**at != '+' && **at != '-')
    return false;
  for (++*at; g_ascii_isdigit (**at) && ret->n_digits < MAX_DIGITS; ++*at, ret->n_digits++)
    ret->whole = ret->whole * 10 + (**at - '0');
  if (**at == '.')
    for (++*at; g_ascii_isdigit (**at); ++*at)
      ret->fraction += (**at - '0') * (unit /= 10);
  return ret->n_digits > 0;
}

/* @degree_digits: 2 for a latitude, 3 for a longitude; two more for minutes, two for seconds.
 */
static bool
to_degrees (const Number *number, int degree_digits, int64_t limit, int64_t *ret)
{
  int64_t value;

  switch (number->n_digits - degree_digits)
    {
    case 0:
      value = number->whole * DEGREE + number->fraction;
      break;
    case 2:
      value =
          number->whole / 100 * DEGREE + (number->whole % 100 * DEGREE + number->fraction) / 60;
      break;
    case 4:
      value = number->whole / 10000 * DEGREE + number->whole / 100 % 100 * DEGREE / 60 +
              (number->whole % 100 * DEGREE + number->fraction) / 3600;
      break;
    default:
      return false;
    }
  *ret = number->sign * value;
  return value <= limit * DEGREE;
}

bool
csm_place_from_iso6709 (const char *text, CsmPlace *ret_place)
{
  CsmPlace place = { .altitude = INT64_MIN };
  Number number;

  if (!take_number (&text, &number) || !to_degrees (&number, 2, 90, &place.latitude) ||
      !take_number (&text, &number) || !to_degrees (&number, 3, 180, &place.longitude))
    return false;
  if (take_number (&text, &number))
    place.altitude = number.sign * (number.whole * 1000 + number.fraction / (DEGREE / 1000));
  *ret_place = place;
  return true;
}

bool
csm_place_from_tags (const AVDictionary *tags, CsmPlace *ret_place)
{
  static const char *const keys[] = { "com.apple.quicktime.location.ISO6709", "location",
                                      "location-eng" };

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const AVDictionaryEntry *tag = av_dict_get (tags, keys[i], NULL, 0);

      if (tag != NULL && csm_place_from_iso6709 (tag->value, ret_place))
        return true;
    }
  return false;
}

/* ---- Exif ---- */

/* "NUMERATOR:DENOMINATOR" of 32 bits each, times @unit; goes on behind the comma. */
static bool
take_ratio (const char **at, int64_t unit, int64_t *ret)
{
  char *end;
  guint64 num, den;

  while (g_ascii_isspace (**at) || **at == ',')
    ++*at;
  if (!g_ascii_isdigit (**at))
    return false;
  num = g_ascii_strtoull (*at, &end, 10);
  if (*end != ':' || !g_ascii_isdigit (end[1]))
    return false;
  den = g_ascii_strtoull (end + 1, &end, 10);
  if (den == 0 || den > UINT32_MAX || num > UINT32_MAX)
    return false;
  *at = end;
  *ret = (int64_t) (num * (guint64) unit / den);
  return true;
}

static bool
read_angle (const AVDictionary *tags,
            const char *key,
            const char *sign_key,
            char negative,
            int64_t limit,
            int64_t *ret)
{
  const AVDictionaryEntry *tag = av_dict_get (tags, key, NULL, 0);
  const AVDictionaryEntry *sign = av_dict_get (tags, sign_key, NULL, 0);
  int64_t degrees, minutes = 0, seconds = 0, value;
  const char *at;

  if (tag == NULL || sign == NULL)
    return false;
  at = tag->value;
  if (!take_ratio (&at, DEGREE, &degrees) || degrees > limit * DEGREE)
    return false;
  if (take_ratio (&at, DEGREE, &minutes))
    (void) take_ratio (&at, DEGREE, &seconds);              /* 0 when it is not there */
  value = degrees + (minutes * 60 + seconds + 1800) / 3600; /* to the nearest */
  *ret = strchr (sign->value, negative) != NULL ? -value : value;
  return value <= limit * DEGREE;
}

bool
csm_place_from_exif (const AVDictionary *tags, CsmPlace *ret_place)
{
  const AVDictionaryEntry *altitude = av_dict_get (tags, "GPSAltitude", NULL, 0);
  const AVDictionaryEntry *below = av_dict_get (tags, "GPSAltitudeRef", NULL, 0);
  CsmPlace place = { .altitude = INT64_MIN };

  if (!read_angle (tags, "GPSLatitude", "GPSLatitudeRef", 'S', 90, &place.latitude) ||
      !read_angle (tags, "GPSLongitude", "GPSLongitudeRef", 'W', 180, &place.longitude))
    return false;
  if (altitude != NULL)
    {
      const char *at = altitude->value;

      if (take_ratio (&at, 1000, &place.altitude) && below != NULL &&
          strchr (below->value, '1') != NULL)
        place.altitude = -place.altitude;
    }
  *ret_place = place;
  return true;
}
