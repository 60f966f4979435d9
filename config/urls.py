from django.contrib import admin
from django.urls import include, path

from config.health import healthz, readyz
from config.security import security_txt

urlpatterns = [
    path("", include("config.oauth.urls")),
    path(".well-known/security.txt", security_txt),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("readyz", readyz),
]
