/* csm-job.c: something that takes a while, as people see it
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "review/csm-items.h"

struct _CsmJob
{
  GObject parent_instance;

  /* Owned */
  char *title;
  char *detail;
  char *outcome;
  GCancellable *cancellable;

  double fraction;
  CsmJobState state;
};

enum { PROP_0, PROP_TITLE, PROP_DETAIL, PROP_FRACTION, PROP_STATE, PROP_OUTCOME, N_PROPS };

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (CsmJob, csm_job, G_TYPE_OBJECT)

static void
csm_job_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CsmJob *self = CSM_JOB (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_DETAIL:
      g_value_set_string (value, self->detail);
      break;
    case PROP_FRACTION:
      g_value_set_double (value, self->fraction);
      break;
    case PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case PROP_OUTCOME:
      g_value_set_string (value, self->outcome);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
csm_job_finalize (GObject *object)
{
  CsmJob *self = CSM_JOB (object);

  g_free (self->title);
  g_free (self->detail);
  g_free (self->outcome);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (csm_job_parent_class)->finalize (object);
}

static void
csm_job_class_init (CsmJobClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = csm_job_get_property;
  object_class->finalize = csm_job_finalize;

  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_DETAIL] = g_param_spec_string ("detail", NULL, NULL, NULL, flags);
  properties[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, -1, 1, -1, flags);
  properties[PROP_STATE] =
      g_param_spec_int ("state", NULL, NULL, 0, G_MAXINT, CSM_JOB_RUNNING, flags);
  properties[PROP_OUTCOME] = g_param_spec_string ("outcome", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
csm_job_init (CsmJob *self)
{
  self->detail = g_strdup ("");
  self->outcome = g_strdup ("");
  self->fraction = -1;
  self->cancellable = g_cancellable_new ();
}

CsmJob *
csm_job_new (const char *title)
{
  g_return_val_if_fail (title != NULL, NULL);

  CsmJob *self = g_object_new (CSM_TYPE_JOB, NULL);

  self->title = g_strdup (title);
  return self;
}

void
csm_job_cancel (CsmJob *self)
{
  g_return_if_fail (CSM_IS_JOB (self));
  g_cancellable_cancel (self->cancellable);
}

GCancellable *
csm_job_get_cancellable (CsmJob *self)
{
  g_return_val_if_fail (CSM_IS_JOB (self), NULL);
  return self->cancellable;
}

CsmJobState
csm_job_get_state (CsmJob *self)
{
  g_return_val_if_fail (CSM_IS_JOB (self), CSM_JOB_FAILED);
  return self->state;
}

const char *
csm_job_get_outcome (CsmJob *self)
{
  g_return_val_if_fail (CSM_IS_JOB (self), NULL);
  return self->outcome;
}

double
csm_job_get_fraction (CsmJob *self)
{
  g_return_val_if_fail (CSM_IS_JOB (self), -1);
  return self->fraction;
}

void
csm_job_set_progress (CsmJob *self, double fraction, const char *detail)
{
  g_return_if_fail (CSM_IS_JOB (self));

  if (self->fraction != fraction)
    {
      self->fraction = fraction < 0 ? -1 : MIN (fraction, 1);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FRACTION]);
    }
  if (detail != NULL && g_strcmp0 (self->detail, detail) != 0)
    {
      g_free (self->detail);
      self->detail = g_strdup (detail);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DETAIL]);
    }
}

void
csm_job_end (CsmJob *self, CsmJobState state, const char *outcome)
{
  g_return_if_fail (CSM_IS_JOB (self) && state != CSM_JOB_RUNNING);
  g_return_if_fail (self->state == CSM_JOB_RUNNING);

  g_free (self->outcome);
  self->outcome = g_strdup (outcome != NULL ? outcome : "");
  self->state = state;
  /* The outcome first: who waits for the state reads it. */
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OUTCOME]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}
