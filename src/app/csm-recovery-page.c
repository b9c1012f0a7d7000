/* csm-recovery-page.c: shows the recovery code once, and has it typed again
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/csm-recovery-page.h"

#include "app/csm-qr-view.h"

#include <glib/gi18n.h>
#include <string.h>

struct _CsmRecoveryPage
{
  AdwBin parent_instance;

  /* Template children */
  GtkLabel *code;
  CsmQrView *qr;
  GtkEntry *again;
  GtkLabel *status;
  GtkButton *finish;

  /* Owned */
  CsmSecret *secret;
};

G_DEFINE_FINAL_TYPE (CsmRecoveryPage, csm_recovery_page, ADW_TYPE_BIN)

enum { DONE, N_SIGNALS };
static unsigned signals[N_SIGNALS];

static bool
is_code_letter (char c)
{
  return g_ascii_isalnum (c);
}

/* What was typed against the code, without regard to case, spaces and dashes. */
static bool
is_same_code (const char *typed, const char *code)
{
  for (;;)
    {
      while (*typed != '\0' && !is_code_letter (*typed))
        typed++;
      while (*code != '\0' && !is_code_letter (*code))
        code++;
      if (*typed == '\0' || *code == '\0')
        return *typed == *code;
      if (g_ascii_toupper (*typed++) != g_ascii_toupper (*code++))
        return false;
    }
}

static void
again_changed_cb (CsmRecoveryPage *self)
{
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (self->again));
  bool same = self->secret != NULL &&
              is_same_code (typed, (const char *) csm_secret_peek (self->secret));

  gtk_widget_set_sensitive (GTK_WIDGET (self->finish), same);
  gtk_label_set_text (self->status, same               ? _ ("That is the code.")
                                    : typed[0] == '\0' ? ""
                                                       : _ ("Not the code yet."));
}

bool
csm_recovery_page_forget (CsmRecoveryPage *self)
{
  bool shown = self->secret != NULL;

  g_clear_pointer (&self->secret, csm_secret_unref);
  gtk_label_set_text (self->code, "");
  csm_qr_view_set_text (self->qr, NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->again), "");
  return shown;
}

static void
end (CsmRecoveryPage *self)
{
  (void) csm_recovery_page_forget (self); /* it was shown: that is what ends */
  g_signal_emit (self, signals[DONE], 0);
}

static void
finish_cb (CsmRecoveryPage *self)
{
  if (gtk_widget_get_sensitive (GTK_WIDGET (self->finish)))
    end (self);
}

static void
decline_response_cb (CsmRecoveryPage *self, const char *response)
{
  if (g_str_equal (response, "decline") && self->secret != NULL)
    end (self);
}

static void
decline_cb (CsmRecoveryPage *self)
{
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), _ ("Go On Without the Code?"),
      _ ("Without a passphrase and without this code nobody can open the case, the makers of "
         "Casement included. The code is shown only now."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "back", _ ("_Back"), "decline",
                                    _ ("_Go On Without"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "decline",
                                              ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (decline_response_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
csm_recovery_page_show (CsmRecoveryPage *self, CsmSecret *code)
{
  g_clear_pointer (&self->secret, csm_secret_unref);
  self->secret = csm_secret_ref (code);
  gtk_label_set_text (self->code, (const char *) csm_secret_peek (code));
  csm_qr_view_set_text (self->qr, code);
  gtk_editable_set_text (GTK_EDITABLE (self->again), "");
  again_changed_cb (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->again));
}

static void
csm_recovery_page_dispose (GObject *object)
{
  CsmRecoveryPage *self = CSM_RECOVERY_PAGE (object);

  g_clear_pointer (&self->secret, csm_secret_unref);
  /* The bin must let go of its child before the template does. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), CSM_TYPE_RECOVERY_PAGE);

  G_OBJECT_CLASS (csm_recovery_page_parent_class)->dispose (object);
}

static void
csm_recovery_page_class_init (CsmRecoveryPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = csm_recovery_page_dispose;
  signals[DONE] = g_signal_new ("done", CSM_TYPE_RECOVERY_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (CSM_TYPE_QR_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/casement/Casement/csm-recovery-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CsmRecoveryPage, code);
  gtk_widget_class_bind_template_child (widget_class, CsmRecoveryPage, qr);
  gtk_widget_class_bind_template_child (widget_class, CsmRecoveryPage, again);
  gtk_widget_class_bind_template_child (widget_class, CsmRecoveryPage, status);
  gtk_widget_class_bind_template_child (widget_class, CsmRecoveryPage, finish);
  gtk_widget_class_bind_template_callback (widget_class, again_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, finish_cb);
  gtk_widget_class_bind_template_callback (widget_class, decline_cb);
}

static void
csm_recovery_page_init (CsmRecoveryPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
