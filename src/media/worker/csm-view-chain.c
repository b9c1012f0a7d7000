/* csm-view-chain.c: a view as libavfilter's filters
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/worker/csm-view-chain.h"

#include "media/worker/csm-view-filters.h"

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>

/* None of these opens a file, a device or a library, and all give one frame for each. */
static const char *const allowed[] = {
  "bwdif",  "crop", "deshake", "eq",      "extractplanes", "field",   "format", "hflip",
  "hqdn3d", "hue",  "scale",   "tonemap", "transpose",     "unsharp", "vflip",  "zscale",
};

struct _CsmViewChain
{
  /* What runs */
  CsmView view;
  int max_width, max_height;
  AVFilterGraph *graph; /* NULL: nothing */
  AVFilterContext *source, *sink;
  AVFrame *like; /* the frame that it was made for, without pixels */
  bool ended;    /* nothing can go in any more */
  char *filters;
  int64_t begun;  /* the first frame that went in */
  int64_t next;   /* the next one to go in */
  int64_t coming; /* the next one to come out */

  /* What came out last */
  AVFrame *last; /* NULL: nothing */
  int64_t last_ordinal;
};

CsmViewChain *
csm_view_chain_new (void)
{
  return g_new0 (CsmViewChain, 1);
}

static void
stop (CsmViewChain *self)
{
  avfilter_graph_free (&self->graph);
  av_frame_free (&self->like);
  g_clear_pointer (&self->filters, g_free);
  av_frame_free (&self->last);
  self->ended = false;
}

void
csm_view_chain_free (CsmViewChain *self)
{
  if (self == NULL)
    return;
  stop (self);
  g_free (self);
}

/* ---- building ---- */

static gboolean
check_filters (AVFilterGraph *graph, GError **error)
{
  for (unsigned i = 0; i < graph->nb_filters; i++)
    {
      const char *name = graph->filters[i]->filter->name;
      bool known = g_str_equal (name, "buffer") || g_str_equal (name, "buffersink");

      for (size_t k = 0; k < G_N_ELEMENTS (allowed) && !known; k++)
        known = g_str_equal (name, allowed[k]);
      if (!known)
        {
          g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_REFUSED,
                       "The filter \"%s\" is not used here.", name);
          return FALSE;
        }
    }
  return TRUE;
}

static int
link_ends (CsmViewChain *self, const AVFrame *frame)
{
  g_autofree char *arguments = csm_av_dup_filter_source (frame);
  AVFilterInOut *inputs = NULL, *outputs = NULL;
  int rc = avfilter_graph_parse2 (self->graph, self->filters, &inputs, &outputs);

  if (rc >= 0)
    rc = avfilter_graph_create_filter (&self->source, avfilter_get_by_name ("buffer"), "in",
                                       arguments, NULL, self->graph);
  if (rc >= 0)
    rc = avfilter_graph_create_filter (&self->sink, avfilter_get_by_name ("buffersink"), "out",
                                       NULL, NULL, self->graph);
  if (rc >= 0)
    rc = avfilter_link (self->source, 0, inputs->filter_ctx, (unsigned) inputs->pad_idx);
  if (rc >= 0)
    rc = avfilter_link (outputs->filter_ctx, (unsigned) outputs->pad_idx, self->sink, 0);
  avfilter_inout_free (&inputs);
  avfilter_inout_free (&outputs);
  return rc;
}

static gboolean
build (CsmViewChain *self, const AVFrame *frame, GError **error)
{
  int rc;

  self->filters =
      csm_view_filters_write (&self->view, frame, self->max_width, self->max_height, error);
  if (self->filters == NULL)
    return FALSE;
  self->graph = avfilter_graph_alloc ();
  self->like = av_frame_alloc ();
  if (self->graph == NULL || self->like == NULL || av_frame_copy_props (self->like, frame) < 0)
    return csm_media_fail_av (error, AVERROR (ENOMEM), "make the view");
  self->like->format = frame->format;
  self->like->width = frame->width;
  self->like->height = frame->height;
  self->graph->nb_threads = 1;
  avfilter_graph_set_auto_convert (self->graph, AVFILTER_AUTO_CONVERT_NONE);
  rc = link_ends (self, frame);
  if (rc >= 0 && !check_filters (self->graph, error))
    return FALSE;
  if (rc >= 0)
    rc = avfilter_graph_config (self->graph, NULL);
  return rc >= 0 ? TRUE : csm_media_fail_av (error, rc, "make the view");
}

/* ---- running ---- */

/* The filters were made for frames like this one: what their text states is the same. */
static bool
is_alike (const AVFrame *a, const AVFrame *b)
{
  return a->width == b->width && a->height == b->height && a->format == b->format &&
         a->colorspace == b->colorspace && a->color_range == b->color_range &&
         a->color_trc == b->color_trc && a->color_primaries == b->color_primaries;
}

static bool
remembers (const CsmView *view)
{
  return view->deinterlace != 0 || view->denoise > 0 || view->stabilise != 0;
}

static gboolean
take_out (CsmViewChain *self, int64_t wanted, GError **error)
{
  int rc = 0;

  while (rc >= 0)
    {
      g_autoptr (AVFrame) frame = av_frame_alloc ();

      if (frame == NULL)
        return csm_media_fail_av (error, AVERROR (ENOMEM), "make the view");
      rc = av_buffersink_get_frame (self->sink, frame);
      if (rc >= 0 && self->coming++ == wanted)
        {
          av_frame_free (&self->last);
          self->last = g_steal_pointer (&frame);
          self->last_ordinal = wanted;
        }
    }
  if (rc == AVERROR (EAGAIN) || rc == AVERROR_EOF)
    return TRUE;
  return csm_media_fail_av (error, rc, "make the view");
}

/* @frame is NULL at the end. */
static gboolean
put_in (CsmViewChain *self, const AVFrame *frame, int64_t wanted, GError **error)
{
  g_autoptr (AVFrame) copy = NULL;
  int rc;

  if (frame != NULL)
    {
      copy = csm_av_frame_copy (frame);
      if (copy == NULL)
        return csm_media_fail_av (error, AVERROR (ENOMEM), "make the view");
      copy->pts = self->next++;
    }
  self->ended = frame == NULL;
  rc = av_buffersrc_add_frame (self->source, copy);
  return rc >= 0 ? take_out (self, wanted, error)
                 : csm_media_fail_av (error, rc, "make the view");
}

static bool
has_it (const CsmViewChain *self, int64_t ordinal)
{
  return self->last != NULL && self->last_ordinal == ordinal;
}

/* Going on gives what beginning again would: recursive filters began where they have to for
 * @first, others look no farther back than what went in. */
static bool
can_go_on (const CsmViewChain *self, int64_t first, int64_t ordinal)
{
  bool recursive = self->view.denoise > 0 || self->view.stabilise != 0;

  if (self->graph == NULL || self->ended || self->coming > ordinal)
    return false;
  return recursive ? self->begun == first : self->coming == ordinal;
}

static bool
fits (const CsmViewChain *self, const AVFrame *frame)
{
  return csm_view_find_fit (&self->view, frame->width, frame->height) == CSM_VIEW_FITS;
}

/* Frames of another kind between @self->next and @ordinal make the filters begin again there,
 * or behind them when the view does not fit them; behind @ordinal, they end what is put in. */
static gboolean
run (CsmViewChain *self,
     int64_t ordinal,
     int64_t last,
     CsmViewRead read,
     gpointer data,
     GError **error)
{
  for (int64_t n = self->next; n <= last && !has_it (self, ordinal); n++)
    {
      g_autoptr (AVFrame) frame = read (n, data, error);

      if (frame == NULL)
        return FALSE;
      if (self->graph == NULL || !is_alike (frame, self->like))
        {
          if (n > ordinal)
            break;
          stop (self);
          self->begun = self->next = self->coming = n;
          if (n < ordinal && !fits (self, frame))
            {
              self->next = self->coming = n + 1;
              continue;
            }
          if (!build (self, frame, error))
            return FALSE;
        }
      if (!put_in (self, frame, ordinal, error))
        return FALSE;
    }
  if (!has_it (self, ordinal) && !put_in (self, NULL, ordinal, error))
    return FALSE;
  if (has_it (self, ordinal))
    return TRUE;
  g_set_error_literal (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_DAMAGED,
                       "The filters of the view gave no picture.");
  return FALSE;
}

/* Where filters without memory stand does not matter. */
static void
prepare (CsmViewChain *self, int64_t first, int64_t ordinal)
{
  if (remembers (&self->view))
    {
      if (can_go_on (self, first, ordinal))
        return;
      stop (self);
    }
  self->next = self->coming = first;
}

static char *
dup_text (const CsmViewChain *self, int64_t first, int64_t last, int64_t ordinal)
{
  /* Filters that went on began earlier, those behind a change later. */
  int64_t from = MAX (first, self->begun);

  if (!remembers (&self->view))
    return g_strdup_printf ("trim=start_frame=%" G_GINT64_FORMAT ":end_frame=%" G_GINT64_FORMAT
                            ",%s",
                            ordinal, ordinal + 1, self->filters);
  return g_strdup_printf ("trim=start_frame=%" G_GINT64_FORMAT ":end_frame=%" G_GINT64_FORMAT
                          ",%s,trim=start_frame=%" G_GINT64_FORMAT
                          ":end_frame=%" G_GINT64_FORMAT,
                          from, last + 1, self->filters, ordinal - from, ordinal - from + 1);
}

AVFrame *
csm_view_chain_run (CsmViewChain *self,
                    const CsmView *view,
                    int max_width,
                    int max_height,
                    int64_t ordinal,
                    int64_t n_frames,
                    CsmViewRead read,
                    gpointer data,
                    char **ret_text,
                    GError **error)
{
  bool fit = csm_view_is_plain (view);
  int64_t first, last;
  AVFrame *frame;

  if (ordinal < 0 || ordinal >= n_frames)
    {
      g_set_error (error, CSM_MEDIA_ERROR, CSM_MEDIA_ERROR_NO_FRAME,
                   "The track has no frame %" G_GINT64_FORMAT ".", ordinal);
      return NULL;
    }
  max_width = fit ? max_width : 0;
  max_height = fit ? max_height : 0;
  csm_view_get_window (view, ordinal, n_frames, &first, &last);
  if (!csm_view_is_equal (view, &self->view) || max_width != self->max_width ||
      max_height != self->max_height)
    stop (self);
  self->view = *view;
  self->max_width = max_width;
  self->max_height = max_height;
  if (!has_it (self, ordinal))
    {
      prepare (self, first, ordinal);
      if (!run (self, ordinal, last, read, data, error))
        {
          stop (self);
          return NULL;
        }
    }
  frame = av_frame_clone (self->last);
  if (frame == NULL)
    (void) csm_media_fail_av (error, AVERROR (ENOMEM), "make the view"); /* NULL says it */
  else if (ret_text != NULL)
    *ret_text = dup_text (self, first, last, ordinal);
  return frame;
}
