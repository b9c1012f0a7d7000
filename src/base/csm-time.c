/* csm-time.c: this computer's clock, and media time
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csm-time.h"

#include <inttypes.h>
#include <string.h>

#define MS_PER_DAY INT64_C (86400000)
/* 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: what four digits of year can say. */
#define MIN_TIME (INT64_C (-719528) * MS_PER_DAY)
#define MAX_TIME (INT64_C (2932897) * MS_PER_DAY - 1)

typedef struct
{
  int year, month, day;
} Date;

CsmTime
csm_time_now (void)
{
  return g_get_real_time () / 1000;
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar and back, for years from 0: eras of
 * 400 years, each year counted from 1 March so that the leap day comes last. */
static int64_t
days_from_date (Date date)
{
  const int64_t year = date.year - (date.month <= 2) + 400; /* never negative */
  const int64_t era = year / 400;
  const int64_t year_of_era = year % 400;
  const int64_t day_of_year =
      (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  const int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

  return (era - 1) * 146097 + day_of_era - 719468;
}

static Date
date_from_days (int64_t days)
{
  const int64_t shifted = days + 719468 + 146097;
  const int64_t era = shifted / 146097;
  const int64_t day_of_era = shifted % 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month = (5 * day_of_year + 2) / 153; /* 0 is March */
  Date date;

  date.day = (int) (day_of_year - (153 * month + 2) / 5 + 1);
  date.month = (int) (month < 10 ? month + 3 : month - 9);
  date.year = (int) (year_of_era + (era - 1) * 400 + (date.month <= 2));
  return date;
}

char *
csm_time_format (CsmTime time)
{
  /* Shifted to year 0, so that division rounds down. */
  const int64_t since = CLAMP (time, MIN_TIME, MAX_TIME) - MIN_TIME;
  const Date date = date_from_days (since / MS_PER_DAY + MIN_TIME / MS_PER_DAY);
  const int ms = (int) (since % MS_PER_DAY);

  return g_strdup_printf ("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", date.year, date.month,
                          date.day, ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

/* @count digits at @text as a number; the caller has checked that they are digits. */
static int
digits (const char *text, int count)
{
  int value = 0;

  for (int i = 0; i < count; i++)
    value = value * 10 + (text[i] - '0');
  return value;
}

bool
csm_time_parse (const char *text, CsmTime *ret_time)
{
  static const char shape[] = "0000-00-00T00:00:00.000Z";

  if (text == NULL || strlen (text) != sizeof shape - 1)
    return false;
  for (size_t i = 0; i < sizeof shape - 1; i++)
    if (shape[i] == '0' ? !g_ascii_isdigit (text[i]) : text[i] != shape[i])
      return false;

  const Date date = { digits (text, 4), digits (text + 5, 2), digits (text + 8, 2) };

  if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31)
    return false;

  const CsmTime time =
      days_from_date (date) * MS_PER_DAY + digits (text + 11, 2) * INT64_C (3600000) +
      digits (text + 14, 2) * 60000 + digits (text + 17, 2) * 1000 + digits (text + 20, 3);
  /* 31 February, hour 24 and second 60 come out as another time. */
  g_autofree char *again = csm_time_format (time);

  if (strcmp (text, again) != 0)
    return false;
  *ret_time = time;
  return true;
}

int64_t
csm_ticks_to_ms (int64_t ticks, CsmTimebase timebase)
{
  if (ticks == CSM_NO_PTS)
    return CSM_NO_PTS;
  if (timebase.den == 0)
    return 0;

  /* At most 63 + 31 + 10 bits. */
  __int128 numerator = (__int128) ticks * timebase.num * 1000;
  __int128 denominator = timebase.den;

  if (denominator < 0)
    {
      numerator = -numerator;
      denominator = -denominator;
    }

  __int128 ms = numerator / denominator;

  if (numerator % denominator < 0)
    ms--;
  /* INT64_MIN is taken: it says that there is no time. */
  return (int64_t) CLAMP (ms, -(__int128) INT64_MAX, (__int128) INT64_MAX);
}

char *
csm_ticks_format (int64_t ticks, CsmTimebase timebase)
{
  if (ticks == CSM_NO_PTS)
    return g_strdup ("-");

  const int64_t ms = csm_ticks_to_ms (ticks, timebase);
  const uint64_t size = (uint64_t) (ms < 0 ? -ms : ms);

  return g_strdup_printf ("%s%02" PRIu64 ":%02d:%02d.%03d", ms < 0 ? "-" : "", size / 3600000,
                          (int) (size / 60000 % 60), (int) (size / 1000 % 60),
                          (int) (size % 1000));
}

/* Reads @min to @max digits and moves on; false when there are fewer or more. */
static bool
read_digits (const char **text, int min, int max, int64_t *ret_value)
{
  int count = 0;

  *ret_value = 0;
  while (count < max && g_ascii_isdigit (**text))
    {
      *ret_value = *ret_value * 10 + (*(*text)++ - '0');
      count++;
    }
  return count >= min && !g_ascii_isdigit (**text);
}

bool
csm_clock_parse (const char *text, int64_t *ret_ms)
{
  int64_t seconds, part, fraction = 0;
  int colons = 0;

  if (text == NULL)
    return false;

  const bool negative = *text == '-';

  if (negative)
    text++;
  if (!read_digits (&text, 1, 9, &seconds))
    return false;
  while (*text == ':' && colons < 2)
    {
      text++;
      colons++;
      /* "90:00" is fine, "1:90:00" is not: only the first part may run over. */
      if (!read_digits (&text, 2, 2, &part) || part >= 60)
        return false;
      seconds = seconds * 60 + part;
    }
  if (*text == '.')
    {
      const char *start = ++text;

      if (!read_digits (&text, 1, 3, &fraction))
        return false;
      for (int64_t count = text - start; count < 3; count++)
        fraction *= 10;
    }
  else if (colons == 0)
    return false; /* a bare number is a frame */
  if (*text != '\0')
    return false;

  const int64_t ms = seconds * 1000 + fraction;

  *ret_ms = negative ? -ms : ms;
  return true;
}
