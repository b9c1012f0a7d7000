/* csm-code-lanes.c: which group and colour a code has on the screen
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-code-lanes.h"

#include <glib/gi18n.h>

struct _CsmCodeLanes
{
  GObject parent_instance;

  /* Owned */
  GHashTable *lanes; /* code's id to lane + 1 */
  GPtrArray *labels; /* by lane */
};

G_DEFINE_FINAL_TYPE (CsmCodeLanes, csm_code_lanes, G_TYPE_OBJECT)

/* From the GNOME palette, told apart also by people who see fewer colours. */
static const GdkRGBA palette[] = {
  { 0.96, 0.76, 0.07, 1 }, /* yellow */
  { 0.38, 0.63, 0.92, 1 }, /* blue */
  { 0.93, 0.42, 0.35, 1 }, /* red */
  { 0.34, 0.80, 0.55, 1 }, /* green */
  { 0.75, 0.50, 0.85, 1 }, /* purple */
  { 1.00, 0.64, 0.35, 1 }, /* orange */
  { 0.55, 0.85, 0.88, 1 }, /* cyan */
  { 0.80, 0.67, 0.56, 1 }, /* brown */
};
static const GdkRGBA no_code_color = { 0.72, 0.72, 0.75, 1 };

/* Parents stand before their children: the list is in tree order. */
static void
codes_changed_cb (CsmCodeLanes *self,
                  guint position,
                  guint removed,
                  guint added,
                  GListModel *codes)
{
  unsigned n = g_list_model_get_n_items (codes);

  g_hash_table_remove_all (self->lanes);
  g_ptr_array_set_size (self->labels, 0);
  for (unsigned i = 0; i < n; i++)
    {
      g_autoptr (CsmCodeItem) item = g_list_model_get_item (codes, i);
      const CsmCode *code = csm_code_item_get_record (item);
      gpointer lane =
          code->parent != NULL ? g_hash_table_lookup (self->lanes, code->parent) : NULL;

      if (lane == NULL)
        {
          g_ptr_array_add (self->labels, g_strdup (code->label));
          lane = GINT_TO_POINTER (self->labels->len);
        }
      g_hash_table_insert (self->lanes, g_strdup (code->id), lane);
    }
  g_signal_emit_by_name (self, "changed");
}

static void
csm_code_lanes_finalize (GObject *object)
{
  CsmCodeLanes *self = CSM_CODE_LANES (object);

  g_hash_table_unref (self->lanes);
  g_ptr_array_unref (self->labels);
  G_OBJECT_CLASS (csm_code_lanes_parent_class)->finalize (object);
}

static void
csm_code_lanes_class_init (CsmCodeLanesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = csm_code_lanes_finalize;
  g_signal_new ("changed", CSM_TYPE_CODE_LANES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
}

static void
csm_code_lanes_init (CsmCodeLanes *self)
{
  self->lanes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->labels = g_ptr_array_new_with_free_func (g_free);
}

CsmCodeLanes *
csm_code_lanes_new (CsmSession *session)
{
  CsmCodeLanes *self = g_object_new (CSM_TYPE_CODE_LANES, NULL);
  GListModel *codes = csm_session_get_codes (session);

  g_signal_connect_object (codes, "items-changed", G_CALLBACK (codes_changed_cb), self,
                           G_CONNECT_SWAPPED);
  codes_changed_cb (self, 0, 0, 0, codes);
  return self;
}

int
csm_code_lanes_get_lane (CsmCodeLanes *self, const char *code)
{
  if (code == NULL)
    return -1;
  return GPOINTER_TO_INT (g_hash_table_lookup (self->lanes, code)) - 1;
}

const char *
csm_code_lanes_get_label (CsmCodeLanes *self, int lane)
{
  if (lane < 0 || (unsigned) lane >= self->labels->len)
    return _ ("No code");
  return g_ptr_array_index (self->labels, lane);
}

void
csm_code_lanes_get_lane_color (CsmCodeLanes *self, int lane, GdkRGBA *ret_color)
{
  *ret_color = lane < 0 ? no_code_color : palette[lane % G_N_ELEMENTS (palette)];
}

void
csm_code_lanes_get_color (CsmCodeLanes *self, const char *code, GdkRGBA *ret_color)
{
  csm_code_lanes_get_lane_color (self, csm_code_lanes_get_lane (self, code), ret_color);
}
