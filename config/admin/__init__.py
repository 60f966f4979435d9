"""The back office for staff: every model with a list to look through. What people do goes through the actions, so what
an action decides (states, counters, tokens, events) is shown here and not changed."""

from django.contrib import admin

from config.admin import files, things
from config.back_office import LogIn

__all__ = ["files", "things"]

admin.site.site_header = admin.site.site_title = "Acequia"
admin.site.index_title = "Back office"
admin.site.login_form = LogIn
admin.site.login_template = "back_office/log_in.html"
